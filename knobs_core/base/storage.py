"""Where files lie, and writing them whole or not at all: first beside their place, then under their name."""

import ctypes
import errno
import os
import re
import secrets
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs

from knobs_core.base.errors import ConfigError, StorageError

LIMIT = "KNOBS_MAX_BYTES"


def home() -> Path:
    """Folder for bundles and downloaded data: KNOBS_HOME, else the platform's user data folder."""
    chosen = os.environ.get("KNOBS_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("knobs", appauthor=False))


def cache_home() -> Path:
    """Folder for what can be fetched again: KNOBS_CACHE, else the platform's user cache folder."""
    chosen = os.environ.get("KNOBS_CACHE")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_cache_dir("knobs", appauthor=False))


def is_address(place: str | Path) -> bool:
    """Whether a place is an address such as ``s3://bucket/folder``, or a path that was made of one, which has lost a
    slash."""
    return bool(re.match("[A-Za-z][A-Za-z0-9+.-]+:/" + "/" * isinstance(place, str), str(place)))


def resource(*parts: str) -> Path:
    """Path of a file that belongs to the app: ``app.py``, ``pages``, ``assets`` and Streamlit's settings.

    They lie at the top of a checkout, and in ``knobs_ui/bundled`` of an installed wheel.
    """
    packages = Path(__file__).parents[2]
    installed = packages / "knobs_ui" / "bundled"
    return (installed if installed.is_dir() else packages).joinpath(*parts)


def chosen_limit() -> int | None:
    """Bytes that files may hold as whoever runs this says in KNOBS_MAX_BYTES; None where it is not set.

    Raises:
        ConfigError: it is no number of bytes.
    """
    chosen = os.environ.get(LIMIT)
    if not chosen:
        return None
    if not re.fullmatch("[0-9]{1,18}", chosen):
        raise ConfigError(f"a number of bytes as {LIMIT}", f"'{chosen}'", "give one such as 8000000000")
    return int(chosen)


def read_once(file: Path, limit: int) -> bytes:
    """The bytes of a file, opened once. Neither links nor pipes or devices are followed.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no file, or has more than ``limit`` bytes; none of them has been read.
    """
    kind = file.lstat().st_mode
    if not stat.S_ISREG(kind):
        raise ValueError("a link" if stat.S_ISLNK(kind) else "something that is no file")
    # A link that takes the file's place by now is refused, and a pipe does not wait for somebody to write.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with open(file, "rb", opener=lambda name, _: os.open(name, flags)) as stream:
        size = os.fstat(stream.fileno()).st_size
        if size > limit:
            raise ValueError(f"{size:,} bytes")
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError("a file that grows")
    return data


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        StorageError: it cannot be written there.
    """
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to, which takes the place of ``path`` when the block ends well and vanishes when it does not.

    Raises:
        StorageError: it cannot be written there.
    """
    partial = path.with_name(f".{path.name}.partial-{secrets.token_hex(4)}")
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield partial
            to_disk(partial)
            partial.replace(path)
            to_disk(path.parent)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn what the system says against writing at ``path`` into a StorageError."""
    try:
        yield
    except PermissionError as error:
        raise StorageError(
            f"to be allowed to write at {path}", "permission denied", "choose another place, or let its owner allow it"
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StorageError(f"room to write at {path}", reason, "free some or choose another place") from error


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM, where it is answered like Ctrl-C, wait for the end of the block, which is short."""
    if threading.current_thread() is not threading.main_thread():  # signals interrupt the main thread alone
        yield
        return
    came, before = list[int](), {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        for one in filter(lambda one: callable(before[one]), before):
            signal.signal(one, lambda number, _: came.append(number))
        yield
    finally:
        for one, answer in before.items():
            signal.signal(one, answer)
        for number in came[:1]:
            signal.raise_signal(number)


def to_disk(path: Path) -> None:
    """Wait until the disk has a file, before a rename makes it visible, or the names in a folder, after one."""
    if path.is_dir() and os.name != "posix":
        return  # only there can a folder be opened
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def exchange(one: Path, other: Path) -> bool:
    """Let two files or folders change places in one step; False where the system cannot. Linux can on most disks.

    Raises:
        OSError: one of them is not there, or must not be renamed.
    """
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None) if sys.platform == "linux" else None
    if rename is None:
        return False
    rename.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    here, in_exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
    if rename(here, os.fsencode(one), here, os.fsencode(other), in_exchange) == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(one))
