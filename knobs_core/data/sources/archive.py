"""Where the files of a data set lie: in a folder, in an archive, or packed one by one. Nothing is unpacked to disk.

--data PATH   a folder, a .zip, or a .tar (.gz, .bz2, .xz), with the files in it or in a folder inside
NAME.gz       .gz, .bz2 and .xz stand for NAME; so does NAME.zip in a folder, where NAME is all that it holds
"""

import bz2
import gzip
import hashlib
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from knobs_core.base import DataError, shown
from knobs_core.data.sources.limits import MEMBERS, Listed, Metered, check_size, open_regular, reading

DEPTH = 3  # folders inside each other that are looked into
UNFOLD: dict[str, Callable[[IO[bytes]], IO[bytes]]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}  # type: ignore[dict-item]
MAGIC = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\xfd7zXZ": ".xz"}


class File(NamedTuple):
    """A file of a data set.

    name: as it is; open: a context with its bytes; packed: bytes that it takes up, None where it is not packed;
    claimed: bytes that it says it holds, None where it does not say; path: where it lies as it is, None in an archive;
    piece: bytes to read at a time
    """

    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    packed: int | None = None
    claimed: int | None = None
    path: Path | None = None
    piece: int = 1 << 20

    @contextmanager
    def metered(self, text: bool = False, held: bool = True) -> Iterator[Metered]:
        """Its bytes, as many as it may hold; whatever goes wrong while they are read becomes one DataError.

        held: whether memory holds what is read, so that there is as much of it as memory allows at most
        """
        with reading(self.name):
            if self.claimed is not None and held:
                check_size(self.name, self.claimed, self.packed)
            with self.open() as stream:
                yield Metered(stream, self.name, self.packed, text, self.piece, held)

    def digest(self) -> str:
        """SHA-256 of its content."""
        digest = hashlib.sha256()
        with self.metered(held=False) as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()


def files_of(path: Path, wanted: Callable[[str], bool] | None = None) -> dict[PurePosixPath, File]:
    """The files in a folder or an archive, by their place in it.

    Args:
        wanted: which names are looked for in a folder, and not in those inside it; by default all, in all of them.

    Raises:
        DataError: there is nothing there, it is neither, or its names lead outside.
    """
    if not path.exists():
        raise DataError("a data folder or archive (.zip, .tar.gz)", f"nothing at {path}", "check the path")
    with reading(str(path), "fetch it again from its publisher"):
        files = _in_folder(path, wanted) if path.is_dir() else _in_archive(path)
        return _unfolded(files)


def _in_folder(root: Path, wanted: Callable[[str], bool] | None) -> dict[PurePosixPath, File]:
    files: dict[PurePosixPath, File] = {}
    folders, depth = [root], 1 if wanted else DEPTH
    while folders and len(files) < MEMBERS:
        folder = folders.pop(0)
        for entry in sorted(folder.iterdir()):
            place = PurePosixPath(entry.relative_to(root).as_posix())
            if not _visible(place) or len(files) >= MEMBERS or (wanted and not wanted(place.name)):
                continue
            if entry.is_dir():
                folders += [entry] if len(place.parts) < depth and not entry.is_symlink() else []
            else:  # what is no regular file is refused when it is opened
                size = entry.stat().st_size if entry.is_file() else None
                files[place] = File(place.name, partial(open_regular, entry, root), claimed=size, path=entry)
    return files


def _in_archive(path: Path) -> dict[PurePosixPath, File]:
    open_regular(path).close()
    members = _zipped(path) if zipfile.is_zipfile(path) else _tarred(path)
    files = {}
    for name, file in members:
        place = PurePosixPath(name.replace("\\", "/"))  # as some programs of Windows write it
        if place.is_absolute() or ".." in place.parts:
            raise DataError(
                f"names inside the archive {path}",
                f"'{shown(name)}', which leads out of it",
                "do not trust this archive",
            )
        if _visible(place):
            files[place] = file
    return files


