"""Tags made of genres and years."""

import pandas as pd
import pytest

from knobs_core.data.metadata_tags import genre_lists, is_decade, metadata_tags


def test_metadata_gives_genres_and_decades():
    tags = metadata_tags(pd.DataFrame({"item_id": ["a", "b"], "genres": ["Drama|War", None], "year": [1999, None]}))
    assert set(map(tuple, tags.to_numpy())) == {("a", "Drama"), ("a", "War"), ("a", "1990s")}


@pytest.mark.parametrize("tag", ["1990s", "90s", "80's", "\u201980s", "1980\u2019s", "0s", "-720s", "10s"])
def test_a_decade_by_any_name_is_one(tag):
    assert is_decade(tag)


@pytest.mark.parametrize("tag", ["1994", "1990", "s", "007s", "1995s", "80s music", "the 1990s", "10000s", "drama", ""])
def test_what_says_something_else_is_none(tag):
    assert not is_decade(tag)


def test_all_decades_that_metadata_gives_are_decades():
    years = pd.DataFrame({"item_id": range(2300), "year": range(-200, 2100)})
    assert all(map(is_decade, metadata_tags(years)["tag"]))


def test_decades_before_christ_are_counted_from_him():
    years = pd.DataFrame({"item_id": list("abcd"), "year": [-480, -429, 0, 1604]})
    assert metadata_tags(years)["tag"].tolist() == ["480s bc", "420s bc", "1600s"]


@pytest.mark.parametrize(
    ("cells", "read"),
    [
        (["Drama|War", "Drama"], ["Drama|War", "Drama"]),
        ([" Drama | War |", "|"], ["Drama|War", ""]),
        (["Drama, War", "Drama"], ["Drama|War", "Drama"]),
        (["Drama;War", "Drama, or so"], ["Drama|War", "Drama, or so"]),
        (["Drama|War", "Drama, or so"], ["Drama|War", "Drama, or so"]),
        (["['Drama', 'War']", "[]"], ["Drama|War", ""]),
        (['["Drama", "War"]', '["a|b"]'], ["Drama|War", "a/b"]),
        (['[{"id": 1, "name": "Drama"}]', "[broken"], ["Drama", "[broken"]),
        ([["Drama", "War"], []], ["Drama|War", ""]),
        (["(no genres listed)", "\\N"], ["", ""]),
        ([None, float("nan")], ["", ""]),
        (["Drama|drama|Drama", "N/A"], ["Drama|drama", ""]),
        ([{"Drama"}, {"a": 1}], ["Drama", "{'a': 1}"]),
    ],
)
def test_genres_are_listed_in_many_ways(cells, read):
    assert genre_lists(pd.Series(cells, dtype=object))[0].tolist() == read


def test_commas_between_genres_are_told():
    assert genre_lists(pd.Series(["Drama, War"]))[1] == "genres were split at ',', as none has a '|'"
