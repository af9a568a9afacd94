"""Tags as assignments: each person gives an item a tag once, and what counts nothing is told."""

import numpy as np
import pandas as pd
import pytest

from knobs_core.base import DataError
from knobs_core.data.source import DataConfig
from knobs_core.data.tags import tagging

ITEMS, LIKES, LOOSE = np.array(["1", "2"], object), np.array([5.0, 3.0]), DataConfig(min_tag_items=1)


def tagged(config=LOOSE, **columns):
    return tagging(pd.DataFrame(columns), ITEMS, LIKES, config, ITEMS)


def test_a_person_gives_an_item_a_tag_once_in_whatever_spelling():
    tags = tagged(user_id=["a", "a", "a", "b"], item_id=["1"] * 4, tag=["Pixar", "pixar", "PIXAR ", "p\u200bixar"])
    assert tags.frame.to_numpy().tolist() == [[0, "pixar", 2.0]]
    assert (tags.rows, tags.used) == (4, 4)


def test_tags_without_people_count_once_for_each_like_of_their_item():
    tags = tagged(item_id=["1", "1", "2"], tag=["calm", "Calm", "calm"])
    assert tags.frame.to_numpy().tolist() == [[0, "calm", 5.0], [1, "calm", 3.0]]


def test_lists_in_cells_are_tags_each():
    tags = tagged(item_id=["1", "2"], tag=[["calm", "odd"], np.array(["odd"])])
    assert tags.frame["tag"].tolist() == ["calm", "odd", "odd"]
    assert tags.rows == 3


@pytest.mark.parametrize("mark", "|;,")
def test_several_tags_in_a_text_are_one_and_that_is_told(mark):
    tags = tagged(item_id=["1", "2"], tag=[f"calm{mark}odd"] * 2)
    assert set(tags.frame["tag"]) == {f"calm{mark}odd"}
    assert f"most rows of tags hold a '{mark}', e.g. 'calm{mark}odd'" in tags.warnings[0]
    few = tagged(item_id=["1"] * 3, tag=["calm", "odd", "based on a book, novel"])
    assert not any(few.warnings)


def test_a_weight_that_is_none_is_refused_with_what_stands_there():
    with pytest.raises(DataError, match="the first is row 2 with '-3'; correct or remove them"):
        tagged(item_id=["1", "2"], tag=["a", "b"], weight=["1", "-3"])


def test_tags_that_are_left_out_by_the_minimums_are_told():
    rare = tagged(DataConfig(min_tag_items=3, min_tag_assignments=7), item_id=["1", "2"], tag=["a", "a"])
    assert rare.warnings[1] == (
        "no tag is on 3 items and given 7 times, so there are no themes; "
        "lower --set data.min_tag_items=N or data.min_tag_assignments=N"
    )