def _zipped(path: Path) -> list[tuple[str, File]]:
    with Listed(path) as listed, zipfile.ZipFile(listed) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    _check_count(path, len(entries))
    return [(entry.filename, _zip_member(path, entry)) for entry in entries]


def _zip_member(path: Path, entry: zipfile.ZipInfo) -> File:
    by_hand = entry.compress_type in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)  # zipfile unfolds all of a piece at once
    return File(
        PurePosixPath(entry.filename.replace("\\", "/")).name,
        partial(_open_zipped, path, entry),
        None if entry.compress_type == zipfile.ZIP_STORED else entry.compress_size,
        entry.file_size,
        piece=4096 if by_hand else 1 << 16,
    )


@contextmanager
def _open_zipped(path: Path, entry: zipfile.ZipInfo) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(entry) as stream:
        yield stream


def _tarred(path: Path) -> list[tuple[str, File]]:
    found: list[tuple[str, File]] = []
    with _tape(path) as stream:
        try:
            archive = tarfile.TarFile.open(fileobj=stream, mode="r|", bufsize=tarfile.BLOCKSIZE)
        except tarfile.ReadError:
            raise DataError(
                "a data folder or archive (.zip, .tar.gz)",
                f"a file that is neither: {path}",
                "pass the folder or archive that holds it",
            ) from None
        packed = path.stat().st_size if stream.packed is not None else None
        for at, entry in enumerate(archive):
            _check_count(path, at)
            if entry.isfile():
                check_size(entry.name, entry.size, packed)
                file = File(
                    PurePosixPath(entry.name).name, partial(_open_tarred, path, at), packed, entry.size, piece=1 << 16
                )
                found.append((entry.name, file))
        # A damaged header looks like the end to tarfile; but after the end there are only zeros.
        while rest := stream.read(1 << 20):
            if rest.strip(b"\0"):
                raise tarfile.ReadError("damage between two of its files")
    return found


@contextmanager
def _tape(path: Path) -> Iterator[Metered]:
    """The bytes of a tar archive, unfolded where it is packed."""
    with open_regular(path) as raw:
        start = raw.read(6)
        raw.seek(0)
        ending = next((ending for magic, ending in MAGIC.items() if start.startswith(magic)), None)
        size = path.stat().st_size
        yield Metered(UNFOLD[ending](raw) if ending else raw, path.name, size if ending else None, piece=1 << 16)


@contextmanager
def _open_tarred(path: Path, at: int) -> Iterator[IO[bytes]]:
    with _tape(path) as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        entry = next(entry for number, entry in enumerate(archive) if number == at)
        content = archive.extractfile(entry)
        assert content is not None, "only regular files are listed"
        with content:
            yield content


def _unfolded(files: dict[PurePosixPath, File]) -> dict[PurePosixPath, File]:
    """The same files, with those that are packed one by one under the names that they stand for."""
    unfolded = dict(files)
    for place, file in files.items():
        inner = place.with_suffix("")
        if inner in files or (not inner.suffix and place.suffix in UNFOLD):
            continue
        if place.suffix in UNFOLD:
            packed = file.claimed or 0
            unfolded[inner] = File(inner.name, partial(_open_folded, file, place.suffix), packed, piece=1 << 16)
        elif place.suffix == ".zip" and file.path is not None and file.claimed and zipfile.is_zipfile(file.path):
            members = _zipped(file.path)
            if [name for name, _ in members] == [inner.name]:
                unfolded[inner] = members[0][1]
    return unfolded


@contextmanager
def _open_folded(file: File, ending: str) -> Iterator[IO[bytes]]:
    with file.metered() as stream, UNFOLD[ending](stream) as content:  # type: ignore[arg-type]
        yield content


def _check_count(path: Path, count: int) -> None:
    if count > MEMBERS:
        raise DataError(
            f"at most {MEMBERS:,} files in {shown(str(path))}", "more", "pack the files of the data set alone"
        )


def _visible(place: PurePosixPath) -> bool:
    return not any(part.startswith((".", "__MACOSX")) for part in place.parts)
