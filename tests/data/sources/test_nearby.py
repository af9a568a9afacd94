"""A folder that no layout recognises: the nearest file is named, and what to do with it."""

import gzip
import io
import zipfile

import pytest

from knobs_core import data
from knobs_core.base.errors import DataError

ROWS = b"user_id,item_id\n1,2\n"


def zipped():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("set/interactions.csv", ROWS)
    return made.getvalue()


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"interactions.tsv": ROWS}, "rename interactions.tsv to interactions.csv"),
        ({"my ratings.csv": ROWS}, "rename my ratings.csv to interactions.csv"),
        ({"data/train-00000.parquet": b""}, "rename data/train-00000.parquet to interactions"),
        ({"part-00000-a1.snappy.parquet": b"", "part-00001-a1.snappy.parquet": b""}, "join its parts as interactions."),
        ({"ratings.csv": ROWS}, "movies.csv or books.csv beside ratings.csv"),
        ({"items.csv": ROWS}, "interactions.csv or interactions.parquet beside items.csv"),
        ({"interactions.xlsx": b"PK"}, "spreadsheets are not read; save it as CSV UTF-8"),
        ({"reviews.json.gz": gzip.compress(b"{}\n")}, "with one object a line, call it interactions.jsonl"),
        ({"interactions.pkl": b"\x80"}, "arrays are not read"),
        ({"interactions.csv.zst": b""}, "unpack it, or pack it as .zip or .gz"),
        ({"archive.zip": zipped()}, "archives inside others are not read; pass the archive itself"),
        ({"all.txt": b"0 1 2 3\n1 4 5\n"}, "all.txt has rows of numbers; if each is a user and their items, ca"),
        ({"schema.json": b"{}", "user.parquet": b""}, "item.parquet beside schema.json, user.parquet"),
        ({"a/interactions.csv": ROWS, "b/interactions.csv": ROWS}, "one data set in .*, found a, b; pass the fo"),
        ({"photo.jpg": b""}, "files of a published data set .*, found photo.jpg in .*; pass the folder"),
    ],
)  # fmt: skip
def test_the_nearest_file_is_named(files, says, tmp_path):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=says) as error:
        data.load_data(tmp_path)
    assert len(str(error.value)) < 400
