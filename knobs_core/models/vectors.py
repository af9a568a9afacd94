"""Vectors of items or users as files, and what can be made of them.

    NAME.csv, NAME.parquet   a column of ids, item_id or user_id, and one column a dimension, named alike or with
                             numbers (0, 1, ... or d0, d1, ...; "bias" besides); or one column of lists
    NAME.npy                 (n, d), with the ids in NAME.ids.txt, one a line in the order of the rows

A column that only numbers the rows is left out with a warning. Any other that is no dimension is refused: a year among
the dimensions would outweigh them all.
"""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from knobs_core.base import DataError, folded
from knobs_core.data import read_array, read_brought, read_lines, reading

INDEX = ("", "unnamed0", "index", "level0", "indexlevel0")  # folded: how pandas writes its row numbers
NO_DIMENSIONS = (  # folded: numbers about an item or a user
    "year", "title", "count", "popularity", "price", "rating", "score", "age", "timestamp", "date", "userid", "itemid",
    "id",
)  # fmt: skip
ORDINARY = 100.0  # lengths between 1 over this and this are left as they are
OUTLIER = 1e6  # times the median length


class Vectors(NamedTuple):
    """ids: (n,) text; values: (n, d) float64; warnings: what looked odd, a sentence each."""

    ids: np.ndarray
    values: np.ndarray
    warnings: tuple[str, ...] = ()


def read_vectors(path: str, id_column: str) -> Vectors:
    """Ids and vectors of a file.

    Raises:
        DataError: not there, not readable, ids missing or repeated, columns that are no dimension, anything but finite
            numbers in the vectors, or vectors that tell nothing apart.
    """
    file = Path(path).expanduser()
    if file.suffix not in (".npy", ".csv", ".parquet"):
        raise DataError("vectors as .npy, .csv or .parquet", f"{file.name}", "save them as one of these")
    with reading(path, kind="readable vectors"):
        if file.suffix == ".npy":
            read = Vectors(_ids_beside(file, id_column), read_array(file))
        else:
            read = _columns(file, id_column)
    if read.values.dtype.kind not in "fiu" or read.values.ndim != 2 or read.values.shape[1] < 2:
        numbers = read.values.dtype.kind in "fiu"
        shape = f"an array of shape {read.values.shape}" if numbers else "no numbers"
        raise DataError(f"real numbers of shape (rows, at least 2) in {path}", shape, "save one row an id")
    read = read._replace(values=read.values.astype(np.float64))
    _check(read, path, id_column)
    return read


def rows_of(ids: np.ndarray, wanted: np.ndarray, path: str) -> np.ndarray:
    """Row of every wanted id.

    Raises:
        DataError: one that is not there.
    """
    rows = pd.Index(without_zeros(ids, wanted)).get_indexer(pd.Index(wanted))
    missing = wanted[rows < 0]
    if len(missing):
        raise DataError(
            f"a vector for each of the {len(wanted):,} items of the data in {path}",
            f"none for {len(missing):,} of them, e.g. '{missing[0]}'"
            + (f", while the file has ids such as '{ids[0]}'" if len(ids) else ""),
            "add them, or leave those items out of the interactions",
        )
    return rows


