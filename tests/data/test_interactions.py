"""Interactions of tables: checked, filtered, named and tagged."""

import numpy as np
import pandas as pd
import pytest

from knobs_core import data
from knobs_core.base.errors import ConfigError, DataError
from knobs_core.data.interactions import Tables, build
from knobs_core.data.source import DataConfig, Source

LOOSE = DataConfig(min_user_interactions=2, min_tag_items=1)


def rows(*pairs, **columns):
    return pd.DataFrame(pairs, columns=["user_id", "item_id"]).assign(**columns)


def test_threshold_user_minimum_and_ids_by_hand():
    frame = rows(
        ("u1", "a"), ("u1", "b"), ("u1", "c"), ("u2", "a"), ("u2", "b"), ("u3", "c"), value=[4, 5, 3.5, 4, 4, 5]
    )
    built = build(Tables(frame), Source(config=LOOSE))
    assert built.user_ids.tolist() == ["u1", "u2"]
    assert built.item_ids.tolist() == ["a", "b"]
    assert built.matrix.toarray().tolist() == [[1, 1], [1, 1]]
    assert built.matrix.dtype == np.float32


def test_items_are_counted_before_users():
    frame = rows(("u1", "a"), ("u1", "b"), ("u1", "rare"), ("u2", "a"), ("u2", "b"), ("u3", "a"), ("u3", "rare2"))
    built = build(Tables(frame), Source(config=DataConfig(min_user_interactions=2, min_item_interactions=2)))
    assert built.user_ids.tolist() == ["u1", "u2"]
    assert built.item_ids.tolist() == ["a", "b"]


def test_without_values_every_row_counts_and_strange_ids_stay_as_they_are():
    ids = ["007", " lead", "two words", "žluť", "NA", "null"]
    frame = rows(*[(user, item) for user in ("ü 1", "2") for item in ids])
    built = build(Tables(frame), Source(config=LOOSE))
    assert sorted(built.item_ids) == sorted(ids)
    assert sorted(built.user_ids) == ["2", "ü 1"]
    assert built.matrix.nnz == 12


def test_items_get_titles_years_genres_and_fall_back_to_the_id():
    items = pd.DataFrame(
        {"item_id": [2, 1], "title": ["<b>Two</b>", None], "year": ["1999", "x"], "genres": ["A|B", None]}
    )
    built = build(Tables(rows((1, 1), (1, 2), (2, 1), (2, 2)), items), Source(config=LOOSE))
    assert built.items["title"].tolist() == ["1", "<b>Two</b>"]
    assert built.items["year"].isna().tolist() == [True, False]
    assert built.items["genres"].tolist() == ["", "A|B"]


def test_tags_are_lowered_summed_and_weighted_by_users_or_by_likes():
    frame = rows(("u1", "a"), ("u1", "b"), ("u2", "a"), ("u2", "b"), ("u3", "a"), ("u3", "c"))
    tags = pd.DataFrame({"item_id": ["a", "a", "b", "zzz"], "tag": [" Noir", "noir", "NOIR", "noir"]})
    voted = build(Tables(frame, tags=tags.assign(user_id=["x", "y", "x", "x"])), Source(config=LOOSE))
    names, counts = voted.tag_matrix()
    assert names == ["noir"]
    assert counts.toarray().tolist() == [[2, 1, 0]]
    edited = build(Tables(frame, tags=tags.drop_duplicates("item_id")), Source(config=LOOSE))
    assert edited.tag_matrix()[1].toarray().tolist() == [[3, 2, 0]]  # likes of a and b
    weighted = build(Tables(frame, tags=tags.assign(weight=[0.5, 1, 2, 9])), Source(config=LOOSE))
    assert weighted.tag_matrix()[1].toarray().tolist() == [[1.5, 2, 0]]


@pytest.mark.parametrize(
    ("frame", "config", "says"),
    [
        (pd.DataFrame({"user": [1], "movie": [2]}), LOOSE, "columns user, movie"),
        (rows(), LOOSE, "an empty table"),
        (rows(("u", "a"), ("u", None)), LOOSE, "a item_id in every row"),
        (rows(("u", "a"), ("", "b")), LOOSE, "a user_id in every row"),
        (rows(("u", "a"), ("u", "b"), value=[5, float("nan")]), LOOSE, "a finite number as value"),
        (rows(("u", "a"), ("u", "b"), value=["5", "five"]), LOOSE, "the first is row 2"),
        (rows(("u", "a"), ("u", "a")), LOOSE, "1 duplicate row(s), the first for user 'u' and item 'a'"),
        (rows(("u", "a"), ("u", "b"), value=[1, 3]), LOOSE, "values from 1 to 3"),
        (rows(("u", "a"), ("u", "b")), DataConfig(), "users with at least 5 likes"),
    ],
)
def test_bad_tables_are_refused_in_one_clear_line(frame, config, says):
    with pytest.raises(DataError) as error:
        build(Tables(frame), Source(config=config))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_duplicates_can_be_merged_and_the_last_value_holds():
    frame = rows(("u", "a"), ("u", "a"), ("u", "b"), ("u", "c"), value=[5, 1, 5, 5])
    built = build(Tables(frame), Source(config=DataConfig(min_user_interactions=2, duplicates="merge")))
    assert built.item_ids.tolist() == ["b", "c"]


def test_settings_are_checked(planted_folder):
    with pytest.raises(ConfigError, match="did you mean 'threshold'"):
        data.load_data(str(planted_folder), {"treshold": 3})
    with pytest.raises(ConfigError, match=r"data.min_user_interactions to be greater than or equal to 2"):
        data.load_data(str(planted_folder), {"min_user_interactions": "1"})


def test_ids_that_are_numbers_are_ordered_as_numbers_and_others_as_text():
    def order(ids):
        frame = pd.DataFrame({"user_id": ["u"] * len(ids) + ["v"] * len(ids), "item_id": [*ids, *ids]})
        return data.build(
            data.Tables(frame), data.Source(config=data.DataConfig(min_user_interactions=2))
        ).item_ids.tolist()

    assert order(["10", "9", "-1"]) == ["-1", "9", "10"]
    assert order(["10", "9", "007"]) == ["007", "10", "9"]
    assert order(["10", "9", "1.5"]) == ["1.5", "10", "9"]
    assert order(["10", "9", "99999999999999999999"]) == ["10", "9", "99999999999999999999"]
    assert order([10.0, 9.0]) == ["9", "10"]
