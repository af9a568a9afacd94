"""Further columns of a table of items: kept as text, each cell with its own item, or named with the reason."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knobs_core.data import Interactions, columns
from knobs_core.data.source import TITLES

LOOSE = {"min_user_interactions": 2, "min_tag_items": 1}
IDS = ["1", "2", "3", "4"]
LIKES = pd.DataFrame({"user_id": np.repeat(list("uvw"), 4), "item_id": IDS * 3})


def read(**further):
    """Four items that everybody likes, with further columns."""
    items = pd.DataFrame({"item_id": IDS, "title": list("ABCD")}).assign(**further)
    return Interactions.from_frames(LIKES, items, **LOOSE)


def unused(**further):
    [said] = read(**further).account.unused_columns
    return said


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (["Ann", " Bob | Ann ", "", None], ["Ann", "Bob|Ann", "", ""]),
        (["007", "7", "7", "07"], ["007", "7", "7", "07"]),
        ([90, 91, np.nan, 90], ["90", "91", "", "90"]),
        ([1.5, 2.25, 1.5, np.nan], ["1.5", "2.25", "1.5", ""]),
        ([True, False, True, True], ["True", "False", "True", "True"]),
        (["NULL", "\\N", "n/a|Ann", "x"], ["", "", "Ann", "x"]),
        (["A\u0308ra\nx\u202e", "\x1b[31m", "a|a|", "|"], ["\u00c4ra x", "[31m", "a", ""]),
        (["<b>x</b>", "=1+1", "-", "a,b"], ["<b>x</b>", "=1+1", "-", "a,b"]),
        (pd.Categorical(["a", "b", None, "a"]), ["a", "b", "", "a"]),
        (pd.to_datetime(["2001-02-03"] * 4).date, ["2001-02-03"] * 4),
    ],
)
def test_cells_are_text_and_bars_stand_between_values(given, kept):
    made = read(director=given)
    assert made.items["director"].tolist() == kept
    assert made.items["director"].dtype == "string"
    assert made.account.kept_columns == ("director",)
    assert made.account.unused_columns == ()
    assert "Further columns kept: director." in made.account.sentences(TITLES)


@pytest.mark.parametrize(
    "cells",
    [
        [["a"], ["b"], None, []],
        [{"a": 1}, "b", "c", "d"],
        ["a", ("b", "c"), "d", "e"],
        [np.zeros(2), np.zeros(2), None, None],
        pd.array([["a"], [], None, ["b"]], dtype=pd.ArrowDtype(pa.list_(pa.string()))),
    ],
)
def test_what_is_nested_is_told_and_left_out(cells):
    made = read(crew=cells)
    assert "crew" not in made.items
    assert made.account.unused_columns == ("items: crew (lists or records in its cells; write several values as A|B)",)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Title", "means something else here"),
        ("genre", "means something else here"),
        ("Tag", "means something else here"),
        ("Image URL", "means something else here"),
        ("dir\x1b[31mector", "holds characters that nobody sees"),
        ("dir\nector", "holds characters that nobody sees"),
        ("\u200b", "holds characters that nobody sees"),
        ("x" * 61, "longer than 60 characters"),
    ],
)
def test_a_name_that_cannot_be_is_told(name, why):
    assert why in unused(**{name: "a"})
    assert "\x1b" not in unused(**{name: "a"})


def test_names_that_differ_in_case_alone_are_both_left_out():
    made = read(Lang="a", lang="b", **{"la-ng": "c"})
    assert made.account.kept_columns == ()
    assert len(made.account.unused_columns) == 3
    assert "another column is called so, in whatever case" in made.account.unused_columns[0]


def test_what_numbers_the_rows_is_no_column_and_nothing_is_said_of_it():
    account = read(**{"Unnamed: 0": range(4), "": range(4), "index": range(4)}).account
    assert (account.kept_columns, account.unused_columns) == ((), ())


def test_names_with_a_meaning_of_their_own_are_known_in_whatever_case():
    made = read(Franchise=["x", "x", "y", ""], DESCRIPTION="text")
    assert made.account.kept_columns == ("description", "franchise")
    assert made.items["franchise"].tolist() == ["x", "x", "y", ""]


def test_the_first_columns_are_kept_and_a_description_is_always_among_them():
    made = read(**{f"c{i}": "a" for i in range(40)}, description="text")
    assert made.account.kept_columns == ("description", *(f"c{i}" for i in range(31)))
    assert len(made.account.unused_columns) == 9
    assert made.account.unused_columns[0] == "items: c31 (only 32 further columns are kept)"


def test_bounds_of_cells_and_values(monkeypatch):
    assert read(plot=["x" * 1000] * 4).account.kept_columns == ("plot",)
    assert "cells of more than 1,000 characters" in unused(plot=["x" * 1001, "", "", ""])
    assert unused(plot=["", None, "null", " | "]) == "items: plot (nothing in it)"
    monkeypatch.setattr(columns, "VALUES", 3)
    assert read(name=["a", "b", "c", "a|b"]).account.kept_columns == ("name",)
    assert "more than 3 different values" in unused(name=["a", "b", "c", "a|d"])


def test_descriptions_may_be_long_and_are_never_offered():
    made = read(description=["y" * 6000, "a|b\n\nc", "same", "same"])
    assert made.items["description"].tolist() == ["y" * 5000, "a|b c", "same", "same"]
    assert "Texts of more than 5,000 characters in description were cut: 1." in made.account.sentences(TITLES)
    assert made.grouping == ()


def test_a_column_is_offered_where_two_items_share_a_value():
    made = read(isbn=list("abcd"), cast=["a|b", "c", "b|d", ""], made=["x", "x", "", ""], odd=["x", "", "", ""])
    assert made.grouping == ("cast", "made")


@given(st.permutations(range(8)), st.sets(st.integers(0, 7), min_size=2), st.integers(0, 8))
@settings(max_examples=60)
def test_every_item_keeps_its_own_cells(order, liked, known):
    """Whatever the order of the table, and whichever of its items are liked."""
    table = pd.DataFrame({"item_id": [f"i{i}" for i in order], "title": [f"T{i}" for i in order]})
    table = table.assign(maker=[f"M{i}|all" for i in order]).iloc[:known]
    likes = pd.DataFrame({"user_id": "u", "item_id": [f"i{i}" for i in liked]})
    made = Interactions.from_frames(likes, table, **LOOSE)
    there = {f"i{i}": f"M{i}|all" for i in order[:known]}
    expected = [there.get(item, "") for item in made.item_ids]
    assert made.items.get("maker", pd.Series([""] * len(liked))).tolist() == expected
