"""Batches: parts of histories, and every row once."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.data import keep_entries
from knobs_core.models.batches import shuffled, sub_histories
from tests.models.made_up import likes


@given(st.integers(0, 500))
def test_sub_histories_are_parts_that_are_never_empty(seed):
    dense = likes(seed=seed).toarray()
    dense[[5, -1]] = 0
    matrix = sp.csr_matrix(dense)
    [part] = sub_histories(matrix, np.random.default_rng(seed))
    assert part.shape == matrix.shape
    assert (part > matrix).nnz == 0
    assert np.array_equal(np.diff(part.indptr) > 0, np.diff(matrix.indptr) > 0)


def test_shuffled_covers_every_row_once():
    batches = list(shuffled(10, 4, np.random.default_rng(0)))
    assert [len(b) for b in batches] == [4, 4, 2]
    assert sorted(np.concatenate(batches)) == list(range(10))


def at_once(matrix, rng):
    """Parts of all histories, as they were drawn before there were blocks."""
    counts = np.diff(matrix.indptr)
    keep = rng.random(matrix.nnz) < np.repeat(rng.uniform(0.1, 1, len(counts)), counts)
    spare = matrix.indptr[:-1] + (rng.random(len(counts)) * counts).astype(np.int64)
    kept = np.diff(np.concatenate(([0], np.cumsum(keep)))[matrix.indptr])
    keep[spare[(kept == 0) & (counts > 0)]] = True
    return keep_entries(matrix, keep)


def test_blocks_of_histories_are_drawn_like_all_at_once():
    """The same parts, and the same numbers afterwards, also where half a number is left over."""
    matrix = sp.csr_matrix(likes(seed=3))
    for size in (1, 7, 1000, None):
        one, other = (np.random.default_rng(5) for _ in "12")
        for rng in (one, other):
            rng.permutation(7)
        wanted = at_once(matrix, one)
        found = sp.vstack(list(sub_histories(matrix, other, size)), format="csr")
        assert (found != wanted).nnz == 0
        assert other.bit_generator.state == one.bit_generator.state
        assert np.array_equal(other.permutation(9), one.permutation(9))
