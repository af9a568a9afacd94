"""Which recipes fit a bundle, carrying them over, and that nothing made for another bundle gets on air."""

import pytest

from knobs_core.base import BundleError, UnknownNameError
from knobs_core.lists import ListRecipe, Pin, Turn, turns_of
from knobs_core.publishing import Store, accept, health


def recipe(bundle, slug, amounts, **fields):
    dials = turns_of(bundle, bundle.knobs.dials(amounts))
    return ListRecipe(slug=slug, bundle=bundle.id, dials=dials, **fields)


def test_every_recipe_that_is_live_or_a_draft(store: Store, planted_bundle, retrained_bundle):
    store.save(recipe(planted_bundle, "old", {"concept 3": 0.4}), "ada")
    store.publish("old", 1, "chief", "first", None)
    store.save(recipe(planted_bundle, "old", {"concept 3": 0.5}), "ada", 1)
    store.save(recipe(retrained_bundle, "new", {"concept 3": 0.4, "#2": 0.2}), "ada")
    store.save(ListRecipe(slug="by-hand", dials=(Turn(knob="concept 3", amount=0.4),)), "ada")
    store.save(ListRecipe(slug="lost", bundle="x", dials=(Turn(knob="#3", amount=0.4),)), "ada")
    store.save(recipe(planted_bundle, "pinned", {}, pins=(Pin(item="gone", place=1),)), "ada")
    store.save(recipe(planted_bundle, "stored", {"concept 3": 0.4}), "ada")
    store.archive("stored", "ada")
    found = {(one.slug, one.number): one for one in health(store, retrained_bundle)}
    assert {key: (one.state, one.live) for key, one in found.items()} == {
        ("by-hand", 1): ("fits", False),
        ("lost", 1): ("needs a person", False),
        ("new", 1): ("fits", False),
        ("old", 1): ("needs carrying over", True),
        ("old", 2): ("needs carrying over", False),
        ("pinned", 1): ("needs carrying over", False),
    }
    assert found["old", 1].confidence > 0.9
    assert found["old", 1].reasons == (f"It was made with bundle {planted_bundle.id}; all of it does the same here.",)
    assert found["pinned", 1].reasons == ("pins: 'gone' is gone and was left out.",)
    assert found["lost", 1].reasons == ("'#3' needs a person: nothing tells what it did.",)
    assert found["new", 1].reasons == ()


def test_what_does_not_fit_its_own_bundle_is_told(store, planted_bundle):
    store.save(recipe(planted_bundle, "odd", {}, pins=(Pin(item="gone", place=1),)), "ada")
    [one] = health(store, planted_bundle)
    assert one.state == "needs a person"
    assert "'gone'" in one.reasons[0]


def test_accepting_makes_a_draft_and_leaves_what_is_on_air(store, planted_bundle, retrained_bundle):
    store.save(recipe(planted_bundle, "old", {"concept 3": 0.4}), "ada")
    store.publish("old", 1, "chief", "first", None)
    saved, new = accept(store, retrained_bundle, "old", "bob")
    assert (saved.version.number, saved.version.by) == (2, "bob")
    assert saved.version.recipe == new.recipe
    assert new.recipe.bundle == retrained_bundle.id
    assert store.live("old").number == 1
    states = [(one.number, one.state) for one in health(store, retrained_bundle)]
    assert states == [(1, "needs carrying over"), (2, "fits")]
    again, _ = accept(store, retrained_bundle, "old", "bob")
    assert again.version.number == 2
    with pytest.raises(UnknownNameError):
        accept(store, retrained_bundle, "none", "bob")


def test_what_was_made_for_another_bundle_does_not_get_on_air(store, planted_bundle, retrained_bundle):
    store.save(recipe(planted_bundle, "old", {"concept 3": 0.4}), "ada")
    with pytest.raises(
        BundleError, match=f"made for bundle {retrained_bundle.id}, found version 1, made for {planted_bundle.id}"
    ):
        store.publish("old", 1, "chief", "first", None, bundle=retrained_bundle.id)
    assert store.live("old") is None
    assert store.acts("old") == []
    accept(store, retrained_bundle, "old", "bob")
    store.publish("old", 2, "chief", "carried over", None, bundle=retrained_bundle.id)
    with pytest.raises(BundleError):  # back to what was on air before
        store.publish("old", 1, "chief", "back", 2, bundle=retrained_bundle.id)
    store.publish("old", 1, "chief", "back", 2, bundle=planted_bundle.id)
    store.save(ListRecipe(slug="by-hand"), "ada")
    store.publish("by-hand", 1, "chief", "says of no bundle", None, bundle=retrained_bundle.id)
