"""Parquet in numbered pieces."""

import pandas as pd
import pytest

from knobs_core import data
from knobs_core.base.errors import DataError
from tests.data.sources.layouts import OPEN, as_tags, contents, parquet, publish


def test_splits_are_read_as_one_and_texts_are_named_as_unused(tmp_path):
    loaded = data.load_data(publish(contents("huggingface", tmp_path), None, "folder", tmp_path), OPEN)
    assert "test, train are read as one" in " ".join(loaded.account.warnings)
    assert loaded.account.unused_columns == ("test-00000-of-00001.parquet: text",)
    assert loaded.account.kept_columns == ("maker",)


def test_pieces_that_are_missing_are_counted(tmp_path):
    files = contents("huggingface", tmp_path)
    del files["train-00000-of-00002.parquet"]
    with pytest.raises(DataError, match=r"2 pieces train-\*-of-00002.parquet, found 1; fetch the others"):
        data.load_data(publish(files, None, "zip", tmp_path), OPEN)
    only = {name: made for name, made in files.items() if name.startswith("items")}
    with pytest.raises(DataError, match=r"pieces with likes, such as train-00000-of-00001.parquet, found items"):
        data.load_data(publish(only, None, "folder", tmp_path), OPEN)


def test_columns_without_users_are_refused(tmp_path):
    files = {"train-00000-of-00001.parquet": parquet(label=[1], text=["a"])}
    with pytest.raises(
        DataError, match=r"column user_id, item_id in train-00000-of-00001.parquet, found columns label, text"
    ):
        data.load_data(publish(files, None, "folder", tmp_path), OPEN)


def test_pieces_are_prepared_to_what_is_read_at_once(tmp_path):
    files = contents("huggingface", tmp_path)
    files["items.csv"] = b"item_id,title\n10,A\n"  # pieces of items come first
    del files["tags-00000-of-00001.parquet"]
    for number, (item, tag) in enumerate((("10", "one"), ("30", "two"))):
        files[f"tags-{number:05}-of-00002.parquet"] = parquet(item_id=[item], tag=[tag], weight=[2.0])
    place = publish(files, "data", "folder", tmp_path)
    whole = data.load_data(place, OPEN)
    data.prepare(place, tmp_path / "out", OPEN, shards=2)
    again = data.load_data(tmp_path / "out")
    assert again.matrix.toarray().tolist() == whole.matrix.toarray().tolist()
    assert again.user_ids.tolist() == whole.user_ids.tolist()
    pd.testing.assert_frame_equal(again.items, whole.items)
    assert as_tags(again) == as_tags(whole) == {"one": [2, 0, 0], "two": [0, 0, 2]}
