"""The low-rank DLAE against dense references: ridge regression on dropped inputs, and the best rank by eigenvectors."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.base.errors import DataError
from knobs_core.models.cfae.bags import Known, to_bags
from knobs_core.models.cfae.dlae import DLAE, MOST_ITEMS, DLAEConfig, solve

NOBODY = np.array([], int)


def known(likes):
    ids, nothing = np.arange(likes.shape[1]).astype(str).astype(object), sp.csr_matrix((0, likes.shape[1]))
    return Known(sp.csr_matrix(likes, dtype=np.float32), nothing, ids, ids[:0], NOBODY, NOBODY)


@pytest.fixture(scope="module")
def likes():
    return (np.random.default_rng(0).random((80, 24)) < 0.3).astype(float)


def full_rank(likes, config):
    """S = (G + R)^-1 G by plain NumPy."""
    gram = likes.T @ likes
    penalty = config.reg * np.eye(len(gram)) + config.dropout / (1 - config.dropout) * np.diag(np.diag(gram))
    return gram, np.linalg.solve(gram + penalty, gram)


def test_at_full_rank_it_is_ridge_regression_on_dropped_inputs(likes):
    config = DLAEConfig(dim=24, dropout=0.4, reg=7.0)
    encoder, decoder, explained = solve(known(likes), config, torch.Generator().manual_seed(1))
    _, expected = full_rank(likes, config)
    np.testing.assert_allclose(encoder @ decoder.T, expected, atol=1e-4)
    assert explained == pytest.approx(1, abs=1e-4)
    rng, left, right = np.random.default_rng(5), 0, 0
    for _ in range(4000):  # the expectation, by drawing what is dropped
        dropped = likes * (rng.random(likes.shape) >= config.dropout) / (1 - config.dropout)
        left, right = left + dropped.T @ dropped, right + dropped.T @ likes
    drawn = np.linalg.solve(left / 4000 + config.reg * np.eye(24), right / 4000)
    np.testing.assert_allclose(expected, drawn, atol=0.02)


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_of_low_rank_it_is_the_best_there_is(likes, dropout):
    """In the norm of the problem, |T - T V V^T| with T = L^-1 G, no other V of that rank leaves less."""
    config = DLAEConfig(dim=5, dropout=dropout, reg=3.0)
    encoder, decoder, explained = solve(known(likes), config, torch.Generator().manual_seed(1))
    gram, weights = full_rank(likes, config)
    values, vectors = np.linalg.eigh(gram @ weights)
    best = vectors[:, -5:]
    np.testing.assert_allclose(decoder @ decoder.T, best @ best.T, atol=1e-3)
    np.testing.assert_allclose(encoder, weights @ decoder, atol=1e-4)
    assert explained == pytest.approx(values[-5:].sum() / values.sum(), rel=1e-3)


def test_the_same_data_give_the_same_vectors_whatever_the_random_start(likes):
    config = DLAEConfig(dim=4)
    first, second = (solve(known(likes), config, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    np.testing.assert_allclose(first[0], second[0], atol=1e-3)
    np.testing.assert_allclose(first[1], second[1], atol=1e-3)


def test_scores_are_those_of_the_matrix(likes):
    config = DLAEConfig(dim=6)
    model, _, log = DLAE.make(config, known(likes), torch.Generator().manual_seed(1))
    rows = sp.csr_matrix(likes[:3], dtype=np.float32)
    expected = likes[:3] @ model.encoder.numpy() @ model.item_vectors.numpy().T
    np.testing.assert_allclose(model.decode(model.encode(to_bags(rows))), expected, rtol=1e-4, atol=1e-5)
    assert 0 < log["explained"] < 1


def test_what_is_rarely_liked_speaks_softly():
    likes = np.zeros((60, 12))
    likes[:50, :6] = np.random.default_rng(2).random((50, 6)) < 0.7
    likes[:2, 6] = 1
    model, _, _ = DLAE.make(DLAEConfig(dim=7, reg=20.0), known(likes), torch.Generator().manual_seed(1))
    moved = (model.encoder @ model.item_vectors.T).norm(dim=1)  # the scores that one like alone gives
    assert moved[6] < 0.4 * moved[:6].min()


def test_catalogues_that_do_not_fit_are_refused(likes):
    with pytest.raises(DataError, match=r"lower cfae\.dim"):
        DLAE.make(DLAEConfig(dim=64), known(likes), torch.Generator())
    large = sp.csr_matrix((2, MOST_ITEMS + 1), dtype=np.float32)
    with pytest.raises(DataError, match="use --cfae elsa"):
        DLAE.make(DLAEConfig(), known(large), torch.Generator())
