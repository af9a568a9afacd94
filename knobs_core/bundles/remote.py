"""Bundles by address, such as ``s3://bucket/folder``: fetched once to this machine, and read there like any other.

    CACHE/bundles/NAME-HASH/       of one address; CACHE is KNOBS_CACHE, else the user's cache folder
        ID-HASH                    a bundle by its id; the hash is of what its owner may add to it, a map and names
        .ID-HASH.partial-TOKEN     one that is being fetched
        .ID-HASH.read-TOKEN        locked by a process that reads it, for as long as that process runs
        .lock                      locked by whoever fetches; all others wait, and find what it fetched

The manifest is read first. Where the bundle of its id lies here as the manifest proves it, nothing else is read; else
all files are fetched, proved by the manifest, and take their place at once. So what lies here is whole, as on any disk,
and whatever ends a fetch leaves nothing: what a killed process has left is removed by the next one.

fsspec knows the stores; it comes in only where there is an address.
"""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from knobs_core.base import (
    BundleError,
    ConfigError,
    FileRecord,
    KnobsError,
    MissingExtraError,
    Progress,
    ProgressCallback,
    Stage,
    cache_home,
    proof,
    read_once,
    reason,
    silent,
    slug,
    storing,
    to_disk,
    undisturbed,
)
from knobs_core.base.places import LOOK, MANIFEST, TOKEN, discard, partial, take_place
from knobs_core.bundles.contents import check_claims
from knobs_core.bundles.manifest import LARGEST, Manifest, manifest_of, parsed
from knobs_core.bundles.names import NAMES
from knobs_core.bundles.open_names import OPEN_NAMES
from knobs_core.bundles.projection import MAP

KEPT = 3  # bundles of one address that stay here, beside those that are being read
BLOCK = 2**20  # bytes that are fetched at once
ADDED = (MAP, NAMES, OPEN_NAMES)
NO_FOLDERS = ("http", "https")  # schemes of what has files, and no list of them
FETCHING = "Fetching the bundle"
ELSEWHERE = Progress(FETCHING, 0, 1, "another process fetches it")
AGAIN = "copy the whole bundle there again"

_reading: dict[Path, FileLock] = {}  # what this process may read until it ends


def fetch(address: str, listen: ProgressCallback = silent) -> Path:
    """The folder of this machine with the bundle of an address. It stays there as long as this process runs.

    Raises:
        ConfigError: a scheme that is not known, or a package that it needs is not installed.
        BundleError: nothing there, nothing that can be read, or files that are not as they were written.
        StorageError: the cache cannot be written.
    """
    store = _Store(address)
    there = store.files()
    written = store.manifest(there)
    manifest = _manifest(written, store.name)
    added = {name: there[name] for name in ADDED if name in there}
    check_claims(manifest, store.name, AGAIN, sum(int(facts["size"]) for facts in added.values()))
    folder = cache_home() / "bundles" / f"{slug(store.name)[:40]}-{_short(address.rstrip('/'))}"
    place = folder / f"{manifest.id}-{_short(json.dumps(added, sort_keys=True, default=str))}"
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder, listen):
            _sweep(folder)
            if not _is_whole(place, manifest, written):
                _bring(store, there, manifest, written, place, listen)
            _read_from(place)
            _let_go(folder)
    return place


class _Store:
    """What lies at an address. name: the address as messages repeat it, without anybody's password."""

    def __init__(self, address: str):
        self.name = re.sub("//[^/@]*@", "//", address.rstrip("/"))
        self._scheme = address.partition("://")[0]
        self._system, self._root = self._opened(address)

    def _opened(self, address: str) -> tuple[Any, str]:
        from fsspec.core import get_filesystem_class, url_to_fs

        expected = "the address of a folder in a store, such as s3://bucket/folder"
        if self._scheme in NO_FOLDERS:
            raise ConfigError(
                expected, f"one of {self._scheme}, which lists no files", "fetch the bundle and name its folder"
            )
        try:
            get_filesystem_class(self._scheme)
        except ValueError:
            raise ConfigError(expected, f"{self._scheme}://, which fsspec does not know", "check the address") from None
        except ImportError as error:
            package = (getattr(error.__cause__, "name", None) or self._scheme).partition(".")[0]
            raise MissingExtraError(
                f"the package '{package}' for bundles at {self._scheme}://",
                "that it is not installed",
                f"install it with: pip install {package}",
            ) from None
        with self._asking():
            system, root = url_to_fs(address)
        return system, str(root).rstrip("/")

    def files(self) -> dict[str, Mapping[str, Any]]:
        """{name: what the store says of it} of the files there."""
        with self._asking():
            self._system.invalidate_cache()
            try:
                listed = self._system.ls(self._root, detail=True)
            except FileNotFoundError:
                listed = []
            found = {str(facts["name"]).rpartition("/")[2]: facts for facts in listed if facts["type"] == "file"}
        if MANIFEST not in found:
            raise BundleError(f"a bundle folder with a {MANIFEST}", f"none at {self.name}", "check the address")
        return found

    def manifest(self, there: Mapping[str, Mapping[str, Any]]) -> bytes:
        """What is written in the manifest."""
        size = int(there[MANIFEST]["size"])
        if size > LARGEST:
            raise BundleError(f"a readable {MANIFEST} in {self.name}", f"one of {size:,} bytes", AGAIN)
        with self._asking():
            return bytes(self._system.cat_file(f"{self._root}/{MANIFEST}"))

    def blocks(self, name: str, size: int) -> Iterator[bytes]:
        """The content of a file of that size."""
        left = size
        with self._asking(), self._system.open(f"{self._root}/{name}", "rb") as file:
            while block := file.read(BLOCK):
                left -= len(block)
                if left < 0:
                    raise ValueError("a file that grows")
                yield block

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Whatever a store's library says becomes one BundleError."""
        try:
            yield
        except KnobsError:
            raise
        except Exception as error:
            raise BundleError(
                f"a bundle that can be read at {self.name}",
                f"none ({reason(error)})",
                "check the address, and what you are allowed there",
            ) from error


