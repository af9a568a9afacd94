"""Single files that somebody brings beside a data set, such as vectors: the same limits, boundary and separators."""

import math
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib import format

from knobs_core.base import DataError, folded, shown
from knobs_core.data.sources.archive import File
from knobs_core.data.sources.folder import Folder, refuse_columns
from knobs_core.data.sources.limits import check_size, content, open_regular, reading
from knobs_core.data.sources.tables import settled
from knobs_core.data.sources.trouble import decoded

HEADERS = {(1, 0): format.read_array_header_1_0, (2, 0): format.read_array_header_2_0}


def read_brought(path: Path, id_column: str) -> pa.Table:
    """All columns of a .csv or .parquet file, the ids as text.

    Raises:
        DataError: it is not there or not readable, or has no column of ids, or two columns of one name.
    """
    folder = _folder(path)
    name = min(folder.names)
    separator, names = folder.separated(name, (id_column,))
    if len(set(names)) < len(names):
        twice = next(one for at, one in enumerate(names) if one in names[:at])
        raise DataError(f"each column once in {path}", f"'{shown(twice)}' twice", "rename one")
    theirs = next((one for one in names if folded(one) == folded(id_column)), None)
    if theirs is None:
        refuse_columns(names, (id_column,), str(path))
    table = folder.arrow(name, names, separator)
    with reading(str(path), kind="readable vectors"):
        ids = _text(settled(table[theirs], id_column, f"{theirs} in {path.name}"))
        return table.set_column(names.index(theirs), id_column, ids)


def read_array(path: Path) -> np.ndarray:
    """The array of a .npy file; what its header claims is checked against the size of the file.

    Raises:
        DataError: it is not there or not readable, or holds objects of Python.
    """
    with reading(str(path), kind="readable vectors"), open_regular(path) as stream:
        size = path.stat().st_size
        check_size(path.name, size)
        version = format.read_magic(stream)
        if version not in HEADERS:
            raise ValueError(f"a header of version {version}")
        shape, _, kind = HEADERS[version](stream)
        claimed = math.prod(shape) * kind.itemsize
        if not 0 < claimed <= size:
            raise DataError(
                f"readable vectors in {path.name}", f"{size:,} bytes that claim to be of shape {shape}", "save it again"
            )
        stream.seek(0)
        return np.load(stream, allow_pickle=False)


def read_lines(path: Path) -> list[str]:
    """The lines of a file of text."""
    folder = _folder(path)
    with folder.open(min(folder.names), text=True) as stream:
        return decoded(content(stream), path.name).splitlines()


def _folder(path: Path) -> Folder:
    """A folder in which the file is alone."""
    with reading(str(path), kind="readable vectors"):
        file = File(path.name, partial(open_regular, path), claimed=path.stat().st_size, path=path)
    return Folder(path.parent, files={PurePosixPath(path.name): file})


def _text(ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """Ids as text; whole numbers that a missing value once turned into floats lose their '.0' again."""
    if pa.types.is_dictionary(ids.type):
        ids = ids.cast(ids.type.value_type)
    if pa.types.is_floating(ids.type) and pc.all(pc.equal(pc.floor(ids), ids)).as_py():
        ids = ids.cast(pa.int64())
    return ids.cast(pa.string())
