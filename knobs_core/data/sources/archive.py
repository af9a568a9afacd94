"""Files of a data set, in a folder or in an archive. Archives are read in place, never unpacked.

Two ways to read a table: ``table`` for what Arrow can parse (fast, a character as separator), and ``rows`` for the
small files of old releases (any separator, Latin-1 where the text is not UTF-8). Ids and tags come as strings in
dictionaries: "007" is not 7, and 25 million of them fit in memory.
"""

import csv
import hashlib
import sqlite3
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from knobs_core.base import DataError
from knobs_core.data.interactions import require_columns

IDS = ("user_id", "item_id", "tag", "tag_id")  # few different values in many rows
TYPES = dict.fromkeys(IDS, pa.dictionary(pa.int32(), pa.string())) | dict.fromkeys(
    ("title", "genres", "image_url"), pa.string()
)
Place = Path | Callable[[], AbstractContextManager[IO[bytes]]]  # a file on disk, or how to open one in an archive
BLOCK = 16 << 20  # bytes a thread parses at a time; each block has dictionaries of its own, so few large ones
DAMAGE = (ValueError, OSError, EOFError, RuntimeError, zipfile.BadZipFile, tarfile.TarError, zlib.error, sqlite3.Error)
"""What damaged files raise: Arrow's and encoding errors are ValueErrors, an encrypted zip is a RuntimeError."""


class Folder:
    """The files of a data set by name.

    Args:
        path: a folder or an archive (.zip, .tar.gz); in either, one wrapping folder is looked through. A zip of a
            single file that lies in a folder, as some publishers ship large tables, stands for that file.

    Raises:
        DataError: there is nothing there, or it is not a folder or a readable archive, or its names lead outside.
    """

    def __init__(self, path: Path):
        self.path = path
        if not path.exists():
            raise DataError("a data folder or archive (.zip, .tar.gz)", f"nothing at {path}", "check the path")
        try:
            self._files = _in_folder(path) if path.is_dir() else _in_archive(path)
        except DAMAGE as error:
            raise DataError(
                f"a readable archive at {path}", _reason(error), "fetch it again from its publisher"
            ) from error
        self.names = frozenset(self._files)
        self._used: set[str] = set()

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """The bytes of a file; what goes wrong while they are read becomes one DataError."""
        self._used.add(name)
        try:
            with _stream(self._files[name]) as stream:
                yield stream
        except DAMAGE as error:
            raise DataError(f"a readable table in {name}", _reason(error), "repair or re-export the file") from error

    def header(self, name: str, separator: str = ",") -> list[str]:
        """Column names of a Parquet file, or in the first line of a text."""
        with self.open(name) as stream:
            if name.endswith(".parquet"):
                return pa.parquet.read_schema(pa.BufferReader(stream.read())).names
            line = stream.readline().decode("utf-8-sig").rstrip("\r\n")
        if not line:
            raise DataError(f"a table in {name}", "an empty file", "check the export that wrote it")
        return next(csv.reader([line], delimiter=separator))

    def table(
        self,
        name: str,
        columns: Mapping[str, str],
        separator: str = ",",
        header: list[str] | None = None,
        quoted: bool = True,
    ) -> pd.DataFrame:
        """Read columns of a Parquet file or of a table of UTF-8 text.

        Args:
            columns: {name in the file: our name}.
            separator: one character.
            header: names of all columns of a file that does not begin with them.
            quoted: whether a field in double quotes may hold separators and line ends.
        """
        names = header or self.header(name, separator)
        require_columns(names, tuple(columns), name)
        with self.open(name) as stream:
            if name.endswith(".parquet"):
                source = pa.BufferReader(stream.read())  # Parquet jumps about, which archives do badly
                table = pa.parquet.read_table(source, columns=list(columns), read_dictionary=list(IDS))
            else:
                text_columns = {theirs: TYPES[ours] for theirs, ours in columns.items() if ours in TYPES}
                odd: list[pa.csv.InvalidRow] = []

                def note(row: pa.csv.InvalidRow) -> str:
                    odd.append(row)
                    return "error"

                try:
                    table = pa.csv.read_csv(
                        stream,
                        pa.csv.ReadOptions(column_names=names, skip_rows=0 if header else 1, block_size=BLOCK),
                        pa.csv.ParseOptions(
                            delimiter=separator,
                            quote_char='"' if quoted else False,
                            newlines_in_values=quoted,
                            invalid_row_handler=note,
                        ),
                        # Text columns have no nulls: words such as "NA" or "null" are ids, titles or tags to us.
                        pa.csv.ConvertOptions(column_types=text_columns, include_columns=list(columns)),
                    )
                except pa.ArrowInvalid:
                    if odd:
                        _refuse_row(name, odd[0].expected_columns, separator, odd[0].actual_columns, odd[0].text)
                    raise
        return table.unify_dictionaries().to_pandas(split_blocks=True, self_destruct=True).rename(columns=columns)

    def rows(
        self, name: str, separator: str, fields: tuple[str, ...], free: str | None = None, header: bool = False
    ) -> pd.DataFrame:
        """Read a small table of text without quotes, UTF-8 or else Latin-1, as strings.

        Args:
            separator: of any length.
            fields: names of all its columns; those that begin with "_" are left out.
            free: the field that takes what is too much where a text holds the separator itself.
            header: whether the first line is a header to be skipped.
        """
        with self.open(name) as stream:
            data = stream.read()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
        at = fields.index(free) if free else None
        rows = []
        for line in text.replace("\r\n", "\n").split("\n")[1 if header else 0 :]:
            if not line:
                continue
            row = line.split(separator)
            extra = len(row) - len(fields)
            if extra > 0 and at is not None:
                row[at : at + extra + 1] = [separator.join(row[at : at + extra + 1])]
            elif extra:
                _refuse_row(name, len(fields), separator, len(row), line)
            rows.append(row)
        frame = pd.DataFrame(rows, columns=list(fields), dtype="str")
        return frame[[field for field in fields if not field.startswith("_")]]

    @contextmanager
    def database(self, name: str) -> Iterator[sqlite3.Connection]:
        """A SQLite file, opened for reading; one inside an archive is held in memory."""
        place = self._files[name]
        with self.open(name) as stream:
            address = f"{place.resolve().as_uri()}?mode=ro" if isinstance(place, Path) else ":memory:"
            connection = sqlite3.connect(address, uri=True)
            try:
                if not isinstance(place, Path):
                    connection.deserialize(stream.read())
                yield connection
            finally:
                connection.close()

    def checksum(self) -> str:
        """SHA-256: of the archive as it is, or of the names and contents of a folder's files that were read."""
        if self.path.is_file():
            return _digest(self.path)
        lines = (f"{name} {_digest(self._files[name])}\n" for name in sorted(self._used))
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _in_folder(path: Path) -> dict[str, Place]:
    """Files of a folder by name."""
    entries = [entry for entry in path.iterdir() if _visible(entry.name)]
    if len(entries) == 1 and entries[0].is_dir():
        entries = [entry for entry in entries[0].iterdir() if _visible(entry.name)]
    files: dict[str, Place] = {entry.name: entry for entry in entries if entry.is_file()}
    for entry in entries:
        inner = entry.name.removesuffix(".zip")
        if inner != entry.name and inner not in files and zipfile.is_zipfile(entry):
            with zipfile.ZipFile(entry) as archive:
                if archive.namelist() == [inner]:
                    files[inner] = partial(_open_zipped, entry, inner)
    return files


