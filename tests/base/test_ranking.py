"""The one rule for ties: higher scores first, and among equal scores the lower column. Against NumPy's stable sort."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from knobs_core.base.ranking import GROUP, first_each, first_n, ranking, top_k

# Few values, so that many scores are equal, at the end of the list too; -inf is what nobody may be recommended.
SCORES = st.sampled_from([-np.inf, -2.5, -1.0, 0.0, 0.5, 0.5000001, 3.0])
ROWS = st.tuples(st.integers(1, 5), st.integers(1, 30))


@st.composite
def tables(draw):
    """Scores (B, n_items), which of them are seen, and a length, at times beyond what is there."""
    shape = draw(ROWS)
    return draw(arrays(np.float32, shape, elements=SCORES)), draw(arrays(bool, shape)), draw(st.integers(1, 35))


def by_sorting(scores, k):
    """The rule written out for one row (n_items,)."""
    k = min(k, len(scores))
    order = [i for i in np.argsort(-scores, kind="stable") if scores[i] > -np.inf][:k]
    return [*order, *[-1] * (k - len(order))]


@given(tables())
def test_top_k_is_a_stable_sort_of_what_is_left(case):
    scores, seen, k = case
    masked = np.where(seen, -np.inf, scores)
    found = top_k(torch.from_numpy(scores.copy()), sp.csr_matrix(seen), k)
    assert found.tolist() == [by_sorting(row, k) for row in masked]
    assert top_k(torch.from_numpy(scores.copy()), None, k).tolist() == [by_sorting(row, k) for row in scores]
    assert first_each(masked, k).tolist() == found.tolist()
    assert first_each(masked.astype(float), k).tolist() == found.tolist()


def test_of_equal_scores_at_the_end_of_the_list_the_first_items_stay():
    """Rows long enough for torch to choose in parts, where it does not keep the order of equal scores itself."""
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 4, (50, 3_000)).astype(np.float32)
    assert top_k(torch.from_numpy(scores), None, 20).tolist() == [by_sorting(row, 20) for row in scores]
    even = np.zeros((2, 3_000), np.float32)
    assert top_k(torch.from_numpy(even), None, 5).tolist() == [[0, 1, 2, 3, 4]] * 2


def test_where_fewer_are_left_than_asked_for_the_row_ends():
    scores = torch.tensor([[1.0, -np.inf, 2.0, 2.0]])
    assert top_k(scores, None, 9).tolist() == [[2, 3, 0, -1]]
    assert top_k(scores, sp.csr_matrix([[1, 1, 1, 1]]), 2).tolist() == [[-1, -1]]


def test_seen_items_are_never_ranked_and_scores_stay_untouched():
    scores = torch.tensor([[5.0, 4, 3, 2]])
    assert top_k(scores, sp.csr_matrix([[1, 0, 1, 0]]), 3).tolist() == [[1, 3, -1]]
    assert scores.tolist() == [[5, 4, 3, 2]]


@pytest.mark.parametrize("n_items", [1, 40, 3 * GROUP, 20 * GROUP + 7])
@pytest.mark.parametrize("n", [1, 5, 19])
def test_the_first_n_without_sorting_are_the_sorted_ones(n_items, n):
    rng = np.random.default_rng(n_items + n)
    for values in (2, 9, 10_000):
        scores = rng.integers(-values, values, n_items).astype(float)
        scores[rng.random(n_items) < 0.2] = -np.inf
        assert first_n(scores, n).tolist() == np.argsort(-scores, kind="stable")[:n].tolist()


@given(arrays(np.float32, st.integers(1, 40), elements=SCORES), st.data())
def test_a_whole_ranking_leaves_out_what_is_seen(scores, data):
    seen = np.array(data.draw(st.lists(st.integers(0, len(scores) - 1), unique=True)), np.int64)
    expected = [item for item in np.argsort(-scores, kind="stable") if item not in seen]
    assert ranking(torch.from_numpy(scores), seen).tolist() == expected
