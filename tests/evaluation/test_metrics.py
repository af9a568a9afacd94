"""Recall and nDCG by hand and against scikit-learn."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from sklearn.metrics import ndcg_score

from knobs_core.base.ranking import top_k
from knobs_core.evaluation.metrics import ndcg_at_k, recall_at_k


def test_by_hand():
    ranked = np.array([[4, 0, 2], [1, 3, -1]])
    targets = sp.csr_matrix([[1, 0, 1, 1, 0], [0, 0, 0, 1, 0]])
    assert recall_at_k(ranked, targets) == pytest.approx([2 / 3, 1])
    first = (1 / np.log2(3) + 1 / np.log2(4)) / (1 + 1 / np.log2(3) + 1 / np.log2(4))
    assert ndcg_at_k(ranked, targets) == pytest.approx([first, 1 / np.log2(3)])


def test_recall_divides_by_k_when_there_are_more_targets():
    assert recall_at_k(np.array([[0, 1]]), sp.csr_matrix([[1, 1, 1, 1]])) == pytest.approx([1])


def test_nobody_without_targets_gets_a_number():
    assert np.isnan(recall_at_k(np.array([[0, 1]]), sp.csr_matrix((1, 4))))
    assert np.isnan(ndcg_at_k(np.array([[0, 1]]), sp.csr_matrix((1, 4))))


def test_ndcg_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    scores = torch.tensor(rng.random((30, 50)))
    targets = sp.csr_matrix(rng.random((30, 50)) < 0.1)
    targets[np.diff(targets.indptr) == 0, 0] = True
    ours = ndcg_at_k(top_k(scores, None, 20), targets)
    theirs = [ndcg_score(targets[[row]].toarray(), scores[[row]].numpy(), k=20) for row in range(30)]
    assert ours == pytest.approx(theirs)
