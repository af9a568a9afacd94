"""A recipe on a bundle that was trained anew, and on another catalogue."""

import dataclasses

import numpy as np
import pytest

from knobs_core.base import ConfigError
from knobs_core.bundles import Bundle
from knobs_core.concepts import SAME
from knobs_core.lists import (
    Arm,
    ListRecipe,
    Pin,
    Pool,
    Quota,
    Rules,
    Turn,
    Wanted,
    carried,
    check,
    list_for,
    turns_of,
)
from knobs_core.lists.alike import BY_NAME, NEAREST, SURE


def made(bundle, amounts, **fields):
    return ListRecipe(slug="x", bundle=bundle.id, dials=turns_of(bundle, bundle.knobs.dials(amounts)), **fields)


def effects(bundle, key):
    """What a knob does to the scores of all items."""
    knob = bundle.knobs[key]
    towards = sum(weight * bundle.nested.sae.w_dec[j] for j, weight in knob.recipe.items()).detach().numpy()
    towards = towards + (0 if knob.rest is None else knob.rest)
    return bundle.nested.cfae.decode(bundle.nested.sae.b_dec.new_tensor(towards)[None])[0].detach().double().numpy()


def correlation(bundle, key, turn):
    columns = [bundle.interactions.column_of[item] for item in turn.effects]
    return np.corrcoef(effects(bundle, key)[columns], list(turn.effects.values()))[0, 1]


def dealt_anew(turn, seed=0):
    """A turn whose effects were dealt out anew among other items."""
    items = [f"i{i}" for i in np.random.default_rng(seed).permutation(240)[: len(turn.effects)]]
    return turn.model_copy(update={"effects": dict(zip(items, turn.effects.values(), strict=True))})


def test_themes_stay_and_do_the_same(library, retrained_bundle):
    recipe = made(library, {"concept 3": 0.4, "concept 7": -0.3, "~i20": 0.2}, length=7)
    found = carried(recipe, library.id, retrained_bundle)
    assert (found.old, found.new, found.recipe.bundle) == (library.id, retrained_bundle.id, retrained_bundle.id)
    assert [(dial.knob, dial.now, dial.how) for dial in found.dials] == [
        (turn.knob, turn.knob, "kept") for turn in recipe.dials
    ]
    for dial, turn in zip(found.dials, recipe.dials, strict=True):
        assert dial.confidence == pytest.approx(correlation(retrained_bundle, turn.knob, turn), abs=1e-4)
        assert dial.confidence > SAME
        assert dial.said == f"'{turn.name}' is kept: it does the same here ({dial.confidence:.2f})."
    assert found.confidence == min(dial.confidence for dial in found.dials)
    assert (found.needs_person, found.gone, found.reasons, found.recipe.length) == (False, (), [], 7)


def test_what_was_kept_stays_and_neurons_are_those_of_the_new_bundle(library, retrained_bundle):
    recipe = made(library, {"concept 3": 0.4})
    [turn] = carried(recipe, library.id, retrained_bundle).recipe.dials
    assert turn.effects == recipe.dials[0].effects
    assert turn.neurons == pytest.approx(retrained_bundle.knobs["concept 3"].recipe, abs=1e-4)
    again = carried(carried(recipe, library.id, retrained_bundle).recipe, retrained_bundle.id, library)
    assert again.recipe.dials == recipe.dials


