"""Parquet, .npz and safetensors as bytes, for files that a stranger may have written.

Small files can claim to be huge: a run of equal rows, a zip of zeros, a text in a dictionary that every row points to,
a header of terabytes. So what a file says of its size is added up before memory is spent, and what this package never
writes (other codecs, encodings and types) is not read. Whatever else libraries say of damaged bytes is raised as it is.
"""

import dataclasses
import functools
import io
import json
import os
import zipfile
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import scipy.sparse as sp
import torch
from pydantic import TypeAdapter, ValidationError
from safetensors.torch import load as load_weights

from knobs_core.base import chosen_limit

Record = TypeVar("Record")
LEAST, RATIO = 2**29, 32  # bytes that any bundle may take up, and how often its own size a large one
CODECS, ENCODINGS = {"SNAPPY", "UNCOMPRESSED"}, {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY", "BIT_PACKED"}
TEXT, NUMBER, RECORD, PARSED = 64, 8, 2048, 16  # bytes of a cell, of an instance, and of a character of its JSON
MEMBERS = {f"{name}.npy" for name in ("indices", "indptr", "format", "shape", "data")}
LARGEST = 1e12  # number in an array; those of models are around 1
LONGEST_HEADER = 2**20  # bytes; a header of a model of ours has some hundred


def most_bytes() -> int:
    """Bytes that the files of a bundle may have together: KNOBS_MAX_BYTES, else an eighth of this machine's memory.

    Raises:
        ConfigError: KNOBS_MAX_BYTES is no number of bytes.
    """
    chosen = chosen_limit()
    if chosen is not None:
        return chosen
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 8 if hasattr(os, "sysconf") else 2**30


class Room:
    """How much memory the files of one bundle may still take up. size: of the files, in bytes."""

    def __init__(self, size: int):
        self._left = max(LEAST, RATIO * size)

    def take(self, n_bytes: int, file: str) -> None:
        """Make sure that there is room for what a file holds.

        Raises:
            ValueError: there is none.
        """
        if n_bytes > self._left:
            raise ValueError(f"{file} would take up {n_bytes:,} bytes of memory, and there is room for {self._left:,}")
        self._left -= n_bytes


def table_bytes(frame: pd.DataFrame) -> bytes:
    """A table as Parquet. Text goes by one type of column, whatever pandas kept it in, so that equal text is equal."""
    text = [name for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]
    buffer = io.BytesIO()
    frame.astype(dict.fromkeys(text, object)).to_parquet(buffer, index=False, compression="snappy")
    return buffer.getvalue()


def column_names(files: Mapping[str, bytes], name: str) -> list[str]:
    """What the columns of the table of a name are called."""
    return list(pq.ParquetFile(pa.BufferReader(files[f"{name}.parquet"])).schema_arrow.names)


def read_table(files: Mapping[str, bytes], name: str, room: Room, *columns: str) -> pd.DataFrame:
    """The table of a name, with these columns if any are given; others are left out."""
    file = f"{name}.parquet"
    source = pq.ParquetFile(pa.BufferReader(files[file]))
    schema = {field.name: field.type for field in source.schema_arrow}
    if len(schema) < len(source.schema_arrow):
        raise ValueError(f"{file} has a column twice")
    for column in columns:
        if column not in schema:
            raise ValueError(f"{file} has no column {column}")
    wanted = list(columns or schema)
    text = [column for column in wanted if schema[column] in (pa.string(), pa.large_string())]
    for column in wanted:
        if not (column in text or pa.types.is_primitive(schema[column]) or pa.types.is_null(schema[column])):
            raise ValueError(f"{file} has neither text nor numbers in {column}, but {str(schema[column])[:60]}")
    _check_chunks(source.metadata, file)
    room.take(source.metadata.num_rows * (TEXT * len(text) + NUMBER * (len(wanted) - len(text))), file)
    # Text that many rows share is counted before it is spelled out for each of them.
    source = pq.ParquetFile(pa.BufferReader(files[file]), read_dictionary=text)
    table = source.read(wanted, use_threads=False)
    for column in text:
        chunks = table[column].chunks
        room.take(sum(_spelled_out(chunk) for chunk in chunks), file)
        spelled = pa.chunked_array([chunk.cast(pa.large_string()) for chunk in chunks], pa.large_string())
        table = table.set_column(table.column_names.index(column), column, spelled)
    table.validate(full=True)
    return table.to_pandas(ignore_metadata=True)


def record_bytes(records: list[Record]) -> bytes:
    """Dataclass instances of one kind as a table; tuples become JSON, as some hold words and numbers side by side."""
    rows = [dataclasses.asdict(record) for record in records]  # type: ignore[call-overload]
    rows = [{k: json.dumps(v) if isinstance(v, tuple) else v for k, v in row.items()} for row in rows]
    return table_bytes(pd.DataFrame(rows))


def read_records(kind: type[Record], files: Mapping[str, bytes], name: str, room: Room) -> list[Record]:
    """The instances of a dataclass in the table of a name; every number in them is finite."""
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    tuples = [field.name for field in fields if str(field.type).startswith("tuple")]
    frame = read_table(files, name, room)
    room.take(RECORD * len(frame), f"{name}.parquet")
    for column in frame.columns.intersection(tuples):
        room.take(PARSED * int(frame[column].str.len().sum()), f"{name}.parquet")
    rows = frame.to_dict("records")
    rows = [{str(k): json.loads(v) if k in tuples else v for k, v in row.items()} for row in rows]
    try:
        found: list[Record] = _of_kind(kind).validate_python(rows)  # type: ignore[arg-type]  # classes do have hashes
    except ValidationError as error:
        where = error.errors()[0]["loc"]
        raise ValueError(f"{name}.parquet does not fit in row {where[0]} at {where[-1]}") from None
    for number, row in enumerate(rows):
        try:
            json.dumps(row, allow_nan=False)
        except ValueError:
            raise ValueError(f"{name}.parquet has a number that is not finite in row {number}") from None
    return found


@functools.cache
def _of_kind(kind: Any) -> TypeAdapter[Any]:
    """What makes instances of a dataclass; it takes longer to be built than it does to read a small table."""
    return TypeAdapter(list[kind])


def sparse_bytes(matrix: sp.csr_matrix) -> bytes:
    """A sparse matrix as SciPy writes it."""
    buffer = io.BytesIO()
    sp.save_npz(buffer, matrix)
    return buffer.getvalue()


def read_sparse(files: Mapping[str, bytes], file: str, room: Room) -> sp.csr_matrix:
    """A CSR matrix; that its indices are in range is not checked."""
    with zipfile.ZipFile(io.BytesIO(files[file])) as archive:
        members = archive.infolist()
    if sorted(member.filename for member in members) != sorted(MEMBERS):
        raise ValueError(f"{file} holds not the five arrays of a sparse matrix")
    if {member.compress_type for member in members} - {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ValueError(f"{file} is compressed in another way")
    room.take(sum(member.file_size for member in members), file)
    matrix = sp.load_npz(io.BytesIO(files[file]))  # never unpickles
    if matrix.format != "csr":
        raise ValueError(f"{file} is {matrix.format}, not csr")
    return sp.csr_matrix(matrix)


def read_arrays(files: Mapping[str, bytes], file: str) -> dict[str, torch.Tensor]:
    """The arrays of a safetensors file by name, which takes up as much memory as it has bytes."""
    if int.from_bytes(files[file][:8], "little") > LONGEST_HEADER:
        raise ValueError(f"{file} has a header of more than {LONGEST_HEADER:,} bytes")
    return load_weights(files[file])


def finite(array: np.ndarray) -> bool:
    """Whether an array holds real numbers, none of them so large that a product of two overflows single precision."""
    return array.dtype.kind in "iuf" and bool((np.abs(array) <= LARGEST).all())


def _check_chunks(metadata: pq.FileMetaData, file: str) -> None:
    """The codecs and encodings that are written here unpack to no more than some twenty times their bytes."""
    for group in range(metadata.num_row_groups):
        for column in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(column)
            if chunk.compression not in CODECS or not ENCODINGS.issuperset(chunk.encodings):
                raise ValueError(f"{file} is compressed in another way ({chunk.compression}, {chunk.encodings})")


def _spelled_out(chunk: pa.DictionaryArray) -> int:
    """Bytes of all texts of a column that keeps each of them once."""
    lengths = pc.binary_length(chunk.dictionary).cast(pa.int64())
    return pc.sum(lengths.take(chunk.indices)).as_py() or 0
