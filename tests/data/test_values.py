"""What values mean: ratings, labels and counts are understood or refused."""

import numpy as np
import pandas as pd
import pytest

from knobs_core.base import DataError
from knobs_core.data.interactions import Interactions
from knobs_core.data.values import meaning, numbers, value_column


@pytest.mark.parametrize(
    ("name", "values", "liked", "warns"),
    [
        ("value", [1, 3.5, 4, 5], [0, 0, 1, 1], False),
        ("rating", [0.5, 4, 4.5], [0, 1, 1], False),
        ("label", [0, 1, 1], [0, 1, 1], False),
        ("value", [-1, 1, -1], [0, 1, 0], False),
        ("value", [1, 1, 1], [1, 1, 1], False),
        ("plays", [1, 2, 700], [1, 1, 1], False),
        ("Play Count", [0, 1, 9], [0, 1, 1], False),
        ("value", [1, 2, 9], [0, 0, 1], True),
        ("rating", [1, 60, 100], [0, 1, 1], True),
        ("score", [20, 60, 100], [1, 1, 1], True),
        ("value", [9, 9], [1, 1], False),
    ],
)
def test_values_are_understood_by_their_range_and_name(name, values, liked, warns):
    means = meaning(np.array(values, float), name, None)
    assert means.liked.tolist() == list(map(bool, liked))
    assert bool(means.warning) == warns
    assert name in means.said
    if warns:
        assert "--set data.threshold=1" in means.warning


def test_a_threshold_that_somebody_sets_wins_over_every_guess():
    for name in ("value", "plays", "label"):
        assert meaning(np.array([0.0, 1.0]), name, 0).liked.all()


@pytest.mark.parametrize("values", [[1, 3], [0, 0.3, 0.7], [0, 0], [-1, -1], [-5, 3]])
def test_values_without_a_like_are_refused_with_their_range(values):
    with pytest.raises(DataError, match=rf"found values from {min(values):g} to {max(values):g}; lower the threshold"):
        meaning(np.array(values, float), "score", None)


def test_words_for_true_and_false_are_numbers():
    assert numbers(pd.Series(["true", "FALSE", " yes ", "no", "4"])).tolist() == [1, 0, 1, 0, 4]
    assert np.isnan(numbers(pd.Series(["maybe", None, ""]))).all()


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["user_id", "item_id", "Rating"], "Rating"),
        (["user_id", "item_id", "play count", "timestamp"], "play count"),
        (["value", "rating"], "value"),
        (["user_id", "item_id", "timestamp", "note"], None),
    ],
)
def test_a_column_of_values_is_known_by_its_name(names, found):
    assert value_column(names, "interactions.csv") == found


def test_two_columns_of_values_are_refused():
    with pytest.raises(DataError, match=r"one column of values in x\.csv, found rating, plays; call the one"):
        value_column(["rating", "plays"], "x.csv")


@pytest.mark.parametrize(
    ("name", "values", "n_likes"),
    [("rating", [5, 4, 1, 2], 2), ("label", [1, 1, 0, 0], 2), ("plays", [9, 1, 1, 1], 4), ("score", [5, 5, 4, 3], 3)],
)
def test_a_frame_with_a_rating_is_read_by_it(name, values, n_likes):
    likes = pd.DataFrame({"user_id": list("uuuu"), "item_id": list("abcd"), name: values})
    made = Interactions.from_frames(likes, min_user_interactions=2)
    assert (made.matrix.nnz, made.account.rows) == (n_likes, 4)
    assert name in made.account.value


def test_the_threshold_that_was_used_is_kept():
    likes = pd.DataFrame({"user_id": list("uu"), "item_id": list("ab"), "label": [1, 1]})
    assert Interactions.from_frames(likes, min_user_interactions=2).source.config.threshold == 1