def without_zeros(ids: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Ids without the ".0" that floats add, where all of the file have it and none of the data."""
    ends = [str(one).endswith(".0") for one in ids]
    if not len(ids) or not all(ends) or any(str(one).endswith(".0") for one in wanted):
        return ids
    return np.array([str(one)[:-2] for one in ids], dtype=object)


def lengths(vectors: np.ndarray) -> np.ndarray:
    """Euclidean lengths (n,) of vectors (n, d), however large or small they are."""
    largest = np.abs(vectors).max(1)
    safe = np.where(largest > 0, largest, 1)
    return largest * np.linalg.norm(vectors / safe[:, None], axis=1)


def moderate(vectors: np.ndarray) -> np.ndarray:
    """Vectors of ordinary lengths: all divided by one number where the median length is far from 1."""
    there = lengths(vectors)
    middle = float(np.median(there[there > 0])) if (there > 0).any() else 1.0
    return vectors if 1 / ORDINARY <= middle <= ORDINARY else vectors / middle


def _check(read: Vectors, path: str, id_column: str) -> None:
    ids, values = read.ids, read.values
    if len(ids) != len(values):
        raise DataError(f"an id for each of the {len(values)} rows of {path}", f"{len(ids)} ids", "write both at once")
    finite = np.isfinite(values).all(1)
    if not finite.all():
        raise DataError(
            f"finite numbers in {path}",
            f"NaN or infinity for {id_column} '{ids[int(finite.argmin())]}'",
            "repair the vectors",
        )
    repeated = pd.Index(ids)[pd.Index(ids).duplicated()]
    if len(repeated):
        raise DataError(f"each {id_column} once in {path}", f"'{repeated[0]}' more than once", "keep one row an id")
    there = lengths(values)
    if not (there > 0).any():
        raise DataError(f"vectors in {path}", "nothing but zeros", "export them again, after training")
    middle = float(np.median(there[there > 0]))
    if there.max() > OUTLIER * middle:
        raise DataError(
            f"vectors of comparable lengths in {path}",
            f"'{ids[int(there.argmax())]}' with {there.max():.3g}, where the median is {middle:.3g}",
            "repair it",
        )
    units = values[there > 0] / there[there > 0, None]
    if len(units) > 1 and (np.abs(units @ units[0]) > 1 - 1e-9).all():
        raise DataError(
            f"vectors that differ in {path}", "all pointing the same way", "export them again, after training"
        )


def _ids_beside(file: Path, id_column: str) -> np.ndarray:
    names = file.with_suffix(".ids.txt")
    if not names.exists():
        raise DataError(
            f"{names.name} beside {file.name}, one {id_column} a line in the order of its rows",
            "no such file",
            "write it, or save the vectors as .csv or .parquet with a column of ids",
        )
    return np.array(read_lines(names), dtype=object)


def _columns(file: Path, id_column: str) -> Vectors:
    table = read_brought(file, id_column)
    ids = table[id_column].to_numpy()
    missing = pd.isna(ids) | (ids == "")
    if missing.any():
        raise DataError(
            f"a {id_column} in every row of {file.name}", f"none in row {int(missing.argmax()) + 1}", "correct it"
        )
    table = table.drop_columns([id_column])
    lists = [column for column in table.column_names if _is_list(table[column].type)]
    if lists:
        return _from_lists(file, ids, table, lists)
    numbered = [column for column in table.column_names if folded(column) in INDEX]
    table = table.drop_columns(numbered)
    _refuse_odd(table, file, id_column)
    said = (f"{file.name}: column '{numbered[0]}' numbers the rows and is left out",) if numbered else ()
    columns = [table[column].to_numpy().astype(np.float64) for column in table.column_names]
    return Vectors(ids, np.stack(columns, axis=1) if columns else np.zeros((len(ids), 0)), said)


def _from_lists(file: Path, ids: np.ndarray, table: pa.Table, lists: list[str]) -> Vectors:
    """The vectors of a column of lists; other columns are not read."""
    if len(lists) > 1:
        raise DataError(f"one column of lists in {file.name}", ", ".join(lists), "leave the others out")
    cells = [np.asarray(cell if cell is not None else (), np.float64) for cell in table[lists[0]].to_pylist()]
    sizes = np.array([len(cell) for cell in cells])
    if len(set(sizes)) > 1:
        row = int((sizes != np.median(sizes)).argmax())
        raise DataError(
            f"lists of one size as {lists[0]} in {file.name}",
            f"{sizes[row]} numbers for '{ids[row]}', {int(np.median(sizes))} for others",
            "repair it",
        )
    others = [column for column in table.column_names if column not in lists]
    said = (f"{file.name}: {', '.join(others)} not read, as {lists[0]} holds the vectors",) if others else ()
    return Vectors(ids, np.stack(cells) if cells else np.zeros((0, 0)), said)


def _refuse_odd(table: pa.Table, file: Path, id_column: str) -> None:
    """Refuse columns that are no dimension: of text, not named as most are, or known to say something else."""
    kinds = {column: table[column].type for column in table.column_names}
    odd = [name for name, kind in kinds.items() if not (pa.types.is_integer(kind) or pa.types.is_floating(kind))]
    odd += [name for name in kinds if folded(name) in NO_DIMENSIONS and name not in odd]
    if not odd:
        numbers = [match[1] for match in (re.fullmatch(r"(.*?)\d+", name, re.DOTALL) for name in kinds) if match]
        if len(numbers) > 1:
            most = max(set(numbers), key=numbers.count)
            odd = [
                name for name in kinds if not re.fullmatch(re.escape(most) + r"\d+", name) and folded(name) != "bias"
            ]
    if odd and len(odd) == len(kinds):
        raise DataError(
            f"real numbers of shape (rows, at least 2) in {file}",
            f"no numbers in columns {', '.join(odd[:5])}",
            f"save {id_column} and one column of numbers a dimension",
        )
    if odd:
        raise DataError(
            f"a dimension in every column of {file.name} but {id_column}",
            f"{', '.join(odd[:5])}",
            "leave it out, or name the dimensions alike: 0, 1, 2, ...",
        )


def _is_list(kind: pa.DataType) -> bool:
    listed = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return listed and (pa.types.is_integer(kind.value_type) or pa.types.is_floating(kind.value_type))