def test_neurons_become_the_nearest_knob_or_are_taken_apart(library, retrained_bundle):
    """Which it is, is worked out once more from correlations with every knob."""
    keys = [key for key in library.knobs if key.startswith("#")][:12]
    recipe = made(library, dict.fromkeys(keys, 0.3))
    found = carried(recipe, library.id, retrained_bundle)
    hows, taken = set(), {dial.now for dial in found.dials if dial.how == "kept"}
    for dial, turn in zip(found.dials, recipe.dials, strict=True):
        hows.add(dial.how)
        same = correlation(retrained_bundle, turn.knob, turn) if turn.knob in retrained_bundle.knobs else 0
        assert (dial.how == "kept") == (same >= SAME)
        if dial.how == "kept":
            continue
        others = {
            key: correlation(retrained_bundle, key, turn)
            for key, knob in retrained_bundle.knobs.items()
            if key not in taken and not knob.weak
        }
        best = max(others, key=others.get)
        assert (dial.how == "nearest") == (others[best] >= NEAREST)
        if dial.how == "nearest":
            assert dial.now == best
            assert dial.confidence == pytest.approx(others[best], abs=1e-3)
        else:
            assert dial.how == "taken apart"
            apart = retrained_bundle.take_apart(turn.effects)
            assert dial.confidence == pytest.approx(apart.confidence * np.sqrt(apart.made.explained))
            assert dial.confidence >= SURE
            assert dial.now.startswith("=")
            assert correlation(retrained_bundle, dial.now, turn) > 0.7
        taken.add(dial.now)
    assert hows == {"kept", "nearest", "taken apart"}
    assert len({turn.knob for turn in found.recipe.dials}) == len(keys)
    assert check(retrained_bundle, found.recipe) == []


def test_what_nothing_does_needs_a_person(library, retrained_bundle):
    recipe = made(library, {"concept 3": 0.4, "concept 5": 0.2})
    noise = dealt_anew(recipe.dials[1])
    found = carried(recipe.model_copy(update={"dials": (recipe.dials[0], noise)}), library.id, retrained_bundle)
    assert [dial.how for dial in found.dials] == ["kept", "needs a person"]
    assert found.dials[1].now == ""
    assert found.dials[1].confidence < SURE
    assert found.needs_person
    assert [turn.knob for turn in found.recipe.dials] == ["concept 3"]
    assert found.reasons[0].startswith("'concept 5' needs a person: nothing here does the same (")


def test_true_matches_and_random_ones_lie_on_both_sides_of_the_bar(library, retrained_bundle):
    turns = made(library, {f"concept {k}": 0.2 for k in range(12)}).dials
    true = carried(ListRecipe(slug="x", dials=turns), "", retrained_bundle)
    assert {dial.how for dial in true.dials} == {"kept"}
    random = carried(ListRecipe(slug="x", dials=tuple(map(dealt_anew, turns))), "", retrained_bundle)
    assert {dial.how for dial in random.dials} == {"needs a person"}
    assert max(dial.confidence for dial in random.dials) < SURE < SAME < min(dial.confidence for dial in true.dials)


def test_dials_without_effects_go_by_their_names(library):
    dials = (Turn(knob="concept 3", amount=0.2), Turn(knob="#5", amount=0.3), Turn(knob="gone", amount=0.1))
    found = carried(ListRecipe(slug="x", bundle="old", dials=dials), "old", library)
    assert [(dial.how, dial.confidence) for dial in found.dials] == [
        ("kept", None), ("needs a person", None), ("needs a person", None),
    ]  # fmt: skip
    assert found.dials[0].said == f"'concept 3' {BY_NAME}."
    assert found.dials[1].said == "'#5' needs a person: nothing tells what it did."
    assert found.confidence is None


def test_few_items_and_odd_effects(library):
    [turn] = made(library, {"concept 3": 0.4}).dials
    few = turn.model_copy(update={"effects": {**dict(list(turn.effects.items())[:4]), "gone": 1.0}})
    odd = turn.model_copy(update={"knob": "#3", "effects": {"i1": float("nan"), "i2": 1e300, "i3": 1.0}})
    flat = turn.model_copy(update={"knob": "#4", "effects": dict.fromkeys(turn.effects, 1.0)})
    found = carried(ListRecipe(slug="x", dials=(few, odd, flat)), "", library)
    assert {dial.how for dial in found.dials} == {"needs a person"}
    assert "of the 5 titles that tell what it did 4 are here" in found.dials[0].said


