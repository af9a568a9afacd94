"""Data sets as LensKit saves them."""

import json

import pytest

from knobs_core import data
from knobs_core.base.errors import DataError
from tests.data.sources.layouts import OPEN, SCHEMA, contents, parquet, publish


def load(tmp_path, **changed):
    files = contents("lenskit", tmp_path) | {name.replace("__", "."): made for name, made in changed.items()}
    return data.load_data(publish(files, None, "folder", tmp_path), OPEN)


def test_roles_may_have_names_of_their_own_and_items_no_title(tmp_path):
    relation = {"entities": {"reader": "user", "book": "item"}, "interaction": True}
    loaded = load(
        tmp_path,
        schema__json=json.dumps({"relationships": {"Loan": relation}}).encode(),
        loan__parquet=parquet(reader_num=[0, 0, 2, 2], book_num=[1, 2, 2, 0]),
        item__parquet=parquet(item_id=["30", "10", "20"], shelf=["a", "b", "a"]),
    )
    assert loaded.matrix.toarray().tolist() == [[1, 1, 0], [0, 1, 1]]
    assert loaded.items["title"].tolist() == ["10", "20", "30"]
    assert loaded.items["shelf"].tolist() == ["b", "a", "a"]


def test_numbers_stand_for_whatever_kind_of_id(tmp_path):
    loaded = load(tmp_path, user__parquet=parquet(user_id=[1, 9, 2]))
    assert loaded.user_ids.tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"schema__json": b"{}"}, "a readable table in"),
        ({"schema__json": b'{"relationships": {}}'}, "an interaction of users and items in schema.json, found no"),
        ({"schema__json": json.dumps({**SCHEMA, "default_interaction": "tagging"}).encode()}, "found no tagging"),
        ({"rating__parquet": parquet(user_num=[0, 3], item_num=[0, 1])}, "numbers from 0 to 2 in .*, found 3 in row 2"),
    ],
)  # fmt: skip
def test_what_does_not_fit_gets_one_line(changed, says, tmp_path):
    with pytest.raises(DataError, match=says) as error:
        load(tmp_path, **changed)
    assert len(str(error.value).splitlines()) == 1
