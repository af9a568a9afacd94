"""Adjacency lists, as text and as JSON lines."""

import pytest

from knobs_core import data
from knobs_core.base.errors import DataError
from tests.data.sources.layouts import OPEN, parquet, publish

HISTORIES = (
    '{"user_id": "a", "items": ["x", "y"]}\n{"user_id": "b", "items": []}\n{"user_id": 7, "items": ["y", "x"]}\n'
)


def load(tmp_path, **files):
    made = {name.replace("__", "."): text.encode() if isinstance(text, str) else text for name, text in files.items()}
    return data.load_data(publish(made, None, "folder", tmp_path), OPEN)


def test_numbers_are_read_as_they_are_without_lists_of_names(tmp_path):
    loaded = load(tmp_path, train__txt="007 10 20\n8 20 10\n")
    assert loaded.user_ids.tolist() == ["007", "8"]
    assert loaded.item_ids.tolist() == ["10", "20"]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"train__txt": "1 2\n1 3\n"}, "a line for each person in train.txt, found 2 lines that begin with 1"),
        ({"train__txt": "1\n2\n"}, "lines of a user and items in train.txt, found no items"),
        ({"train__txt": ""}, "lines of a user and items in train.txt, found no items"),
        ({"train__txt": "1 2 3\n", "item_list__txt": "org_id remap_id\n7\n"}, "two ids in each line of item_list.txt"),
        ({"train__txt": b"1 \xff\n"}, "text as UTF-8 in train.txt, found other text in line 1"),
        ({"train__txt": b"PAR1"}, "a table of text in train.txt, found a Parquet file"),
        ({"histories__jsonl": '{"user_id": "a", "items": "x"}\n'}, "lists of ids as items in histories.jsonl"),
        ({"histories__jsonl": '{"user_id": "a"}\n'}, "column items in histories.jsonl, found columns user_id"),
    ],
)  # fmt: skip
def test_what_is_no_list_gets_one_line(files, says, tmp_path):
    with pytest.raises(DataError, match=says) as error:
        load(tmp_path, **files)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_histories_with_what_is_known_of_the_items(kind, tmp_path):
    table = {"jsonl": HISTORIES.replace("7,", '"7",'),
             "parquet": parquet(user_id=["a", "b", "7"], items=[["x", "y"], [], ["y", "x"]])}[kind]  # fmt: skip
    loaded = load(tmp_path, **{f"histories__{kind}": table, "items__csv": "item_id,title\nx,The X\ny,Y\n"})
    assert (loaded.user_ids.tolist(), loaded.item_ids.tolist()) == (["7", "a"], ["x", "y"])
    assert loaded.matrix.toarray().tolist() == [[1, 1], [1, 1]]
    assert loaded.items["title"].tolist() == ["The X", "Y"]


def test_ids_of_two_kinds_are_refused(tmp_path):
    with pytest.raises(DataError, match=r"user_id\) changed from string to number"):
        load(tmp_path, histories__jsonl=HISTORIES)
