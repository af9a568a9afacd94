"""Parquet files: what a column holds is settled as it is read, and what a file claims is checked before."""

import datetime
import io
import uuid

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from knobs_core import data
from knobs_core.base.errors import DataError
from knobs_core.data.sources.folder import Folder
from tests.data.sources.layouts import OPEN

PAIRS = pd.DataFrame([(f"u{user}", item) for user in range(3) for item in range(3)], columns=["user_id", "item_id"])


def load(folder, **frames):
    for name, frame in {"interactions": PAIRS, **frames}.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return data.load_data(folder, OPEN)


def test_ids_of_bytes_become_text(tmp_path):
    assert load(tmp_path, interactions=PAIRS.assign(user_id=PAIRS["user_id"].str.encode("utf-8"))).user_ids[0] == "u0"
    ids = [uuid.UUID(int=n).bytes for n in range(3)]
    read = load(tmp_path, interactions=PAIRS.assign(item_id=[ids[item] for item in PAIRS["item_id"]]))
    assert read.item_ids.tolist() == [str(uuid.UUID(int=n)) for n in range(3)]
    odd = PAIRS.assign(item_id=[b"\xff" + bytes([item]) for item in PAIRS["item_id"]])
    assert load(tmp_path, interactions=odd).item_ids[0] == "ff00"


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("user_id", [1, 2], "text or numbers as user_id in interactions.parquet, found list"),
        ("item_id", {"a": 1}, "text or numbers as item_id in interactions.parquet, found struct"),
        ("value", datetime.datetime(2020, 1, 1), "numbers as value in interactions.parquet, found timestamp"),
        ("value", b"\xff", "numbers as value in interactions.parquet, found binary"),
    ],
)
def test_columns_that_cannot_be_what_they_are_for_are_refused(column, value, says, tmp_path):
    with pytest.raises(DataError, match=says) as error:
        load(tmp_path, interactions=PAIRS.assign(**{column: [value] * len(PAIRS)}))
    assert len(str(error.value).splitlines()) == 1


def test_lists_stay_lists_where_a_column_may_hold_several_words(tmp_path):
    tags = pd.DataFrame({"item_id": [0], "tag": [["calm", "funny"]]})
    tags.to_parquet(tmp_path / "tags.parquet")
    read = Folder(tmp_path).table("tags.parquet", {"item_id": "item_id", "tag": "tag"})
    assert list(read["tag"][0]) == ["calm", "funny"]


def test_two_columns_of_one_name_are_refused(tmp_path):
    table = pa.table([pa.array([1]), pa.array([1]), pa.array([2])], names=["user_id", "item_id", "item_id"])
    pyarrow.parquet.write_table(table, tmp_path / "interactions.parquet")
    with pytest.raises(DataError, match=r"column item_id once in interactions.parquet"):
        data.load_data(tmp_path)


def test_rows_that_a_parquet_file_claims_are_counted_before_they_are_read(tmp_path, monkeypatch):
    made = io.BytesIO()
    rows = pa.table({"user_id": pa.repeat(1, 10**6), "item_id": pa.repeat(1, 10**6)})
    pyarrow.parquet.write_table(rows, made)
    (tmp_path / "interactions.parquet").write_bytes(made.getvalue())
    monkeypatch.setenv("KNOBS_MAX_BYTES", "1000000")
    with pytest.raises(
        DataError, match=r"at most 1,000,000 bytes in interactions.parquet, found 16,\d+,\d+ packed into"
    ):
        data.load_data(tmp_path)
