"""Baselines against what they are defined by."""

import numpy as np
import scipy.sparse as sp
import torch
from sklearn.linear_model import Ridge

from knobs_core.base.ranking import top_k
from knobs_core.evaluation import baselines
from knobs_core.evaluation.metrics import ndcg_at_k


def test_ease_is_ridge_regression_on_all_other_items():
    likes = sp.random(60, 12, 0.3, format="csr", random_state=0, data_rvs=np.ones)
    dense = likes.toarray()
    weights = baselines.ease(likes, 5.0)
    assert (np.diag(weights) == 0).all()
    for item in range(12):
        others = np.delete(np.arange(12), item)
        ridge = Ridge(5.0, fit_intercept=False).fit(dense[:, others], dense[:, item])
        np.testing.assert_allclose(weights[others, item], ridge.coef_, atol=2e-4)


def test_teasers_encoder_is_the_minimum():
    """Without ridge terms the gradient X^T (X E T - X) T^T vanishes."""
    rng = np.random.default_rng(0)
    likes = sp.csr_matrix((rng.random((80, 10)) < 0.4).astype(np.float32))
    tags = (rng.random((4, 10)) < 0.4).astype(np.float32)
    x, encoder = likes.toarray(), baselines.teaser(likes, tags, 1e-3, 1e-6)
    assert np.abs(x.T @ (x @ encoder @ tags - x) @ tags.T).max() < 0.05
    profile = baselines.turn_tags(np.array([[1.0, 3.0]]), np.array([0]), 0.5)
    assert profile.tolist() == [[2.5, 1.5]]


def test_towards_keeps_an_embedding_without_a_direction():
    y = torch.tensor([[3.0, 4.0], [0.0, 2.0]])
    turned = baselines.towards(y, np.array([[2.0, 0.0], [0.0, 0.0]]), 0.5)
    assert turned.tolist() == [[4.0, 2.0], [0.0, 2.0]]


def test_eases_regularisation_is_the_best_on_validation_users(planted_bundle):
    split = planted_bundle.split()
    likes = planted_bundle.interactions.matrix[split.train]
    weights, chosen = baselines.chosen_ease(likes, split.val)

    def ndcg(regularisation):
        scores = torch.as_tensor(split.val.inputs @ baselines.ease(likes, regularisation))
        return np.nanmean(ndcg_at_k(top_k(scores, split.val.inputs, 20), split.val.targets))

    assert ndcg(chosen) == max(ndcg(one) for one in baselines.EASE_GRID)
    assert np.allclose(weights, baselines.ease(likes, chosen))