def _manifest(written: bytes, place: str) -> Manifest:
    try:
        document = parsed(written)
    except Exception as error:
        raise BundleError(f"a readable {MANIFEST} in {place}", "a damaged one", AGAIN) from error
    return manifest_of(document, place, lambda _: AGAIN)


@contextmanager
def _alone(folder: Path, listen: ProgressCallback) -> Iterator[None]:
    """Be the only one who fetches from an address."""
    lock = FileLock(folder / ".lock", thread_local=False)
    while not lock.is_locked:
        try:
            lock.acquire(timeout=LOOK)
        except Timeout:
            listen(ELSEWHERE)
    try:
        yield
    finally:
        lock.release()


def _bring(
    store: _Store,
    there: Mapping[str, Mapping[str, Any]],
    manifest: Manifest,
    written: bytes,
    place: Path,
    listen: ProgressCallback,
) -> None:
    """Fetch a bundle and let it take its place; what lay there was damaged."""
    sizes = {name: int(there[name]["size"]) for name in (*manifest.files, *ADDED) if name in there}
    for name, record in manifest.files.items():  # before anything is fetched
        if sizes.get(name) != record.bytes:
            found = f"{sizes[name]:,} bytes" if name in sizes else "no such file"
            raise BundleError(f"{store.name}/{name} with {record}", found, AGAIN)
    tell, done, total, new = Stage(FETCHING, listen), 0, sum(sizes.values()), partial(place)
    try:
        new.mkdir()
        for name, size in sizes.items():
            tell(_megabytes(done), _megabytes(total), "MB")
            _copy(store, name, size, new / name, manifest.files.get(name))
            done += size
        tell(_megabytes(total), _megabytes(total), "MB")
        (new / MANIFEST).write_bytes(written)
        to_disk(new / MANIFEST)
        with undisturbed():
            take_place(new, place)
    finally:
        with undisturbed():
            discard(new)


def _copy(store: _Store, name: str, size: int, to: Path, record: FileRecord | None) -> None:
    """Write a file of a store to this machine's disk. record: its proof; None where it holds its own."""
    expected, hashed, n_bytes = f"{store.name}/{name} with {record or f'{size:,} bytes'}", hashlib.sha256(), 0
    with to.open("wb") as file:
        for block in store.blocks(name, size):
            file.write(block)
            hashed.update(block)
            n_bytes += len(block)
    found = FileRecord(bytes=n_bytes, sha256=hashed.hexdigest())
    if n_bytes != size or (record and found != record):
        raise BundleError(expected, str(found), AGAIN)
    to_disk(to)


def _is_whole(place: Path, manifest: Manifest, written: bytes) -> bool:
    """Whether a bundle lies there as its manifest proves it."""
    try:
        return read_once(place / MANIFEST, LARGEST) == written and all(
            proof(read_once(place / name, record.bytes)) == record for name, record in manifest.files.items()
        )
    except (OSError, ValueError):
        return False


def _read_from(place: Path) -> None:
    """Keep others from removing a bundle as long as this process runs."""
    os.utime(place)  # the one that was wanted last
    if place not in _reading:
        mark = FileLock(place.with_name(f".{place.name}.read-{secrets.token_hex(4)}"), thread_local=False, timeout=0)
        mark.acquire()
        _reading[place] = mark


def _sweep(folder: Path) -> None:
    """Remove what killed processes have left."""
    for left in folder.glob(f".*.partial-{TOKEN}"):
        discard(left)


def _let_go(folder: Path) -> None:
    """Remove the bundles of an address that were wanted longest ago, but for those that somebody reads."""
    read = set()
    for mark in folder.glob(f".*.read-{TOKEN}"):
        lock = FileLock(mark, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            read.add(mark.name.removeprefix(".").rpartition(".read-")[0])
        else:  # its process has ended
            lock.release()
            mark.unlink(missing_ok=True)
    here = [one for one in folder.iterdir() if not one.name.startswith(".")]
    for old in sorted(here, key=lambda one: one.stat().st_mtime, reverse=True)[KEPT:]:
        if old.name not in read:
            discard(old)


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _megabytes(n_bytes: int) -> int:
    return -(-n_bytes // 2**20)
