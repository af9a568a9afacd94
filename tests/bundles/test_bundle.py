"""A bundle in memory: other recipes, its map, and what it says of itself."""

import dataclasses

import pytest

from knobs_core import bundles
from knobs_core.concepts.recipes import DEFAULT, concept_recipes


def test_effects_are_those_of_the_recipes_at_hand(planted_bundle):
    other = planted_bundle.with_recipes("representative")
    assert {effect.key for effect in other.effects} == {f"#{label.neuron}" for label in other.labels if label.tags}


def test_other_recipes_are_those_of_the_method(planted_bundle):
    tag_items = planted_bundle.interactions.tag_matrix()[1]
    other = planted_bundle.with_recipes("top5")
    assert other.recipes == concept_recipes(planted_bundle.nested, tag_items, "top5") != planted_bundle.recipes
    assert other.id != planted_bundle.id
    assert planted_bundle.with_recipes(DEFAULT) is planted_bundle


def test_a_bundle_that_was_read_has_another_id_with_other_recipes(planted_bundle, planted_path):
    read = bundles.load(planted_path)
    assert read.id == planted_bundle.id
    assert read.with_recipes("top5").id == planted_bundle.with_recipes("top5").id != read.id


def test_a_bundle_says_what_it_is_and_equals_only_itself(planted_bundle):
    assert repr(planted_bundle) == (
        f"<Bundle {planted_bundle.id}: elsa and topk on planted, 600 users, 240 items, "
        f"{len(planted_bundle.labels)} neurons>"
    )
    assert planted_bundle.models == "ELSA 32 + TopK 128"
    assert planted_bundle != planted_bundle.with_recipes("top5")
    assert {planted_bundle: 1}[planted_bundle] == 1


def test_a_map_is_there_once_it_is_drawn(planted_bundle):
    drawn = object()
    assert dataclasses.replace(planted_bundle, projection=drawn).drawn is drawn
    with pytest.raises(AssertionError, match="not drawn yet"):
        _ = planted_bundle.drawn
