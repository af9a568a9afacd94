"""Small things about CSR matrices."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.data import sparse
from knobs_core.data.sparse import (
    column_counts,
    is_mapped,
    keep_entries,
    most_liked,
    shuffled_places,
    single_items,
    taken,
)


def test_of_the_stored_entries_only_some_are_kept():
    dense = np.array([[1.0, 2, 0], [0, 0, 0], [3, 0, 4]])
    kept = keep_entries(sp.csr_matrix(dense), np.array([False, True, True, False]))
    assert kept.toarray().tolist() == [[0, 2, 0], [0, 0, 0], [3, 0, 0]]
    assert kept.nnz == 2
    assert keep_entries(sp.csr_matrix(dense), np.zeros(4, bool)).shape == (3, 3)


def test_everybody_likes_one_item():
    assert single_items(3).toarray().tolist() == np.eye(3).tolist()
    assert single_items(3).dtype == np.float32


def test_places_are_a_random_order_of_each_row():
    matrix = sp.csr_matrix(np.array([[1, 1, 1, 0], [0, 0, 0, 0], [0, 1, 0, 1]]))
    drawn = [shuffled_places(matrix, np.random.default_rng(seed)) for seed in range(200)]
    for places in drawn:
        assert sorted(places[:3]) == [0, 1, 2]
        assert sorted(places[3:]) == [0, 1]
    assert len({tuple(places) for places in drawn}) == 6 * 2


@pytest.fixture
def some(monkeypatch):
    """A matrix of several blocks of rows, some of them empty."""
    monkeypatch.setattr(sparse, "BLOCK", 3)
    return sp.random(20, 9, 0.3, "csr", np.float32, np.random.default_rng(0))


def test_places_do_not_depend_on_blocks(some):
    counts = np.diff(some.indptr)
    shuffled = np.lexsort((np.random.default_rng(1).random(some.nnz), np.repeat(np.arange(20), counts)))
    places = np.empty(some.nnz, np.int64)
    places[shuffled] = np.arange(some.nnz) - np.repeat(some.indptr[:-1], counts)
    assert np.array_equal(shuffled_places(some, np.random.default_rng(1)), places)


def test_columns_are_counted(some):
    rows = np.array([1, 4, 5, 7, 19])
    assert np.array_equal(column_counts(some), some.getnnz(axis=0))
    assert np.array_equal(column_counts(some, rows), some[rows].getnnz(axis=0))


def test_what_is_taken_of_a_mapped_matrix_is_mapped(some, tmp_path):
    for name in ("data", "indices", "indptr"):
        np.save(tmp_path / f"{name}.npy", getattr(some, name))
    arrays = (np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in ("data", "indices", "indptr"))
    mapped = sp.csr_matrix(tuple(arrays), shape=some.shape)
    for rows in (np.array([1, 4, 5, 7, 19]), np.arange(20), np.array([], int)):
        found, wanted = taken(mapped, rows), taken(some, rows)
        assert is_mapped(found.indices) == (found.nnz > 0)
        assert not is_mapped(wanted.indices)
        for name in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(found, name), getattr(wanted, name))
            assert getattr(found, name).dtype == getattr(wanted, name).dtype


def test_the_most_liked_items_come_first():
    likes = sp.csr_matrix(np.array([[0, 1, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]]))
    assert most_liked(likes, 3).tolist() == [1, 2, 3]
    assert most_liked(likes, 9).tolist() == [1, 2, 3, 0]
