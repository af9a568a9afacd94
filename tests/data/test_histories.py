"""People as histories: users of the data, likes of one's own, and groups."""

import pytest

from knobs_core.base.errors import DataError, UnknownNameError
from knobs_core.data.histories import history_at, history_from, history_of, history_of_group
from knobs_core.data.interactions import Interactions
from knobs_core.data.planted import planted


@pytest.fixture(scope="module")
def likes():
    made = planted(n_users=40, n_items=30, n_concepts=3, mean_likes=8)
    return Interactions.from_frames(made.interactions, made.items, made.tags)


def test_a_users_history_is_their_row(likes):
    row = likes.user_ids.tolist().index("u7")
    assert (history_of(likes, "u7") != likes.matrix[row]).nnz == 0
    with pytest.raises(UnknownNameError, match=r"one of the 40 users of this bundle, found 'u 7'; did you mean 'u7'"):
        history_of(likes, "u 7")


def test_likes_of_ones_own_count_once_in_any_order(likes):
    history = history_from(likes, ["i9", "i2", "i9"])
    assert history.shape == (1, 30)
    assert history.has_sorted_indices
    assert sorted(likes.item_ids[history.indices]) == ["i2", "i9"]
    assert history.data.tolist() == [1, 1]
    with pytest.raises(UnknownNameError, match="found 'zzz'"):
        history_from(likes, ["i9", "zzz"])
    with pytest.raises(DataError, match="at least one item id"):
        history_from(likes, [])


def test_histories_by_column(likes):
    assert history_at(likes, [5, 1, 5]).indices.tolist() == [1, 5]
    assert history_at(likes, []).nnz == 0


def test_a_group_has_a_row_each(likes):
    group = history_of_group(likes, ["u7", "u2"])
    assert (group[0] != history_of(likes, "u7")).nnz == 0
    assert (group[1] != history_of(likes, "u2")).nnz == 0
    for users in (["u7"], [], ["u1", "u2", "u3", "u4", "u5"]):
        with pytest.raises(DataError, match="two to 4 users in a group"):
            history_of_group(likes, users)
    with pytest.raises(UnknownNameError, match="nobody"):
        history_of_group(likes, ["u7", "nobody"])
