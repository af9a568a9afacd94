"""Where a table of text is wrong: it is read once more, slowly, to name the line and what to do about it.

A quote that is never closed makes a title of everything up to the next quote: rows vanish and nothing else looks wrong.
It is known by a field of several lines, one of which has as many separators as a row and begins like the row it is in.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import NoReturn

from knobs_core.base import DataError, shown
from knobs_core.data.sources.limits import Metered

MOST = 32 << 20  # bytes that are looked through
MARKS = {"\t": "tabs", ",": "commas", ";": "semicolons", " ": "spaces"}
UTF16 = (b"\xff\xfe", b"\xfe\xff")
KINDS = {  # how files of other kinds begin
    b"PAR1": "a Parquet file; call it .parquet",
    b"\x1f\x8b": "a file packed by gzip; call it .csv.gz",
    b"PK\x03\x04": "a spreadsheet or an archive; save it as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "a spreadsheet; save it as CSV UTF-8",
    b"SQLite format 3": "a database; export its table as CSV",
    b"version https://git-lfs": "a pointer of Git LFS; fetch the file itself with git lfs pull",
    b"<": "a web page; fetch the file again",
    b"{": "JSON; save it as CSV or, with one object a line, as .jsonl",
    b"[": "JSON; save it as CSV or, with one object a line, as .jsonl",
}


def decoded(data: bytes, name: str) -> str:
    """Text of UTF-8.

    Raises:
        DataError: the text is of something else, in the line that it names.
    """
    refuse_utf16(data, name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = max(data.rfind(b"\n", 0, error.start), data.rfind(b"\r", 0, error.start)) + 1
        line = re.split(b"[\r\n]", data[start : error.start + 40], maxsplit=1)[0].decode("cp1252", "replace")
        raise DataError(
            f"text as UTF-8 in {shown(name)}",
            f"other text in line {_lines(data[: error.start]) + 1}, '{shown(line, 60)}'",
            "save it as CSV UTF-8",
        ) from error


def refuse_kind(start: bytes, name: str) -> None:
    """Refuse what is no table of text, by the first bytes of the file."""
    for begins, kind in KINDS.items():
        if start.lstrip().startswith(begins):
            raise DataError(f"a table of text in {shown(name)}", *kind.split("; "))


def mark_name(separator: str) -> str:
    """What a separator is called in a sentence."""
    return MARKS.get(separator, f"'{separator}'")


def refuse_utf16(data: bytes, name: str) -> None:
    """Refuse text of two bytes a letter, as Excel saves "Unicode text"."""
    if data.startswith(UTF16) or data[:1000].count(b"\0") > len(data[:1000]) // 4:
        raise DataError(f"text as UTF-8 in {shown(name)}", "UTF-16 or no text at all", "save it as CSV UTF-8")


def find_trouble(stream: Metered, name: str, n_fields: int, separator: str, quoted: bool) -> None:
    """Say what is wrong with the first line that is no row of a table; nothing where each is one.

    Raises:
        DataError: text that is not UTF-8, a row of another number of fields, a quote that swallows rows.
    """
    text = decoded(_start(stream), name)
    for line, row in _rows(text, separator, quoted, name):
        refuse_swallowed(name, line, row, separator)
        if row and len(row) != n_fields:
            refuse_fields(name, n_fields, separator, len(row), separator.join(row), line)


def find_bad_json(stream: Metered, name: str) -> None:
    """Say which line is no object of JSON; nothing where each is one.

    Raises:
        DataError: there is such a line.
    """
    for number, line in enumerate(decoded(_start(stream), name).splitlines(), start=1):
        try:
            good = not line.strip() or isinstance(json.loads(line), dict)
        except ValueError:
            good = False
        if not good:
            raise DataError(
                f"one object of JSON in each line of {shown(name)}",
                f"line {number}, '{shown(line, 60)}'",
                "repair the line, or write the file with pandas: to_json(path, orient='records', lines=True)",
            )


def find_swallowed(stream: Metered, name: str, separator: str) -> None:
    """Refuse a table of quoted text in which a quote swallows rows."""
    for line, row in _rows(decoded(_start(stream), name), separator, True, name):
        refuse_swallowed(name, line, row, separator)


def refuse_swallowed(name: str, line: int, row: list[str], separator: str) -> None:
    """Refuse a row with a field that holds other rows."""
    for at, field in enumerate(row):
        for inner in re.split(r"[\r\n]+", field)[1:] if "\n" in field or "\r" in field else ():
            like_a_row = inner.count(separator) == len(row) - 1 or (at == 0 and separator in inner)
            if like_a_row and _shape(inner.partition(separator)[0]) == _shape(row[0].partition("\n")[0]):
                raise DataError(
                    f"quotes in pairs in {shown(name)}",
                    f"one in line {line} that swallows the rows after it, '{shown(separator.join(row), 60)}'",
                    "close or remove the quote",
                )


def refuse_fields(name: str, expected: int, separator: str, found: int, text: str, line: int | None) -> NoReturn:
    """Refuse a row of another number of fields."""
    where = "" if line is None else f" (line {line})"
    raise DataError(
        f"{expected} fields separated by {mark_name(separator)} in every row of {shown(name)}",
        f"{found} in '{shown(text, 60)}'{where}",
        "repair or re-export the file",
    )


def _rows(text: str, separator: str, quoted: bool, name: str) -> Iterator[tuple[int, list[str]]]:
    """The line where each row begins, from 1, and its fields."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(
            f"a row in line {line} of {shown(name)}",
            f"a field that is too long ({shown(str(error))})",
            "is a quote never closed?" if quoted else "repair or re-export the file",
        ) from error


def _start(stream: Metered) -> bytes:
    """The first bytes, up to the end of a line."""
    data = io.BufferedReader(stream).read(MOST)
    return data if len(data) < MOST else data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]


def _lines(data: bytes) -> int:
    return max(data.count(b"\n"), data.count(b"\r"))


def _shape(text: str) -> str:
    """What ids of one kind share: "g12" and "g7" are both a letter and a number."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text.strip(' "')))
