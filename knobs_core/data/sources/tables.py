"""Tables as Arrow reads them: of text, Parquet or JSON lines. What columns hold is settled before it is used.

Ids and tags come as text in dictionaries: "007" is not 7, and 25 million of them fit in memory. Numbers are numbers or
missing; text where a number belongs stays, so that whoever checks the rows can name the first. Ids of bytes become
text, or hexadecimal digits where they are none. Lists stay lists in columns that may hold several words. Of columns
that are kept without being known, text files give the text and Parquet what it has, but for what is nested.
"""

import csv
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

from knobs_core.base import DataError, shown
from knobs_core.data.sources.limits import COLUMNS, LINE, Metered, check_size
from knobs_core.data.sources.trouble import decoded, refuse_kind

IDS = ("user_id", "item_id", "tag", "tag_id")  # few different values in many rows
TEXTS = ("title", "genres", "image_url")
NUMBERS = ("value", "weight")
LISTS = ("tag", "genres")  # may hold several words
CODED = pa.dictionary(pa.int32(), pa.string())
TYPES = dict.fromkeys(IDS, CODED) | dict.fromkeys(TEXTS, pa.string())
BLOCK = 16 << 20  # bytes a thread parses at a time; each block has dictionaries of its own, so few large ones
PIECE = 1 << 19  # rows of a Parquet file at a time, where it is read piece by piece
CHUNKS = 100_000  # columns of row groups
COMMA = r"^\s*-?\d+,\d+\s*$"
THOUSANDS = r"-?\d{1,3},\d{3}"


def header_of_text(start: bytes, name: str, separator: str) -> list[str]:
    """Names of the columns in the first line, without spaces around them. start: the first LINE bytes of the file."""
    refuse_kind(start, name)
    if len(start) == LINE and not {*b"\r\n"} & {*start}:
        raise DataError(
            f"a header of at most {LINE:,} bytes in {shown(name)}", "a longer line", "check that it is the table"
        )
    line = decoded(re.split(b"[\r\n]", start, maxsplit=1)[0], name)
    if not line.strip():
        found = "an empty first line" if start.strip() else "an empty file"
        raise DataError(f"a table in {shown(name)}", found, "check the export that wrote it")
    return _few([column.strip() for column in next(csv.reader([line], delimiter=separator))], name)


def read_text(
    stream: Metered,
    columns: Mapping[str, str],
    names: list[str],
    separator: str,
    skip: int,
    quoted: bool,
    further: Collection[str] = (),
) -> pa.Table:
    """Columns of a table of UTF-8 text, by their names in the file. further: those that are text whatever they hold.

    Raises:
        pa.ArrowInvalid: it cannot be parsed; ``find_trouble`` looks for the line.
    """
    kinds = {theirs: TYPES[ours] for theirs, ours in columns.items() if ours in TYPES} | dict.fromkeys(further, CODED)
    return pa.csv.read_csv(stream, *_options(columns, names, separator, skip, quoted, kinds))


def pieces_of_text(
    stream: Metered,
    columns: Mapping[str, str],
    names: list[str],
    separator: str,
    skip: int,
    quoted: bool,
    numbers: bool,
) -> Iterator[pa.Table]:
    """The same rows block by block, without further columns. numbers: whether values are read as such, else as text.

    Raises:
        pa.ArrowInvalid: as ``read_text``, or a value is no number.
    """
    value = pa.float64() if numbers else pa.string()
    kinds = {theirs: TYPES.get(ours, value) for theirs, ours in columns.items()}
    with pa.csv.open_csv(stream, *_options(columns, names, separator, skip, quoted, kinds)) as reader:
        yield from (pa.Table.from_batches([batch]) for batch in reader if batch.num_rows)


def _options(
    columns: Mapping[str, str],
    names: list[str],
    separator: str,
    skip: int,
    quoted: bool,
    kinds: Mapping[str, pa.DataType],
) -> tuple[pa.csv.ReadOptions, pa.csv.ParseOptions, pa.csv.ConvertOptions]:
    return (
        pa.csv.ReadOptions(column_names=names, skip_rows=skip, block_size=BLOCK),
        pa.csv.ParseOptions(delimiter=separator, quote_char='"' if quoted else False, newlines_in_values=quoted),
        # Text columns have no nulls: words such as "NA" or "null" are ids, titles or tags to us.
        pa.csv.ConvertOptions(column_types=kinds, include_columns=list(columns)),
    )


