"""What is wrong with a table of text: the line is named, and what to do about it."""

import io
import zipfile

import pytest

from knobs_core import data
from knobs_core.base.errors import DataError
from tests.data.sources.layouts import OPEN

ROWS = "user_id,item_id,value\n" + "".join(f"u{user},g{item},5\n" for user in range(3) for item in range(3))


def load(folder, **files):
    for name, content in {"interactions": ROWS, **files}.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.csv").write_bytes(raw)
    return data.load_data(folder, OPEN)


def spreadsheet():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (ROWS.encode("utf-16"), "UTF-8 in interactions.csv, found UTF-16 or no text at all; save it as CSV UTF-8"),
        (ROWS.encode("utf-16-le"), "UTF-16 or no text"),
        (ROWS.replace("u1,g1", "é,g1").encode("latin-1"), r"other text in line 6, 'é,g1,5'; save it as CSV UTF-8"),
        (ROWS.replace("u1,g1", "u1,g1,1"), r"3 fields separated by commas .*, found 4 in 'u1,g1,1,5' \(line 6\)"),
        (ROWS.replace("u1,g1", '"u1,g1'), "a field|quotes in pairs|separated by commas"),
        (ROWS.replace(",5", ',"4,5"'), r"a decimal point as value .*, found a comma, '4,5' in row 1; write 4\.5"),
        (ROWS.replace(",5", ',"1,234"'), r"found a comma, '1,234' in row 1; write 1234"),
        (ROWS.partition("\n")[2], r"is there no header\? then begin the file with a line of names such as user_id"),
        (ROWS.replace(",", " "), "they seem to be separated by spaces"),
        (ROWS.replace(",", "::"), "they seem to be separated by ':'"),
        ("sep=,\n" + ROWS, r"without the line 'sep='"),
        ("# mine\n" + ROWS, r"without the line '# mine'"),
        ("\n\n" + ROWS, "an empty first line"),
        ("", "an empty file"),
        (b"a" * (1 << 21), "a header of at most 1,048,576 bytes"),
        ("user_id,item_id," + "a," * 20_000, "at most 10,000 columns in interactions.csv, found 20,003"),
        (b"PAR1" + bytes(99), r"a table of text in interactions.csv, found a Parquet file; call it .parquet"),
        (spreadsheet(), "a spreadsheet or an archive; save it as CSV UTF-8"),
        ("<!DOCTYPE html>\n", "a web page; fetch the file again"),
        ("version https://git-lfs.github.com/spec/v1\n", "fetch the file itself with git lfs pull"),
        ('[{"user_id": 1}]', "JSON; save it as CSV"),
    ],
)  # fmt: skip
def test_what_is_no_table_gets_one_line_that_says_what_to_do(content, says, tmp_path):
    with pytest.raises(DataError, match=says) as error:
        load(tmp_path, interactions=content)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("ending", ["\r", "\r\n", "\n\n"])
def test_lines_of_any_kind_are_read(ending, tmp_path):
    assert load(tmp_path, interactions=ROWS.replace("\n", ending)).matrix.shape == (3, 3)


def test_a_quote_that_swallows_rows_is_refused_with_its_line(tmp_path):
    items = 'item_id,title\ng0,a\ng1,"Heroes\ng2,b\ng3,c"\n'
    with pytest.raises(DataError, match=r"quotes in pairs in items.csv, found one in line 3 that swallows the rows"):
        load(tmp_path, items=items)


def test_titles_of_several_lines_are_no_trouble(tmp_path):
    items = 'item_id,title\ng0,"Dr. Strangelove, or:\nhow I learned"\ng1,b\ng2,c\n'
    assert load(tmp_path, items=items).items["title"][0].startswith("Dr. Strangelove, or:")


def test_quotes_are_letters_where_tabs_separate(tmp_path):
    rows = ROWS.replace(",", "\t").replace("u1\tg0", '"u1\tg0').replace("u2\tg0", 'u2"\tg0')
    read = load(tmp_path, interactions=rows, items='item_id\ttitle\ng0\t"Heroes\ng1\tb\ng2\t"c"\n')
    assert read.matrix.nnz == 7  # '"u1' and 'u2"' have one row each and are left out
    assert read.items["title"].tolist() == ['"Heroes', "b", "c"]
