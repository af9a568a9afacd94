"""An item by what a person types."""

import pandas as pd
import pytest

from knobs_core.base import UnknownNameError
from knobs_core.data import Interactions, find_item, search_items

TITLES = [
    "Am\u00e9lie",
    "Bj\u00f6rk",
    "Sigur R\u00f3s",
    "The Godfather",
    "Hamlet",
    "Hamlet",
    "M\u00f6tley Cr\u00fce",
    "\u96e8",
]
YEARS = [2001, None, None, 1972, 1990, 1996, None, None]


@pytest.fixture(scope="module")
def made():
    ids = [f"Q{i}" for i in range(len(TITLES))]
    likes = pd.DataFrame({"user_id": ["u"] * len(ids) + ["v"] * len(ids), "item_id": ids * 2})
    return Interactions.from_frames(likes, pd.DataFrame({"item_id": ids, "title": TITLES, "year": YEARS}))


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("amelie", 0), ("AM\u00c9LIE (2001)", 0), ("Ame\u0301lie", 0), ("bjork", 1), ("Bjo\u0308rk", 1),
        (" sigur  ros ", 2), ("godfather", 3), ("the godfather 1972", 3), ("hamlet (1996)", 5), ("motley crue", 6),
        ("\u96e8", 7), ("Q4", 4), ("q4", 4),
    ],
)  # fmt: skip
def test_items_are_found_by_id_and_by_title_in_any_spelling(made, typed, title):
    assert find_item(made, typed) == f"Q{title}"


@pytest.mark.parametrize("typed", ["hamlet", "nobody", "", "  ", "!!"])
def test_what_is_several_or_none_is_refused_with_what_there_is(made, typed):
    with pytest.raises(UnknownNameError, match="or one title"):
        find_item(made, typed)


def test_of_several_the_years_are_told(made):
    with pytest.raises(UnknownNameError, match="did you mean") as error:
        find_item(made, "hamlet")
    assert all(f"'Hamlet ({year})'" in str(error.value) for year in (1990, 1996))


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("ham", ["Hamlet", "Hamlet"]),
        ("FATHER", ["The Godfather"]),
        ("the god", ["The Godfather"]),
        ("amelie", ["Am\u00e9lie"]),
        ("r\u00f3s", ["Sigur R\u00f3s"]),
        ("Q3", ["The Godfather"]),
        ("godfahter", ["The Godfather"]),
        ("", []),
        ("zzz", []),
        ("\u96e8", ["\u96e8"]),
    ],
)
def test_items_that_some_letters_may_mean(made, typed, titles):
    assert [made.items["title"].iat[column] for column in search_items(made, typed)] == titles


def test_what_is_found_first_is_what_begins_so_then_the_most_liked():
    titles = ["Of Mice", "Mice", "Micelle", "A Mice Tale", "Premice"]
    pairs = [(f"u{n}", f"i{i}") for i in range(5) for n in range(i + 1)]
    likes = pd.DataFrame(pairs, columns=["user_id", "item_id"])
    items = pd.DataFrame({"item_id": [f"i{i}" for i in range(5)], "title": titles})
    data = Interactions.from_frames(likes, items, min_user_interactions=2)
    assert [data.items["title"].iat[i] for i in search_items(data, "mice")] == [
        "Mice",
        "A Mice Tale",
        "Micelle",
        "Of Mice",
        "Premice",
    ]
    assert len(search_items(data, "mice", most=2)) == 2