def parquet_file(data: bytes) -> pa.parquet.ParquetFile:
    """A Parquet file, of which only the description is parsed yet."""
    return pa.parquet.ParquetFile(pa.BufferReader(data))


def parquet_names(data: bytes, name: str) -> list[str]:
    """Names of the columns."""
    return _few(parquet_file(data).schema_arrow.names, name)


def read_parquet(data: bytes, name: str, columns: Mapping[str, str]) -> pa.Table:
    """Columns of a Parquet file, by their names in the file; what it says it holds is checked first."""
    file = parquet_file(data)
    _check_parquet(file, name, columns)
    meta, schema, claimed = file.metadata, file.schema_arrow, 0
    for group in map(meta.row_group, range(meta.num_row_groups)):
        for column in map(group.column, range(group.num_columns)):
            if column.path_in_schema.split(".")[0] in columns:
                values = max(column.num_values, group.num_rows)
                claimed += column.total_uncompressed_size + 8 * values
    check_size(name, claimed, len(data))
    texts = [theirs for theirs in columns if is_text(schema.field(theirs).type)]
    table = pa.parquet.read_table(pa.BufferReader(data), columns=list(columns), read_dictionary=texts)
    for theirs in texts:  # a long text in a dictionary is one line of the file in each row
        lengths = [
            pc.sum(pc.binary_length(chunk.dictionary).take(chunk.indices)).as_py() or 0
            for chunk in table[theirs].chunks
            if pa.types.is_dictionary(chunk.type)
        ]
        check_size(name, sum(lengths), len(data))
    return table


def pieces_of_parquet(file: pa.parquet.ParquetFile, name: str, columns: Mapping[str, str]) -> Iterator[pa.Table]:
    """The same rows piece by piece."""
    _check_parquet(file, name, columns)
    for batch in file.iter_batches(PIECE, columns=list(columns)):
        yield pa.Table.from_batches([batch])


def json_schema(stream: Metered) -> pa.Schema:
    """Names and kinds of the fields in the first lines of JSON; text that looks like a date stays text."""
    schema = pa.json.open_json(stream, pa.json.ReadOptions(block_size=BLOCK)).schema
    return pa.schema([field.with_type(pa.string()) if pa.types.is_temporal(field.type) else field for field in schema])


def read_json(stream: Metered, schema: pa.Schema, columns: Collection[str]) -> pa.Table:
    """Columns of JSON lines, one object a line, by their names in the file; ids in dictionaries.

    Args:
        schema: what ``json_schema`` found.

    Raises:
        pa.ArrowInvalid: a line is no object, or a field is of another kind than in the lines before.
    """
    wanted = pa.schema([schema.field(name) for name in columns])
    table = pa.json.read_json(
        stream,
        pa.json.ReadOptions(block_size=BLOCK),
        pa.json.ParseOptions(explicit_schema=wanted, unexpected_field_behavior="ignore"),
    )
    for at, name in enumerate(table.column_names):
        if is_text(table.schema.field(name).type):
            table = table.set_column(at, name, _coded(table[name]))
    return table


def _check_parquet(file: pa.parquet.ParquetFile, name: str, columns: Mapping[str, str]) -> None:
    """Refuse a file whose description is too large, or that has a column twice."""
    meta, names = file.metadata, _few(file.schema_arrow.names, name)
    if twice := [column for column in columns if names.count(column) > 1]:
        raise DataError(
            f"column {shown(twice[0])} once in {shown(name)}", "it more often", "rename or remove the others"
        )
    if meta.num_row_groups * meta.num_columns > CHUNKS:
        raise DataError(
            f"at most {CHUNKS:,} pieces in {shown(name)}",
            f"{meta.num_row_groups:,} groups of rows",
            "write it with fewer groups",
        )


