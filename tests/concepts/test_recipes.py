"""Recipes of concepts: unit sums, and the paper's methods from the concept map."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.concepts.directions import ConceptVectors
from knobs_core.concepts.recipes import METHODS, ConceptRecipe, concept_recipes, strongest
from knobs_core.concepts.tfidf import concept_map
from knobs_core.data.sparse import single_items


def test_recipes_have_unit_sum():
    recipe = strongest(np.array([0.0, 3, 1, 0, 4]), 2)
    assert recipe == {4: 4 / 7, 1: 3 / 7}
    assert strongest(np.zeros(4), 2) == {}


def test_the_papers_methods_follow_the_concept_map(planted_bundle):
    tags, tag_items = planted_bundle.interactions.tag_matrix()
    found = concept_map(tags, tag_items, planted_bundle.nested.codes(single_items(tag_items.shape[1])))
    for method, neurons in (("representative", found.representative()), ("unique", found.unique())):
        recipes = concept_recipes(planted_bundle.nested, tag_items, method)
        assert [next(iter(made.recipe), -1) for made in recipes] == neurons.tolist()
        assert all(len(made.recipe) <= 1 and made.rest is None for made in recipes)
    assert max(len(made.recipe) for made in concept_recipes(planted_bundle.nested, tag_items, "top5")) == 5


@pytest.mark.parametrize("method", METHODS)
def test_recipes_are_unit_sums_and_a_tag_without_items_has_none(planted_bundle, method):
    _, tag_items = planted_bundle.interactions.tag_matrix()
    with_empty = sp.vstack([tag_items, sp.csr_matrix((1, tag_items.shape[1]))], format="csr")
    *recipes, nothing = concept_recipes(planted_bundle.nested, with_empty, method)
    assert nothing == ConceptRecipe({})
    assert nothing.rest is None
    for made in recipes:
        recipe = made.recipe
        assert (made.rest is not None) == (method == "recipe")
        assert 0 < made.explained <= 1
        assert sum(recipe.values()) == pytest.approx(1)
        assert min(recipe.values()) > 0
        assert len(recipe) <= (METHODS[method].size or planted_bundle.nested.sae.d_sae)


def test_the_rest_is_half_of_what_ten_neurons_leave_of_the_direction(planted_bundle):
    """Recipe and rest together are the direction but for the other half, on the scale of a unit sum."""
    _, tag_items = planted_bundle.interactions.tag_matrix()
    nested = planted_bundle.nested
    evidence = ConceptVectors(nested, tag_items)
    a, w = (p.numpy().astype(float) for p in (nested.cfae.item_vectors, nested.sae.w_dec))
    for row, made in enumerate(concept_recipes(nested, tag_items)):
        named = sum(weight * w[j] for j, weight in made.recipe.items())
        scale = evidence.pursued[row].sum()
        np.testing.assert_allclose(2 * made.rest + named, evidence.directions[row] / scale, atol=1e-5)
        whole = np.corrcoef(a @ named, a @ (named + made.rest))[0, 1]
        assert made.explained == pytest.approx(whole**2, rel=1e-4)
    ten = concept_recipes(nested, tag_items, "ten")
    assert [made.recipe for made in ten] == [made.recipe for made in concept_recipes(nested, tag_items)]
