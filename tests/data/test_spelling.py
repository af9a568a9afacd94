"""Ids and tags in many spellings: what means the same is the same, on both sides of every match."""

import numpy as np
import pandas as pd
import pytest

from knobs_core.base import DataError
from knobs_core.data.interactions import Interactions
from knobs_core.data.spelling import Coded, exploded, lookalikes, matched, one_spelling


def texts(*ids):
    return Coded.of(pd.Series(ids, dtype=object)).ids.tolist()


@pytest.mark.parametrize(
    ("ids", "read"),
    [
        (("7", "7 ", " 7", "7\u00a0"), ["7"]),
        (("caf\u00e9", "cafe\u0301"), ["caf\u00e9"]),
        (("a\u200bb", "ab", "a\x07b"), ["ab"]),
        (("12.0", "12", "13.0"), ["12", "13"]),
        ((12.0, 13.0), ["12", "13"]),
        (("12.0", "x"), ["12.0", "x"]),  # no whole numbers, so nothing is repaired
        (("1.0", "1.1"), ["1.0", "1.1"]),
        (("007", "7"), ["007", "7"]),
        (("007.0",), ["007.0"]),
    ],
)
def test_ids_are_read_without_what_nobody_sees(ids, read):
    assert texts(*ids) == read


def test_a_cell_with_several_ids_is_refused():
    with pytest.raises(DataError, match="one item_id in each row"):
        Coded.of(pd.Series([["a", "b"], ["c"]], name="item_id"))


@pytest.mark.parametrize(
    ("ids", "others", "places", "in_other_case"),
    [
        (["a", "b"], ["b", "x", "a"], [1, -1, 0], 0),
        (["tt1", "tt2"], ["TT1", "tt2"], [0, 1], 1),
        (["a", "A"], ["A", "a"], [1, 0], 0),  # two ids where both are there
        (["tt1", "Tt1"], ["TT1"], [-1], 0),  # which of them is meant?
        (["tt1"], ["TT1", "Tt1"], [-1, -1], 0),
        (["a"], [], [], 0),
    ],
)
def test_ids_meet_in_another_case_where_that_leaves_no_doubt(ids, others, places, in_other_case):
    found, n = matched(np.array(ids, object), np.array(others, object))
    assert (found.tolist(), n) == (places, in_other_case)


def test_tables_in_another_case_are_matched_and_that_is_said():
    likes = pd.DataFrame({"user_id": np.repeat(["u", "v"], 2), "item_id": ["tt1", "tt2"] * 2})
    items = pd.DataFrame({"item_id": ["TT1", "TT2"], "title": ["One", "Two"], "genres": ["Drama", "Drama"]})
    tags = pd.DataFrame({"item_id": ["Tt1", "Tt2"], "tag": ["calm", "calm"]})
    made = Interactions.from_frames(likes, items, tags, min_user_interactions=2, min_tag_items=1)
    assert made.items["title"].tolist() == ["One", "Two"]
    assert made.tags["item"].tolist() == [0, 1]
    assert [said for said in made.account.repairs if "another case" in said] == [
        "2 ids of the items are written in another case than in the interactions, and were matched",
        "2 ids of the tags are written in another case than in the interactions, and were matched",
    ]
    assert made.account.warnings == ()


def test_whole_numbers_that_became_floats_meet_those_that_did_not():
    likes = pd.DataFrame({"user_id": np.repeat(["u", "v"], 2), "item_id": ["1.0", "2.0"] * 2})
    items = pd.DataFrame({"item_id": ["1", "2"], "title": ["One", "Two"]})
    made = Interactions.from_frames(likes, items, min_user_interactions=2)
    assert made.items["title"].tolist() == ["One", "Two"]
    assert made.account.repairs == (
        "Ids in item_id of the interactions are whole numbers written as '1.0', and were read as '1'",
    )


@pytest.mark.parametrize(
    ("ids", "says"),
    [
        (["a", "A", "b"], "2 ids differ from others in case or quotation marks alone, e.g. 'a' and 'A'"),
        (["g1", '"g1', 'g1"'], "3 ids"),
        (["a", "b"], ""),
        ([], ""),
    ],
)
def test_ids_that_look_alike_are_told(ids, says):
    said = lookalikes(np.array(ids, object))
    assert said.startswith(says)
    assert bool(said) == bool(says)


def test_people_and_items_are_found_by_ids_in_another_spelling():
    likes = pd.DataFrame({"user_id": ["Zo\u00eb"] * 2 + ["a"] * 2 + ["A"] * 2, "item_id": ["tt1", "tt2"] * 3})
    made = Interactions.from_frames(likes, min_user_interactions=2)
    for name in ("Zo\u00eb", "Zoe\u0308", " zo\u00cb "):
        assert made.user_ids[made.row(name)] == "Zo\u00eb"
    assert made.user_ids[made.row("A")] == "A"
    assert made.column("TT2") == made.column_of["tt2"]
    assert made.column("tt3") is None


def test_a_tag_goes_by_the_spelling_of_most_rows():
    tags = ["Film  Noir", "film\u00a0noir", "film-noir", "\u0130stanbul", "istanbul", "\u200b", None]
    names, places = one_spelling(coded := Coded.of(pd.Series(tags, dtype=object)))
    spelled = names[places[coded.codes]].tolist()
    assert spelled == ["film noir"] * 3 + ["istanbul"] * 2 + ["", ""]


def test_lists_become_rows_and_other_columns_repeat():
    table = pd.DataFrame({"item_id": ["a", "b", "c"], "tag": [["x", "y"], np.array(["z"]), "w"]})
    assert exploded(table, "tag").to_numpy().tolist() == [["a", "x"], ["a", "y"], ["b", "z"], ["c", "w"]]