def _in_archive(path: Path) -> dict[str, Place]:
    """Files of an archive by name."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            members = {
                entry.filename: partial(_open_zipped, path, entry.filename)
                for entry in archive.infolist()
                if not entry.is_dir()
            }
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            members = {entry.name: partial(_open_tarred, path, entry) for entry in archive if entry.isfile()}
    else:
        raise DataError(
            "a data folder or archive (.zip, .tar.gz)",
            f"a file that is neither: {path}",
            "pass the folder or archive that holds it",
        )
    parts = {}
    for name in members:
        place = PurePosixPath(name)
        if place.is_absolute() or ".." in place.parts:
            raise DataError(
                f"names inside the archive {path}", f"'{name}', which leads out of it", "do not trust this archive"
            )
        if all(map(_visible, place.parts)):
            parts[name] = place.parts
    wrapped = parts and len({first for first, *_ in parts.values()}) == 1 and all(len(p) > 1 for p in parts.values())
    depth = 2 if wrapped else 1
    return {place[-1]: members[name] for name, place in parts.items() if len(place) == depth}


@contextmanager
def _open_zipped(path: Path, name: str) -> Iterator[IO[bytes]]:
    with zipfile.ZipFile(path) as archive, archive.open(name) as stream:
        yield stream


@contextmanager
def _open_tarred(path: Path, entry: tarfile.TarInfo) -> Iterator[IO[bytes]]:
    with tarfile.open(path) as archive:
        content = archive.extractfile(entry)
        assert content is not None, "only regular files are listed"
        with content as stream:
            yield stream


def _visible(name: str) -> bool:
    return not name.startswith((".", "__MACOSX"))


def _stream(place: Place) -> AbstractContextManager[IO[bytes]]:
    return place.open("rb") if isinstance(place, Path) else place()


def _digest(place: Place) -> str:
    with _stream(place) as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _refuse_row(name: str, expected: int, separator: str, found: int, text: str) -> NoReturn:
    mark = {"\t": "tabs", ",": "commas"}.get(separator, f"'{separator}'")
    raise DataError(
        f"{expected} fields separated by {mark} in every row of {name}",
        f"{found} in '{text if len(text) <= 60 else text[:59] + '…'}'",
        "repair or re-export the file",
    )


def _reason(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
