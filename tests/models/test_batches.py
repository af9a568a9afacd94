"""Batches: parts of histories, and every row once."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from knobs_core.models.batches import shuffled, sub_histories
from tests.models.made_up import likes


@settings(deadline=None)
@given(st.integers(0, 500))
def test_sub_histories_are_parts_that_are_never_empty(seed):
    dense = likes(seed=seed).toarray()
    dense[[5, -1]] = 0
    matrix = sp.csr_matrix(dense)
    part = sub_histories(matrix, np.random.default_rng(seed))
    assert part.shape == matrix.shape
    assert (part > matrix).nnz == 0
    assert np.array_equal(np.diff(part.indptr) > 0, np.diff(matrix.indptr) > 0)


def test_shuffled_covers_every_row_once():
    batches = list(shuffled(10, 4, np.random.default_rng(0)))
    assert [len(b) for b in batches] == [4, 4, 2]
    assert sorted(np.concatenate(batches)) == list(range(10))
