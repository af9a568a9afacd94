"""Held-out pairs: the split, and average precision and AUROC against scikit-learn."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import average_precision_score, roc_auc_score

from knobs_core.concepts.heldout import Ranks, halves, permuted


@pytest.fixture(scope="module")
def tag_items():
    return sp.random(9, 60, 0.25, "csr", np.float32, rng=np.random.default_rng(1))


def test_halves_share_nothing_and_lose_nothing(tag_items):
    labelling, scored = halves(tag_items, seed=5)
    assert labelling.multiply(scored).nnz == 0
    assert (labelling + scored != tag_items).nnz == 0
    n = tag_items.getnnz(axis=1)
    assert np.array_equal(labelling.getnnz(axis=1), -(-n // 2))
    assert (halves(tag_items, seed=5)[0] != labelling).nnz == 0
    assert (halves(tag_items, seed=6)[0] != labelling).nnz > 0


def test_judging_agrees_with_scikit_learn_ties_and_hidden_items_included(tag_items):
    rng = np.random.default_rng(2)
    scores = np.maximum(rng.integers(-6, 7, (60, 5)), 0).astype(float)  # many zeros and other ties
    ranks = Ranks(scores)
    for labelling, scored in zip(*halves(tag_items, 0), strict=True):
        hidden, wanted = labelling.indices, scored.indices
        left = np.setdiff1d(np.arange(60), hidden)
        truth = np.isin(left, wanted)
        ap, auroc = ranks.judge(wanted, hidden)
        for column in range(5):
            assert ap[column] == pytest.approx(average_precision_score(truth, scores[left, column]))
            assert auroc[column] == pytest.approx(roc_auc_score(truth, scores[left, column]))


def test_hidden_items_do_not_count(tag_items):
    """Whatever score the hidden items get, what is said of the wanted ones stays the same."""
    labelling, scored = halves(tag_items, 0)
    scores = np.random.default_rng(3).random((60, 2))
    hidden, wanted = labelling[[0]].indices, scored[[0]].indices
    loud = scores.copy()
    loud[hidden] += 10
    assert np.allclose(Ranks(scores).judge(wanted, hidden), Ranks(loud).judge(wanted, hidden))
    assert not np.allclose(Ranks(scores).judge(wanted, []), Ranks(loud).judge(wanted, []))


def test_nothing_wanted_is_nan():
    assert np.isnan(Ranks(np.eye(4)).judge(np.array([], int), np.array([1]))).all()


def test_the_null_keeps_sizes_and_popularity(tag_items):
    likes = np.arange(60)
    shuffled = permuted(tag_items, likes, seed=0)
    assert np.array_equal(shuffled.getnnz(axis=1), tag_items.getnnz(axis=1))
    assert (shuffled != tag_items).nnz > 0
    bands = np.arange(60) // 6
    per_band = [np.asarray((matrix > 0).astype(int) @ np.eye(10)[bands]) for matrix in (tag_items, shuffled)]
    assert np.array_equal(*per_band)
