"""Filters against a look at every item by hand."""

import numpy as np
import pandas as pd
import pytest

from knobs_core.data import Filters, Interactions, genres_of
from knobs_core.data.facets import known


@pytest.fixture
def data():
    items = pd.DataFrame(
        {
            "item_id": list("abcdef"),
            "title": list("abcdef"),
            "year": pd.array([1950, 1980, 1999, None, 2010, -480], "Int64"),
            "genres": ["Drama", "Drama|Comedy", "Comedy", "Western", "", "Drama|Western"],
        }
    )
    likes = {"a": 8, "b": 6, "c": 6, "d": 4, "e": 4, "f": 4}  # 32 likes: a has 8, a and b 14, a, b and c 20
    rows = [(f"u{n}", item) for item, count in likes.items() for n in range(count)]
    frame = pd.DataFrame(rows, columns=["user_id", "item_id"])
    return Interactions.from_frames(frame, items, min_user_interactions=2)


def fitting(data, **how):
    left = Filters(**how).left_out(data)
    assert (np.diff(left) > 0).all()
    return "".join(data.item_ids[np.setdiff1d(np.arange(6), left)])


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({}, "abcdef"),
        ({"first": 1980}, "bce"),
        ({"last": 1980}, "abf"),
        ({"first": 1980, "last": 1999}, "bc"),
        ({"only": ("Comedy",)}, "bc"),
        ({"only": ("Comedy", "Western")}, "bcdf"),
        ({"without": ("Drama",)}, "cde"),
        ({"only": ("Drama",), "without": ("Western",)}, "ab"),
        ({"fresh": True}, "def"),
        ({"fresh": True, "last": 2000}, "f"),
        ({"only": ("Opera",)}, ""),
    ],
)
def test_what_fits(data, how, expected):
    assert fitting(data, **how) == expected


def test_what_most_people_know_has_half_of_the_likes(demo_bundle):
    data = demo_bundle.interactions
    likes, found = data.matrix.getnnz(axis=0), known(demo_bundle.interactions)
    assert likes[found].sum() >= likes.sum() / 2 > likes[found].sum() - likes[found].min()
    assert likes[found].min() >= likes[~found].max()


def test_genres_by_how_many_carry_them(data):
    assert genres_of(data) == ["Drama", "Comedy", "Western"]
