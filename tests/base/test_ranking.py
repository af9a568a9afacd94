"""The one rule for ties: higher scores first, and among equal scores the lower column."""

import scipy.sparse as sp
import torch

from knobs_core.base.ranking import top_k


def test_seen_items_are_never_ranked_and_scores_stay_untouched():
    scores = torch.tensor([[5.0, 4, 3, 2]])
    assert top_k(scores, sp.csr_matrix([[1, 0, 1, 0]]), 3).tolist() == [[1, 3, -1]]
    assert scores.tolist() == [[5, 4, 3, 2]]
