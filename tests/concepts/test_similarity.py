"""Relatives of knobs against correlations of the score vectors themselves."""

import numpy as np

from knobs_core.concepts.similarity import similarity


def test_equals_the_correlation_of_the_scores(planted_bundle):
    nested = planted_bundle.nested
    recipes = [{3: 1.0}, {5: 0.5, 9: 0.5}, {3: 0.9, 11: 0.1}]
    a, w = nested.cfae.item_vectors.numpy().astype(float), nested.sae.w_dec.numpy().astype(float)
    scores = [a @ sum(weight * w[j] for j, weight in recipe.items()) for recipe in recipes]
    expected = [np.corrcoef(scores[0], other)[0, 1] for other in scores]
    assert np.allclose(similarity(nested, recipes[0], recipes), expected, atol=1e-5)
