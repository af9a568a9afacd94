"""Tables of likes that no memory holds: the same files, columns and cells as a layout reads at once, piece by piece.

A layout asks its folder for tables. This folder gives an empty one in place of the likes, remembers how they are read,
and reads them later. It may also have several files of likes, which count as one after the other.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from knobs_core.base import DataError
from knobs_core.data.sources.archive import UNFOLD, File, files_of
from knobs_core.data.sources.folder import JSON, TOP, Folder
from knobs_core.data.sources.limits import content, open_regular, reading
from knobs_core.data.sources.tables import (
    parquet_file,
    pieces_of_parquet,
    pieces_of_text,
    settled,
    without_quotes,
)
from knobs_core.data.sources.trouble import find_swallowed, find_trouble

TABLES = (".csv", ".tsv", ".txt", ".parquet", JSON)
BESIDE = tuple(f"{stem}{ending}" for stem in ("items", "tags") for ending in (".csv", ".parquet", JSON))


class NoNumbersError(Exception):
    """Values that were to be read as numbers are something else; whoever reads begins anew, with text."""


class Likes(NamedTuple):
    """How the table of likes is read; see ``Folder.table``."""

    name: str
    columns: Mapping[str, str]
    separator: str
    header: list[str] | None
    quoted: bool


class Pieces(Folder):
    """A folder whose likes are read by ``likes``; arguments as for ``Folder``.

    parts: names of files that go on where the table of likes ends
    asked: how the likes are read, once a layout has asked for them; empty: the table that it was given
    """

    def __init__(
        self,
        path: Path,
        inside: PurePosixPath = TOP,
        files: Mapping[PurePosixPath, File] | None = None,
        parts: tuple[str, ...] = (),
    ):
        super().__init__(path, inside, files)
        self.parts = parts
        self.asked: Likes | None = None
        self.empty = pd.DataFrame()

    @classmethod
    def of(cls, folder: Folder) -> "Pieces":
        """The same files."""
        return cls(folder.path, folder.inside, folder.files)

    def header(self, name: str, separator: str = ",") -> list[str]:
        """As for any folder; of a Parquet file only its description is read."""
        if not name.endswith(".parquet"):
            return super().header(name, separator)
        with self._parquet(name) as file:
            return list(file.schema_arrow.names)

    def table(
        self,
        name: str,
        columns: Mapping[str, str],
        separator: str = ",",
        header: list[str] | None = None,
        quoted: bool = True,
        further: Collection[str] = (),
    ) -> pd.DataFrame:
        """As for any folder; the first table of users and items that has no tags is empty."""
        if not self._likes_in(name, columns):
            return super().table(name, columns, separator, header, quoted, further)
        self.columns(name, columns, separator, header)
        self.asked = Likes(name, columns, separator, header, quoted)
        self.empty = pd.DataFrame(columns=list(columns.values()), dtype=object)
        return self.empty

    def tables(self, names: Sequence[str], columns: Mapping[str, str]) -> pd.DataFrame:
        """As for any folder; of likes the others are parts of the first."""
        if not self._likes_in(names[0], columns):
            return super().tables(names, columns)
        self.parts = tuple(names[1:])
        return self.table(names[0], columns)

    def _likes_in(self, name: str, columns: Mapping[str, str]) -> bool:
        """Whether a table is that of the likes: the first of users and items that has no tags."""
        ours = set(columns.values())
        likes = {"user_id", "item_id"} <= ours and not ours & {"tag", "tag_id"}
        return likes and not self.asked and not name.endswith(JSON)

    def bytes(self) -> int:
        """Size of the files of likes, as they lie there."""
        assert self.asked, "a layout has read the folder"
        files = [self._files[name] for name in (self.asked.name, *self.parts)]
        return sum(file.claimed or file.packed or 0 for file in files)

    def likes(self, numbers: bool = True) -> Iterator[pa.Table]:
        """Rows of likes under our names, in the order of files and rows, each column as what it is for.

        Args:
            numbers: whether values in text are read as numbers, and not as text.

        Raises:
            DataError: a file cannot be read, or a column cannot hold what it is for.
            NoNumbersError: what was to be read as numbers is something else.
        """
        assert self.asked, "a layout has read the folder"
        for name in (self.asked.name, *self.parts):
            file = self.called(name)
            for piece in self._pieces(self.asked._replace(name=name), numbers):
                yield pa.table(
                    {
                        ours: settled(piece[theirs].unify_dictionaries(), ours, f"{theirs} in {file}")
                        for theirs, ours in self.asked.columns.items()
                    }
                )

    def _pieces(self, asked: Likes, numbers: bool) -> Iterator[pa.Table]:
        name, columns, separator, header, quoted = asked
        names, skip, rows = self.columns(name, columns, separator, header), 0 if header else 1, 0
        if name.endswith(".parquet"):
            with reading(self.called(name)), self._parquet(name) as file:
                yield from pieces_of_parquet(file, self.called(name), columns)
            return
        try:
            with self.open(name, text=True, held=False) as stream:
                for piece in pieces_of_text(stream, columns, names, separator, skip, quoted, numbers):
                    rows += len(piece)
                    yield piece if quoted else without_quotes(piece)
        except DataError as error:
            if not isinstance(error.__cause__, pa.ArrowInvalid):
                raise
            if numbers:
                raise NoNumbersError from error
            with self.open(name, text=True, held=False) as stream:  # perhaps the line can be named
                find_trouble(stream, self.called(name), len(names), separator, quoted)
            raise
        if quoted and stream.quoted and stream.lines > rows + skip:
            with self.open(name, text=True, held=False) as stream:
                find_swallowed(stream, self.called(name), separator)

    @contextmanager
    def _parquet(self, name: str) -> Iterator[pa.parquet.ParquetFile]:
        """A Parquet file; where it lies as it is, only what is asked for is read."""
        path = self._files[name].path
        self._used.add(name)
        with ExitStack() as stack:
            if path is None:
                yield parquet_file(content(stack.enter_context(self.open(name))))
            else:
                yield pa.parquet.ParquetFile(stack.enter_context(open_regular(path)))


def likes_of(path: Path) -> Pieces | None:
    """A file of likes, or a folder of such files, as a folder of the plain layout; None where it is neither.

    Items and tags lie beside the file, or in the folder. The files of a folder are all its other tables, or those in a
    folder ``interactions`` in it, one after the other in the order of their names.

    Raises:
        DataError: text and Parquet among the files.
    """
    root = path.parent if path.is_file() else path
    there = files_of(root, partial(_belongs, path.name) if path.is_file() else None) if root.is_dir() else {}
    tables = {place: file for place, file in there.items() if place.suffix.lower() in TABLES}
    inside = [place for place in tables if place.parent == PurePosixPath("interactions")]
    top = [place for place in tables if place.parent == TOP and place.name.lower() not in BESIDE]
    own = PurePosixPath(path.name if PurePosixPath(path.name) in tables else path.stem)
    names = [place for place in top if place == own] if path.is_file() else sorted(inside or top)
    if not names:
        return None
    endings = {one if (one := place.suffix.lower()) in (".parquet", JSON) else ".csv" for place in names}
    if len(endings) > 1:
        raise DataError(f"likes as text or as Parquet in {path}", "both", "keep those of one kind there")
    [ending] = endings
    parts = [f"interactions{f'-{number}' if number else ''}{ending}" for number in range(len(names))]
    beside = {place: file for place, file in tables.items() if place.parent == TOP and place.name.lower() in BESIDE}
    files = {PurePosixPath(part): tables[place] for part, place in zip(parts, names, strict=True)}
    return Pieces(root, files=beside | files, parts=tuple(parts[1:]))


def is_table(path: Path) -> bool:
    """Whether there is a file that is called as a table is, packed or not; what is in an archive is not one."""
    plain = path.with_suffix("") if path.suffix.lower() in UNFOLD else path
    return plain.suffix.lower() in TABLES and path.is_file()


def _belongs(file: str, name: str) -> bool:
    """Whether a name is that of a file of likes, or of what may lie beside it."""
    return name == file or name.lower().startswith(BESIDE)
