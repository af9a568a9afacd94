"""The split of users, and of each held-out user's likes."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.base.errors import DataError
from knobs_core.data.split import split_users


@pytest.mark.parametrize("n", [5, 6, 10, 11, 24, 25])
def test_targets_are_a_fifth_rounded_up(n):
    matrix = sp.csr_matrix(np.ones((20, n), np.float32))
    split = split_users(matrix, seed=0)
    assert np.diff(split.test.targets.indptr).tolist() == [-(-n // 5)] * 2


@given(st.integers(10, 60), st.integers(0, 2**31))
def test_split_keeps_every_user_and_every_like_once(n_users, seed):
    matrix = sp.random(n_users, 30, 0.4, "csr", np.float32, seed)
    matrix.data[:] = 1
    split = split_users(matrix, seed)
    everyone = np.concatenate([split.train, split.val.users, split.test.users])
    assert sorted(everyone) == list(range(n_users))
    assert len(split.train) == round(0.8 * n_users)
    assert len(split.val.users) == round(0.1 * n_users)
    for part in (split.val, split.test):
        assert (part.inputs + part.targets != matrix[part.users]).nnz == 0
        assert part.inputs.multiply(part.targets).nnz == 0
    again = split_users(matrix, seed)
    assert (again.test.inputs != split.test.inputs).nnz == 0


def test_split_counts_of_the_paper():
    """160,776 users give 128,621 training users (facts of ML-25M)."""
    assert round(0.8 * 160_776) == 128_621
    with pytest.raises(DataError, match="at least 10 users"):
        split_users(sp.identity(9, format="csr"), 0)
