"""The same list again."""

import json

import pytest

from knobs_core.base import BundleError, ConfigError, UnknownNameError
from knobs_core.lists.recipe import Arm, HouseRules, ListRecipe, Pin, Turn
from knobs_core.lists.rendering import arm_of, left_out_by, list_for
from knobs_core.lists.rules import Rules
from knobs_core.lists.stamp import read_stamp, replay, stamp_of


def stamped(bundle, whose, dials=(), operator="spread", n=15):
    person = bundle.person(**whose)
    made = [row["item_id"] for row in person.recommend(dict(dials), n, operator).rows]
    return stamp_of(bundle, made, dials=dict(dials), operator=operator, n=n, **whose)


@pytest.mark.parametrize("operator", ["spread", "paper"])
def test_anybodys_list_comes_out_the_same(library, operator):
    ids, likes = library.interactions.user_ids.tolist(), ("i1", "i4", "i8")
    for whose in ({"user": ids[0]}, {"users": (ids[0], ids[1])}, {"items": likes}, {"items": likes, "seen": ("i3",)}):
        stamp = stamped(library, whose, {"concept 3": 0.3, "#5": -0.2}, operator)
        assert replay(library, stamp) == (True, "")


def test_the_first_difference_is_named(library, reader):
    stamp = stamped(library, {"user": reader}, {"concept 3": 0.3})
    other = stamp.model_copy(update={"dials": {"concept 3": -0.9}})
    found = replay(library, other)
    assert not found.same
    assert found.difference.startswith("row 1 was 'Item ")
    longer = replay(library, stamp.model_copy(update={"n": 16}))
    assert longer.difference.startswith("row 16 was nothing and is 'Item ")


def test_a_recipes_list_comes_out_the_same(library, reader):
    house = HouseRules(bans=("i2",))
    recipe = ListRecipe(
        slug="noir",
        length=8,
        dials=(Turn(knob="concept 3", amount=0.3),),
        pins=(Pin(item="i5", place=2),),
        arms=(Arm(name="more", share=0.5, dials=(Turn(knob="concept 3", amount=0.9),)),),
    )
    rules = Rules(library, recipe, house)
    for user in library.interactions.user_ids[:6].tolist():
        arm = arm_of(recipe, user)
        rows = list_for(library.person(user), rules, rules.dials(arm.dials if arm else recipe.dials))
        made = [library.interactions.item_ids[row.column] for row in rows]
        assert replay(library, stamp_of(library, made, user=user, recipe=recipe, house=house)).same


def test_another_bundle_is_refused_with_both_ids(library, reader):
    stamp = stamped(library, {"user": reader}).model_copy(update={"bundle": "0123456789ab"})
    with pytest.raises(BundleError, match=f"0123456789ab.*{library.id} of the same data, trained otherwise"):
        replay(library, stamp)
    with pytest.raises(BundleError, match="of other data"):
        replay(library, stamp.model_copy(update={"data": "f" * 64}))


def test_names_that_are_gone(library, reader):
    stamp = stamped(library, {"user": reader})
    with pytest.raises(UnknownNameError):
        replay(library, stamp.model_copy(update={"user": "nobody"}))
    with pytest.raises(UnknownNameError):
        replay(library, stamp.model_copy(update={"dials": {"gone": 0.2}}))
    with pytest.raises(ConfigError, match="an operator"):
        replay(library, stamp.model_copy(update={"operator": "magic"}))


def test_stamps_in_files(library, reader, tmp_path):
    stamp, file = stamped(library, {"user": reader}), tmp_path / "stamp.json"
    file.write_text(stamp.model_dump_json())
    assert read_stamp(file) == stamp
    file.write_text(json.dumps({"items": [], "stamp": stamp.model_dump(mode="json")}))
    assert read_stamp(file) == stamp
    changed = stamp.model_dump(mode="json") | {"list": ["i1"]}
    for content in (json.dumps(changed), "{}", "[", "[" * 100_000, "7", json.dumps({"stamp": 7})):
        file.write_text(content)
        with pytest.raises(ConfigError, match="a stamp in"):
            read_stamp(file)
    with pytest.raises(ConfigError, match="a stamp at"):
        read_stamp(tmp_path / "none.json")


def test_a_newcomers_list_comes_out_the_same(library):
    for dials in ({}, {"concept 3": 0.4}):
        made = [row["item_id"] for row in library.newcomer.recommend(dials, 9).rows]
        assert replay(library, stamp_of(library, made, newcomer=True, dials=dials, n=9)).same
    recipe = ListRecipe(
        slug="x", length=6, arms=(Arm(name="b", share=0.5, dials=(Turn(knob="concept 3", amount=0.9),)),)
    )
    rules = Rules(library, recipe)
    for name in ("new-1", "new-2", "new-3", "new-4"):
        arm = arm_of(recipe, name)
        rows = list_for(library.newcomer, rules, rules.dials(arm.dials if arm else ()))
        made = [library.interactions.item_ids[row.column] for row in rows]
        assert replay(library, stamp_of(library, made, user=name, newcomer=True, recipe=recipe)).same


@pytest.mark.parametrize("operator", ["spread", "paper"])
def test_rules_of_the_house_hold_over_lists_by_dials(library, reader, operator):
    """Without a recipe: as if the reader had seen what the house bans."""
    house = HouseRules(bans=("i2",), without=("Comedy",))
    outside = library.interactions.item_ids[left_out_by(library, house)].tolist()
    assert "i2" in outside
    person = library.person(reader, seen=outside)
    made = [row["item_id"] for row in person.recommend({"concept 3": 0.4, "#5": -0.3}, 15, operator).rows]
    stamp = stamp_of(
        library, made, user=reader, dials={"concept 3": 0.4, "#5": -0.3}, operator=operator, n=15, house=house
    )
    assert replay(library, stamp) == (True, "")
    assert not replay(library, stamp.model_copy(update={"house": HouseRules()})).same