def as_frame(table: pa.Table, columns: Mapping[str, str], name: str, further: Collection[str] = ()) -> pd.DataFrame:
    """The table under our names for its columns ({theirs: ours}). further: those that are left out if they are nested.

    Raises:
        DataError: a column that cannot hold what it is for.
    """
    arrays = {
        ours: settled(table[theirs].unify_dictionaries(), ours, f"{theirs} in {name}")
        for theirs, ours in columns.items()
        if theirs not in further or not pa.types.is_nested(table.schema.field(theirs).type)
    }
    table = pa.table(arrays)
    return table.to_pandas(split_blocks=True, self_destruct=True, ignore_metadata=True)


def without_quotes(table: pa.Table) -> pa.Table:
    """The table without the quotes that stand around texts in a file that is read without quoting."""

    def bare(text: str) -> str:
        return text[1:-1].replace('""', '"') if re.fullmatch('(?s)".*"', text) else text

    for at, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        if is_text(column.type):
            table = table.set_column(at, name, _mapped(_coded(column), bare))
    return table


def settled(array: pa.ChunkedArray, ours: str, where: str) -> pa.ChunkedArray:
    """A column as what it is for; ours: our name for it, where: the file's, for errors.

    Raises:
        DataError: it cannot hold that.
    """
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        array = pa.chunked_array([chunk.storage for chunk in array.chunks], kind.storage_type)
        kind = array.type
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_nested(value):
        words = ours in LISTS and pa.types.is_list(value) | pa.types.is_large_list(value)
        if not words or pa.types.is_nested(value.value_type):
            _refuse_column(ours, where, f"{shown(str(value), 60)}", "give each row one of its own")
        return array
    if ours in NUMBERS:
        if pa.types.is_temporal(value) or pa.types.is_binary(value) or pa.types.is_fixed_size_binary(value):
            _refuse_column(ours, where, f"{value}", "write numbers, or leave the column out")
        array = array.cast(value) if pa.types.is_dictionary(kind) else array
        return array if not is_text(value) else _without_commas(array, where)
    if ours == "year" and pa.types.is_temporal(value):
        return pc.year(array)
    if pa.types.is_binary(value) or pa.types.is_large_binary(value) or pa.types.is_fixed_size_binary(value):
        return _mapped(_coded(array), _text_of_bytes)
    return array


def _without_commas(array: pa.ChunkedArray, where: str) -> pa.ChunkedArray:
    """Refuse numbers with a comma; other text is for others to refuse."""
    found = pc.match_substring_regex(array, COMMA).to_numpy(zero_copy_only=False).astype(bool)
    if found.any():
        row = int(found.argmax())
        text = array[row].as_py().strip()
        raise DataError(
            f"numbers with a decimal point as {where}",
            f"a comma, '{shown(text, 30)}' in row {row + 1}",
            f"write {shown(text.replace(',', '' if re.fullmatch(THOUSANDS, text) else '.'), 30)}",
        )
    return array


def _coded(array: pa.ChunkedArray) -> pa.ChunkedArray:
    return array if pa.types.is_dictionary(array.type) else array.dictionary_encode()


def _mapped(coded: pa.ChunkedArray, change: Callable[[Any], str]) -> pa.ChunkedArray:
    """Dictionaries with each value changed, and one entry for values that become equal."""
    chunks = []
    for chunk in coded.chunks:
        values = [None if value is None else change(value) for value in chunk.dictionary.to_pylist()]
        codes, names = pd.factorize(np.array(values, object))
        lookup = pa.array(codes, pa.int32(), mask=codes < 0)
        chunks.append(pa.DictionaryArray.from_arrays(lookup.take(chunk.indices), pa.array(names, pa.string())))
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()


def _text_of_bytes(value: bytes) -> str:
    """Ids of bytes: text where they are, an UUID of 16 bytes, else hexadecimal digits."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and text:
        return text
    return str(uuid.UUID(bytes=value)) if len(value) == 16 else value.hex()


def is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_string(value) or pa.types.is_large_string(value) or pa.types.is_string_view(value)


def _refuse_column(ours: str, where: str, found: str, remedy: str) -> NoReturn:
    wanted = {"value": "numbers", "weight": "numbers", "year": "years"}.get(ours, "text or numbers")
    raise DataError(f"{wanted} as {shown(where)}", found, remedy)


def _few(names: list[str], name: str) -> list[str]:
    if len(names) > COLUMNS:
        raise DataError(
            f"at most {COLUMNS:,} columns in {shown(name)}", f"{len(names):,}", "keep those that Knobs reads"
        )
    return names
