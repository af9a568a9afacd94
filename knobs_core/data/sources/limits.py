"""What a file may hold, checked before memory is spent, and the one boundary around everything that reads files.

A file may hold KNOBS_MAX_BYTES bytes, unpacked. Where nobody sets this, it is half of the memory that is free, and what
is packed may unfold to 100 times its size (or to 64 MiB). Only regular files are read. What a file claims of itself is
checked first, and what it turns out to hold while it is read: claims can be wrong.
"""

import io
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

from knobs_core.base import LIMIT, DataError, KnobsError, chosen_limit, reason, shown

RATIO, SMALL = 100, 64 << 20
MEMBERS = 10_000  # files in a folder or an archive
COLUMNS = 10_000  # of a table
LINE = 1 << 20  # bytes of a header, and characters of a name
ROW = 16 << 20  # bytes of any line
COST = 64  # bytes of memory that a row takes while it is checked, however short it is


def allowed(packed: int | None = None) -> int:
    """Bytes that may be read of a file, which takes up ``packed`` bytes where it is packed.

    Raises:
        ConfigError: KNOBS_MAX_BYTES is no number of bytes.
    """
    chosen = chosen_limit()
    if chosen is not None:
        return chosen
    half = _free_memory() // 2
    return half if packed is None else min(half, max(SMALL, RATIO * packed))


def check_size(name: str, claimed: int, packed: int | None = None) -> None:
    """Refuse a file that says it holds more than it may."""
    if claimed > allowed(packed):
        refuse_size(name, f"{claimed:,}", packed)


def refuse_size(name: str, found: str, packed: int | None = None) -> NoReturn:
    """Say that a file holds ``found`` bytes, which is too much, and how to raise the limit."""
    packing = "" if packed is None else f" packed into {packed:,}"
    raise DataError(
        f"at most {allowed(packed):,} bytes in {shown(name)}",
        f"{found}{packing}",
        f"do not trust it, or raise the limit by setting {LIMIT}",
    )


class Metered(io.RawIOBase):
    """The bytes of a stream, up to what it may give.

    Args:
        stream: what is read, by ``piece`` bytes at a time: some decompressors unfold all that they are handed.
        name: of the file, for errors.
        packed: bytes that the file takes up, where it is packed.
        text: whether lines are counted, and refused where one never ends.
        held: whether memory holds what is read; else only KNOBS_MAX_BYTES limits it.

    lines: line ends so far, those of Unix or those of old Macs, whichever there are more of
    """

    def __init__(
        self,
        stream: IO[bytes],
        name: str,
        packed: int | None,
        text: bool = False,
        piece: int = 1 << 20,
        held: bool = True,
    ):
        self._stream, self._name, self.packed, self._text, self._piece = stream, name, packed, text, piece
        self._most = allowed(packed) if held else chosen_limit() or sys.maxsize
        self._given, self._line, self._ends = 0, 0, [0, 0]
        self.quoted = self.open_end = False  # whether a quote was seen, and whether the last line lacks its end

    @property
    def lines(self) -> int:
        return max(self._ends) + self.open_end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # typeshed names a private type
        data = self._stream.read(min(len(buffer), self._piece))
        self._given += len(data)
        if self._given > self._most:
            refuse_size(self._name, f"more than {self._most:,}", self.packed)
        if self._text and data:
            self._look_at(data)
        buffer[: len(data)] = data
        return len(data)

    def _look_at(self, data: bytes) -> None:
        ends = data.count(b"\n"), data.count(b"\r")
        self._ends = [before + now for before, now in zip(self._ends, ends, strict=True)]
        last = max(data.rfind(b"\n"), data.rfind(b"\r"))
        self._line = len(data) - last - 1 if last >= 0 else self._line + len(data)
        self.open_end = last != len(data) - 1
        self.quoted = self.quoted or b'"' in data
        if self.lines * COST > self._most:
            refuse_size(self._name, f"{self.lines:,} lines, of {COST} bytes of memory each,", self.packed)
        if self._line > ROW:
            raise DataError(
                f"lines of at most {ROW:,} bytes in {shown(self._name)}",
                "one that is longer",
                "check that it is the table",
            )


def content(stream: Metered) -> bytes:
    """All that a stream gives."""
    return io.BufferedReader(stream, 1 << 20).read()


class Listed(io.FileIO):
    """A file whose directory is read: one that says it is larger than 16 MiB is refused."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > ROW:
            raise DataError(
                f"at most {MEMBERS:,} files in {shown(str(self.name))}", "far more", "pack the files of the data alone"
            )
        return super().read(size)


def open_regular(path: Path, within: Path | None = None) -> IO[bytes]:
    """Open a file that is neither a device nor a pipe, and that no link leads to from ``within`` to outside.

    Raises:
        DataError: it is none such.
        OSError: it cannot be opened.
    """
    if within is not None and not path.resolve().is_relative_to(within.resolve()):
        raise DataError(
            f"a file at {shown(path.name)}", "a link that leads out of its folder", "put the file itself there"
        )
    # A pipe would wait for somebody who writes.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise DataError(f"a file at {shown(str(path))}", "a device, a pipe or a folder", "pass a file")
    return os.fdopen(number, "rb")


@contextmanager
def reading(what: str, remedy: str = "repair or re-export the file", kind: str = "a readable table") -> Iterator[None]:
    """The boundary: whatever goes wrong inside while ``what`` is read becomes one DataError.

    Each library has exceptions of its own for what it cannot read, so none are listed.
    """
    try:
        yield
    except KnobsError:
        raise
    except MemoryError as error:
        raise DataError(
            f"{shown(what)} to fit into memory", "more than that", "bring less data or use a larger machine"
        ) from error
    except Exception as error:
        raise DataError(f"{kind} in {shown(what)}", reason(error), remedy) from error


def _free_memory() -> int:
    """Bytes that can be had without swapping, and no more than our group of processes may have."""
    free = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")] if hasattr(os, "sysconf") else [8 << 30]
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text())
        free += [int(found[1]) << 10] if found else []
        free.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    except (OSError, ValueError):
        pass  # not Linux, no group, or one without a limit, which reads "max"
    return max(0, min(free))
