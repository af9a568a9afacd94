"""Small things about CSR matrices."""

import numpy as np
import scipy.sparse as sp

from knobs_core.data.sparse import keep_entries, shuffled_places, single_items


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
