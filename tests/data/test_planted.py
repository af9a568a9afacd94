"""Made-up data has the size, the tails and the concepts it was asked for."""

import numpy as np

from knobs_core.data.planted import planted_likes


def test_planted_likes_have_their_size_their_tails_and_their_concepts():
    matrix, concept = planted_likes(3000, 1200, 60_000, n_concepts=30, max_favourites=3, noise=0.01, seed=4)
    again, _ = planted_likes(3000, 1200, 60_000, n_concepts=30, max_favourites=3, noise=0.01, seed=4)
    other, _ = planted_likes(3000, 1200, 60_000, n_concepts=30, max_favourites=3, noise=0.01, seed=5)
    assert matrix.shape == (3000, 1200)
    assert abs(matrix.nnz - 60_000) < 600
    assert (matrix != again).nnz == 0
    assert (matrix != other).nnz > 0
    sums = matrix.copy()
    sums.sum_duplicates()
    assert sums.nnz == matrix.nnz  # nobody likes an item twice
    assert set(matrix.data) == {1.0}
    activity, popularity = np.diff(matrix.indptr), matrix.getnnz(axis=0)
    assert activity.min() == 5
    for counts in (activity, popularity):  # the most active tenth, and the most popular, hold far more than a tenth
        assert np.sort(counts)[-len(counts) // 10 :].sum() > 0.25 * matrix.nnz
    by_concept = np.stack([np.bincount(concept[matrix[user].indices], minlength=30) for user in range(200)])
    assert np.sort(by_concept, axis=1)[:, -3:].sum() > 0.6 * by_concept.sum()


def test_planted_likes_follow_the_weights():
    """One favourite and no bounds in reach: the share of draws goes with popularity times (affinity + noise)."""
    matrix, concept = planted_likes(60_000, 100, 300_000, n_concepts=2, max_favourites=1, noise=0.5, seed=1)
    favourite = np.array([concept[row].mean() > 0.5 for row in np.split(matrix.indices, matrix.indptr[1:-1])])
    popularity = matrix.getnnz(axis=0)
    assert np.corrcoef(np.log(np.sort(popularity)[::-1]), np.log(np.arange(1, 101)))[0, 1] < -0.95
    inside = (concept[matrix.indices] == np.repeat(favourite, np.diff(matrix.indptr))).mean()
    assert 0.6 < inside < 0.85  # (1 + 0.5) against 0.5, that is 0.75, less what cannot be drawn twice
