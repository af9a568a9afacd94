"""Files of a data set by name, and the ways to read one.

``table`` is for what Arrow can parse (fast, a character as separator), ``rows`` for the small files of old releases
(any separator, Latin-1 where the text is not UTF-8), ``database`` for SQLite.
"""

import hashlib
import io
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NoReturn, TypeVar

import pandas as pd
import pyarrow as pa

from knobs_core.base import DataError, folded, shown
from knobs_core.data.sources.archive import File, files_of
from knobs_core.data.sources.limits import LINE, Metered, content
from knobs_core.data.sources.rows import read_rows
from knobs_core.data.sources.tables import (
    as_frame,
    header_of_text,
    json_schema,
    parquet_names,
    read_json,
    read_parquet,
    read_text,
    without_quotes,
)
from knobs_core.data.sources.trouble import find_bad_json, find_swallowed, find_trouble, mark_name

TOP = PurePosixPath()
JSON = ".jsonl"
Read = TypeVar("Read")


class Folder:
    """The files of a data set by name, whatever the case of its letters.

    Args:
        path: a folder or an archive; see ``archive.py``.
        inside: the folder in it whose files these are.
        files: all files by their places; found where they are not given.

    names: what there is here, in lower case unless two files share that

    Raises:
        DataError: there is nothing there, or it is not a folder or a readable archive, or its names lead outside.
    """

    def __init__(self, path: Path, inside: PurePosixPath = TOP, files: Mapping[PurePosixPath, File] | None = None):
        self.path, self.inside = path, inside
        self.files = files_of(path) if files is None else files
        here = [(place.name, file) for place, file in self.files.items() if place.parent == inside]
        count = Counter(name.lower() for name, _ in here)
        self._files = {name.lower() if count[name.lower()] == 1 else name: file for name, file in here}
        self.names = frozenset(self._files)
        self._used: set[str] = set()
        self._starts: dict[str, bytes] = {}

    def folders(self) -> list["Folder"]:
        """This folder and those inside it, by their depth."""
        places = {parent for place in self.files for parent in place.parents}
        inner = sorted(places - {self.inside}, key=lambda place: (len(place.parts), str(place)))
        return [self, *(Folder(self.path, place, self.files) for place in inner)]

    def places(self) -> list[str]:
        """Every file with the folders that it lies in."""
        return sorted(map(str, self.files))

    @contextmanager
    def open(self, name: str, text: bool = False, held: bool = True) -> Iterator[Metered]:
        """The bytes of a file; what goes wrong while they are read becomes one DataError. See ``File.metered``."""
        self._used.add(name)
        with self._files[name].metered(text, held) as stream:
            yield stream

    def header(self, name: str, separator: str = ",") -> list[str]:
        """Column names of a Parquet file or of JSON lines, or in the first line of a text, without spaces around."""
        if name.endswith(".parquet"):
            with self.open(name) as stream:
                return parquet_names(content(stream), self.called(name))
        if name.endswith(JSON):
            return self._json(name, json_schema).names
        if name not in self._starts:
            with self.open(name, held=False) as stream:
                self._starts[name] = io.BufferedReader(stream).read(LINE)
        with self.open(name, held=False):  # for whatever the header's text brings
            return header_of_text(self._starts[name], self.called(name), separator)

    def separated(self, name: str, needed: tuple[str, ...]) -> tuple[str, list[str]]:
        """The separator with which the needed columns are there, whatever their case, and all columns."""
        marks = "," if name.endswith((".parquet", JSON)) else ",;\t|"
        headers = {mark: self.header(name, mark) for mark in marks}
        wanted = set(map(folded, needed))
        fits = [mark for mark in marks if wanted <= set(map(folded, headers[mark]))]
        mark = fits[0] if fits else max(marks, key=lambda mark: len(headers[mark]))
        return mark, headers[mark]

    def table(
        self,
        name: str,
        columns: Mapping[str, str],
        separator: str = ",",
        header: list[str] | None = None,
        quoted: bool = True,
        further: Collection[str] = (),
    ) -> pd.DataFrame:
        """Read columns of a Parquet file, of JSON lines or of a table of UTF-8 text.

        Args:
            columns: {name in the file: our name}.
            separator: one character.
            header: names of all columns of a file that does not begin with them.
            quoted: whether a field in double quotes may hold separators and line ends. Where none may, a field that
                stands in quotes loses them all the same.
            further: those of the columns that are text whatever they hold, and left out where their cells are nested.
        """
        table = self.arrow(name, columns, separator, header, quoted, further)
        with self.open(name):
            return as_frame(table, columns, self.called(name), further)

    def tables(self, names: Sequence[str], columns: Mapping[str, str]) -> pd.DataFrame:
        """Read the same columns of several files, one after the other, as one table."""
        parts = [self.arrow(name, columns) for name in names]
        with self.open(names[0]):
            return as_frame(pa.concat_tables(parts, promote_options="permissive"), columns, self.called(names[0]))

    def arrow(
        self,
        name: str,
        columns: Mapping[str, str] | list[str],
        separator: str = ",",
        header: list[str] | None = None,
        quoted: bool = True,
        further: Collection[str] = (),
    ) -> pa.Table:
        """The same as a table of Arrow, under the names that columns have in the file."""
        file = self.called(name)
        columns = columns if isinstance(columns, Mapping) else {column: column for column in columns}
        names = self.columns(name, columns, separator, header)
        if name.endswith(".parquet"):
            with self.open(name) as stream:
                return read_parquet(content(stream), file, columns)
        if name.endswith(JSON):
            schema = self._json(name, json_schema)
            return self._json(name, lambda stream: read_json(stream, schema, list(columns)))
        skip = 0 if header else 1
        try:
            with self.open(name, text=True) as stream:
                table = read_text(stream, columns, names, separator, skip, quoted, further)
        except DataError as error:
            if isinstance(error.__cause__, pa.ArrowInvalid):  # perhaps the line can be named
                with self.open(name, text=True) as stream:
                    find_trouble(stream, file, len(names), separator, quoted)
            raise
        if any(pa.types.is_binary(field.type) for field in table.schema):  # of text that is not UTF-8
            with self.open(name, text=True) as stream:
                find_trouble(stream, file, len(names), separator, quoted)
        if not stream.quoted:
            return table
        if not quoted:
            return without_quotes(table)
        if stream.lines > table.num_rows + skip:
            with self.open(name, text=True) as stream:
                find_swallowed(stream, file, separator)
        return table

    def _json(self, name: str, read: Callable[[Metered], Read]) -> Read:
        """What ``read`` makes of JSON lines; where one is no object, it is named."""
        try:
            with self.open(name, text=True) as stream:
                return read(stream)
        except DataError as error:
            if isinstance(error.__cause__, pa.ArrowInvalid):
                with self.open(name, text=True) as stream:
                    find_bad_json(stream, self.called(name))
            raise

    def columns(self, name: str, needed: Collection[str], separator: str, header: list[str] | None) -> list[str]:
        """Names of all columns of a table, the needed ones among them.

        Raises:
            DataError: one of these is missing.
        """
        names = header or self.header(name, separator)
        if missing := tuple(column for column in needed if column not in names):
            refuse_columns(names, missing, self.called(name))
        return names

    def rows(
        self, name: str, separator: str, fields: tuple[str, ...], free: str | None = None, header: bool = False
    ) -> pd.DataFrame:
        """Read a table of text without quotes, UTF-8 or else Latin-1, as strings.

        Args:
            separator: of any length.
            fields: names of all its columns; those that begin with "_" are left out.
            free: the field that takes what is too much where a text holds the separator itself.
            header: whether the first line is a header to be skipped.
        """
        with self.open(name, text=True) as stream:
            return read_rows(content(stream), self.called(name), separator, fields, free, header)

    @contextmanager
    def database(self, name: str) -> Iterator[sqlite3.Connection]:
        """A SQLite file, opened for reading; one inside an archive is held in memory.

        Nothing but its plain tables is there: what a view or a generated column computes may never end.
        """
        file = self._files[name]
        with self.open(name) as stream:
            lies = file.path is not None
            address = f"{file.path.resolve().as_uri()}?mode=ro&immutable=1" if file.path else ":memory:"
            connection = sqlite3.connect(address, uri=True)
            try:
                if not lies:
                    connection.deserialize(content(stream))
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LINE)
                computed = connection.execute(
                    "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE '%VIRTUAL%' "
                    "OR sql LIKE '% AS %(%' LIMIT 1"
                ).fetchone()
                if computed:
                    raise DataError(f"plain tables in {shown(file.name)}", "one that is computed", "fetch it again")
                yield connection
            finally:
                connection.close()

    def checksum(self) -> str:
        """SHA-256: of the archive as it is, or of the names and contents of a folder's files that were read."""
        if self.path.is_file():
            with self.path.open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        used = {self.called(name): self._files[name] for name in self._used}
        lines = (f"{name} {used[name].digest()}\n" for name in sorted(used))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def called(self, name: str) -> str:
        """A file's name as it is."""
        return self._files[name].name


def refuse_columns(there: list[str], missing: tuple[str, ...], name: str) -> NoReturn:
    """Refuse a table that lacks columns, saying which are there, and why that may be."""
    remedy = "rename or add it"
    if any(re.fullmatch(r"[-+]?\d+([.,]\d+)?", column) for column in there):
        remedy = f"is there no header? then begin the file with a line of names such as {','.join(missing)}"
    elif there and there[0].startswith(("sep=", "#")):
        remedy = f"begin the file with the names of its columns, without the line '{shown(there[0], 30)}'"
    elif len(there) == 1 and (mark := next((mark for mark in "\t;|:, " if mark in there[0]), None)):
        remedy = f"separate the columns with commas; they seem to be separated by {mark_name(mark)}"
    raise DataError(
        f"column {', '.join(missing)} in {shown(name)}", f"columns {shown(', '.join(there)) or 'none'}", remedy
    )