def test_no_knob_is_turned_twice(library):
    """Two dials that did the same: the one whose knob is kept has it, the other one gets the next best."""
    [turn] = made(library, {"concept 3": 0.4}).dials
    twin = turn.model_copy(update={"knob": "gone", "name": "twin"})
    found = carried(ListRecipe(slug="x", dials=(twin, turn)), "", library)
    assert [dial.how for dial in found.dials] == ["nearest", "kept"]
    assert found.dials[0].now.startswith("#")
    assert ListRecipe.model_validate(found.recipe.model_dump()) == found.recipe


def test_arms_are_carried_over_too(library, retrained_bundle):
    dials = turns_of(library, library.knobs.dials({"concept 4": 0.5}))
    arms = (Arm(name="more", share=0.5, dials=(*dials, Turn(knob="#3", amount=0.2))),)
    found = carried(made(library, {"concept 3": 0.4}, arms=arms), library.id, retrained_bundle)
    assert [(dial.arm, dial.how) for dial in found.dials] == [
        ("", "kept"), ("more", "kept"), ("more", "needs a person"),
    ]  # fmt: skip
    assert [turn.knob for turn in found.recipe.arms[0].dials] == ["concept 4"]


def test_what_is_gone_is_named_by_its_field(library, retrained_bundle):
    recipe = made(
        library,
        {"concept 3": 0.4},
        pins=(Pin(item="i1", place=1), Pin(item="old 1", place=2)),
        bans=("i2", "old 2"),
        notes={"i1": "Still here.", "old 3": "Not any more."},
        pool=Pool(items=("i1", "i3", "i5", "old 4"), tags=("concept 3", "old tag")),
        quotas=(Quota(of="tag", value="concept 3", most=2), Quota(of="tag", value="old tag", most=1)),
        shelf=Wanted(wanted=("i1", "old 5")),
    )
    found = carried(recipe, library.id, retrained_bundle)
    assert [tuple(one) for one in found.gone] == [
        ("pins", "old 1"), ("bans", "old 2"), ("notes", "old 3"), ("shelf.wanted", "old 5"), ("pool.items", "old 4"),
        ("pool.tags", "old tag"), ("quotas", "at most 1 of old tag"),
    ]  # fmt: skip
    assert "pins: 'old 1' is gone and was left out." in found.reasons
    new = found.recipe
    assert (new.pins, new.bans, new.notes) == ((Pin(item="i1", place=1),), ("i2",), {"i1": "Still here."})
    assert new.pool == Pool(items=("i1", "i3", "i5"), tags=("concept 3",))
    assert (new.quotas, new.shelf) == (recipe.quotas[:1], Wanted(wanted=("i1",)))
    assert not found.needs_person
    rules = Rules(retrained_bundle, new)
    assert list_for(retrained_bundle.person("u1"), rules, rules.dials(new.dials)) is not None


def test_a_pool_of_which_nothing_is_left_does_not_become_everything(library, retrained_bundle):
    recipe = made(library, {"concept 3": 0.4}, pool=Pool(items=("old 1", "old 2"), tags=("old tag",)))
    found = carried(recipe, library.id, retrained_bundle)
    assert found.recipe.pool == recipe.pool
    assert found.emptied == ("pool.items", "pool.tags")
    assert found.needs_person
    assert found.reasons == [
        "Nothing is left of pool.items; it stays as it was.",
        "Nothing is left of pool.tags; it stays as it was.",
    ]


def test_with_the_same_bundle_nothing_changes_and_another_one_is_refused(library: Bundle):
    recipe = made(library, {"concept 3": 0.4}, bans=("gone",))
    found = carried(recipe, library.id, library)
    assert (found.recipe, found.dials, found.gone) == (recipe, (), ())
    with pytest.raises(ConfigError, match="a recipe made with bundle other, found one of"):
        carried(recipe, "other", dataclasses.replace(library))
