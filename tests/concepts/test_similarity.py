"""Similar knobs and neurons that come back, against correlations of the score vectors themselves."""

import numpy as np
import pytest
import torch

from knobs_core.concepts.similarity import neuron_effects, same_neurons, similarity
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.nested import Nested
from knobs_core.models.sae.topk import TopKConfig, TopKSAE


def test_equals_the_correlation_of_the_scores(planted_bundle):
    nested = planted_bundle.nested
    recipes = [{3: 1.0}, {5: 0.5, 9: 0.5}, {3: 0.9, 11: 0.1}]
    a, w = nested.cfae.item_vectors.numpy().astype(float), nested.sae.w_dec.numpy().astype(float)
    scores = [a @ sum(weight * w[j] for j, weight in recipe.items()) for recipe in recipes]
    expected = [np.corrcoef(scores[0], other)[0, 1] for other in scores]
    assert np.allclose(similarity(nested, recipes[0], recipes), expected, atol=1e-5)


def test_neurons_of_two_trainings_are_compared_number_by_number():
    rng = np.random.default_rng(0)
    before, now = rng.normal(size=(5, 40)), rng.normal(size=(3, 40))
    now[1] = 7 - 2 * before[1]
    now[2] = 0.1 * before[2] + 4
    expected = [np.corrcoef(before[j], now[j])[0, 1] for j in range(3)]
    assert same_neurons(before, now) == pytest.approx(expected)
    assert same_neurons(now, before) == pytest.approx(expected)
    assert expected[1:] == pytest.approx([-1, 1])


def test_what_does_the_same_to_all_items_or_shares_none_is_like_nothing():
    assert same_neurons(np.ones((2, 9)), np.arange(18.0).reshape(2, 9)).tolist() == [0, 0]
    assert same_neurons(np.zeros((2, 0)), np.zeros((3, 0))).tolist() == [0, 0]


def test_the_effect_of_a_neuron_is_what_its_decoder_row_adds_to_the_scores(planted_bundle):
    nested = planted_bundle.nested
    rows = nested.sae.w_dec.numpy()[[9, 2]]
    expected = rows @ nested.cfae.item_vectors.numpy().T[:, [5, 0, 7]]
    np.testing.assert_allclose(neuron_effects(nested, [9, 2], [5, 0, 7]), expected, atol=1e-5)


def test_what_a_decoder_gives_everybody_is_no_effect():
    """MultVAE has a bias of its own for every item; with it all neurons would look alike."""
    made = torch.Generator().manual_seed(0)
    cfae = MultVAE(12, MultVAEConfig(dim=4), made)
    with torch.no_grad():
        cfae.b_out.copy_(100 * torch.arange(12.0))
    sae = TopKSAE(4, TopKConfig(k=2, width_ratio=2), made)
    found = neuron_effects(Nested(cfae, sae), [0, 1, 2], range(12))
    assert np.abs(found).max() < 50
    assert np.abs(np.corrcoef(found))[~np.eye(3, dtype=bool)].max() < 0.99
