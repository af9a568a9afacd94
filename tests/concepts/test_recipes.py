"""Recipes of concepts: unit sums, and the paper's methods from the concept map."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.concepts.recipes import METHODS, concept_recipes, strongest
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
        assert [next(iter(recipe), -1) for recipe in recipes] == neurons.tolist()
        assert all(len(recipe) <= 1 for recipe in recipes)
    assert max(map(len, concept_recipes(planted_bundle.nested, tag_items, "top5"))) == 5


@pytest.mark.parametrize("method", METHODS)
def test_recipes_are_unit_sums_and_a_tag_without_items_has_none(planted_bundle, method):
    _, tag_items = planted_bundle.interactions.tag_matrix()
    with_empty = sp.vstack([tag_items, sp.csr_matrix((1, tag_items.shape[1]))], format="csr")
    *recipes, nothing = concept_recipes(planted_bundle.nested, with_empty, method)
    assert nothing == {}
    for recipe in recipes:
        assert sum(recipe.values()) == pytest.approx(1)
        assert min(recipe.values()) > 0
        assert len(recipe) <= (METHODS[method].size or planted_bundle.nested.sae.d_sae)
