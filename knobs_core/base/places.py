"""What lies beside a bundle, so that a run that is killed at any moment leaves the old bundle or the new one.

Data that ``knobs prepare`` writes are a folder with a manifest as well, and follow the same rules.

    .NAME.lock             held by whoever writes
    .NAME.partial-TOKEN    a bundle that is being written; its manifest comes last
    .NAME.old-TOKEN        the old bundle, for a moment, where the system cannot exchange two names in one step
    .NAME.version-TIME     an earlier bundle that was to be kept, by the time (UTC) at which it was replaced
    .NAME.training         how far the training for this place is, a line a stage; its .lock is held by whoever trains

Whoever writes holds the lock all the time, so what is found under it belongs to runs that were killed. The system lets
go of the locks of a process that ends, however it ends. The manifest comes last when a bundle is written and goes first
when it is removed: a folder without one is none.
"""

import glob
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from knobs_core.base.errors import StorageError
from knobs_core.base.progress import Progress, ProgressCallback
from knobs_core.base.storage import exchange, is_address, storing, to_disk, undisturbed

MANIFEST = "manifest.json"
WAIT = 60  # seconds for somebody else who writes
LOOK = 0.3  # seconds between two looks at how far somebody else's training is
ELSEWHERE = Progress("Waiting for another training", 0, 1, "another process trains for the same place")
TOKEN, TIME = "[0-9a-f]" * 8, "[0-9]" * 8 + "T" + "[0-9]" * 12  # as patterns of names


def place(path: str | Path) -> Path:
    """Where a bundle lies or is to lie, links followed.

    Raises:
        StorageError: nothing can lie there.
    """
    if is_address(path):
        raise StorageError("a folder of this machine", f"the address {path}", "write to a folder and copy that there")
    try:
        with storing(Path(path)):
            found = Path(path).resolve()
            circle = found.is_symlink()
    except RuntimeError:  # what Python 3.12 and before say of a circle
        circle = True
    except ValueError as error:
        raise StorageError("a folder for a bundle", f"{str(path)!r} ({error})", "choose another place") from None
    if circle:
        raise StorageError("a folder for a bundle", f"links in a circle at {path}", "choose another place")
    if found == found.parent:
        raise StorageError("a folder for a bundle", f"{found}", "choose one inside it")
    return found


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Hold the lock of a bundle's place, after what killed runs left there has been put right.

    Raises:
        StorageError: nothing can be written there, or another process writes for long.
    """
    from filelock import FileLock, Timeout  # it loads asyncio, which who only reads can do without

    with storing(path):
        lock = FileLock(path.with_name(f".{path.name}.lock"))
        try:
            lock.acquire(timeout=WAIT)
        except Timeout:
            raise StorageError(f"to write to {path}", "another process that does", "wait for it") from None
        try:
            _tidy(path)
            try:
                yield
            finally:
                with undisturbed():
                    _tidy(path)
        finally:
            lock.release()


@contextmanager
def training(path: Path, listen: ProgressCallback) -> Iterator[ProgressCallback]:
    """Be the only one who trains for a bundle's place; where another process does, first wait for it and tell how far
    it is.

    Yields:
        what is to be told of the training; it tells ``listen``, and whoever waits.

    Raises:
        StorageError: nothing can be written there.
    """
    from filelock import FileLock, Timeout

    told, stages = path.with_name(f".{path.name}.training"), dict[str, Progress]()
    lock = FileLock(told.with_name(f"{told.name}.lock"))

    def tell(step: Progress) -> None:
        stages[step.stage] = step
        with suppress(OSError):  # nobody has to hear of it
            told.write_text("\n".join(one.line() for one in stages.values()), encoding="utf-8")
        listen(step)

    with storing(path):
        while not lock.is_locked:
            try:
                lock.acquire(timeout=LOOK)
            except Timeout:
                _listen_in(told, stages, listen)
    stages.clear()
    try:
        yield tell
    finally:
        for file in (told, Path(lock.lock_file)):  # before the lock is let go: whoever comes then makes another file
            file.unlink(missing_ok=True)
        lock.release()


def _listen_in(told: Path, stages: dict[str, Progress], listen: ProgressCallback) -> None:
    """Pass on what is new of somebody else's training. stages: what was passed on before."""
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    for step in (ELSEWHERE, *filter(None, map(Progress.of_line, lines))):
        if stages.get(step.stage) != step:
            stages[step.stage] = step
            listen(step)


def put_back(path: Path) -> None:
    """Where a killed run left a bundle under another name, give it its own again; else nothing happens."""
    path = path.resolve()
    if not path.exists() and _left(path):
        with suppress(StorageError), writing(path):
            pass


def partial(path: Path) -> Path:
    """Where a bundle is to be written before it takes its place."""
    return path.with_name(f".{path.name}.partial-{secrets.token_hex(4)}")


def next_version(path: Path) -> Path:
    """Where the bundle that lies at ``path`` is to be kept once it is replaced."""
    return path.with_name(f".{path.name}.version-{datetime.now(UTC):%Y%m%dT%H%M%S%f}")


def kept(path: Path) -> list[Path]:
    """The versions that were kept of a bundle, the last first."""
    return sorted(filter(_whole, _siblings(path, "version", TIME)), reverse=True)


def version_of(kept: Path) -> str:
    """The name of a version among those of its bundle: the time at which it was replaced."""
    return kept.name.rpartition("-")[2]


def discard(folder: Path) -> None:
    """Remove a bundle, or what a run has left of one."""
    with suppress(OSError):
        (folder / MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def take_place(new: Path, path: Path) -> None:
    """Let a bundle take its place; what lay there lies where the new one was."""
    if not path.exists():
        new.rename(path)
    elif not exchange(new, path):
        old = path.with_name(f".{path.name}.old-{secrets.token_hex(4)}")
        path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            old.rename(path)
            raise
        old.rename(new)
    to_disk(path.parent)


def _left(path: Path) -> list[Path]:
    """Whole bundles that killed runs left: old ones, then those that were written for a place where nothing was."""
    return [file for role in ("old", "partial") for file in _siblings(path, role, TOKEN) if _whole(file)]


def _tidy(path: Path) -> None:
    """Give a bundle its own name again, and remove what is no part of one."""
    if not path.exists() and (left := _left(path)):
        left[0].rename(path)
        to_disk(path.parent)
    for role, pattern in (("partial", TOKEN), ("old", TOKEN), ("version", TIME)):
        for folder in _siblings(path, role, pattern):
            if role != "version" or not _whole(folder):
                discard(folder)
    for file in path.glob(f".*.partial-{TOKEN}"):  # of a map, or of names
        file.unlink(missing_ok=True)


def _whole(folder: Path) -> bool:
    return (folder / MANIFEST).is_file()


def _siblings(path: Path, role: str, pattern: str) -> list[Path]:
    return list(path.parent.glob(f".{glob.escape(path.name)}.{role}-{pattern}"))
