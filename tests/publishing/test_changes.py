"""Fields of recipes: differences in words, and the merge of two editors' changes against cases worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.lists import recipe_of
from knobs_core.publishing import changes, merge


def recipe(**fields):
    return recipe_of({"slug": "noir", **fields})


def dial(knob, amount, **more):
    return {"knob": knob, "amount": amount, **more}


BASE = recipe(headline="Noir", dials=[dial("noir", 0.3)], bans=["1"], pins=[{"item": "9", "place": 1}])


def test_changes_of_different_fields_come_together():
    theirs = recipe(headline="Dark", dials=[dial("noir", 0.3)], bans=["1", "2"], pins=[{"item": "9", "place": 1}])
    mine = recipe(headline="Noir", dials=[dial("noir", 0.4), dial("horror", -0.5)], pins=[{"item": "8", "place": 2}])
    merged = merge(BASE, theirs, mine)
    assert merged.recipe == recipe(
        headline="Dark", dials=[dial("noir", 0.4), dial("horror", -0.5)], bans=["2"], pins=[{"item": "8", "place": 2}]
    )
    assert merged.taken == ("headline", "ban 2")


def test_one_field_that_both_changed_is_a_clash_and_the_same_change_is_none():
    theirs, mine = recipe(headline="Dark", length=10), recipe(headline="Black", length=10)
    assert merge(recipe(headline="Noir"), theirs, mine).clashes == ("headline",)
    assert merge(recipe(headline="Noir"), theirs, theirs).recipe == theirs
    of_dials = merge(BASE, recipe(headline="Noir", dials=[dial("noir", 0.1)]), recipe(dials=[dial("noir", 0.2)]))
    assert of_dials.clashes == ("dial noir",)


def test_where_mine_wins_only_what_both_changed_becomes_mine():
    theirs = recipe(headline="Dark", about="Long", dials=[dial("noir", 0.1)])
    mine = recipe(headline="Black", dials=[dial("noir", 0.3)], bans=["1"], pins=[{"item": "9", "place": 1}])
    merged = merge(BASE, theirs, mine, mine_wins=True)
    assert merged.clashes == ()
    assert merged.recipe == recipe(headline="Black", about="Long", dials=[dial("noir", 0.1)])


def test_taken_out_here_and_changed_there_is_a_clash():
    out, changed = recipe(), recipe(dials=[dial("noir", 0.9)])
    assert merge(recipe(dials=[dial("noir", 0.3)]), changed, out).clashes == ("dial noir",)


def test_changes_that_make_no_recipe_together_are_a_clash():
    theirs, mine = recipe(pins=[{"item": "1", "place": 1}]), recipe(pins=[{"item": "2", "place": 1}])
    merged = merge(recipe(), theirs, mine)
    assert merged.recipe is None
    assert "place 1" in merged.clashes[0]


def test_differences_in_words():
    new = recipe(
        headline="Noir for Christmas",
        dials=[dial("noir", 0.4), dial("horror", -0.5, name="Horror")],
        pins=[{"item": "9", "place": 2}],
        notes={"9": "Start here."},
        quotas=[{"of": "decade", "most": 3, "window": 6}],
        pool={"first": 1940},
    )
    assert changes(BASE, new, lambda item: {"9": "Psycho", "1": "Alien"}[item]) == [
        'headline: "Noir" -> "Noir for Christmas"',
        "noir +0.30 -> +0.40",
        "ban Alien taken out",
        "pin Psycho to place 2, was at 1",
        "Horror -0.50 added",
        "pool first added",
        "quota at most 3 of each decade in 6 rows added",
        "note Psycho added",
    ]
    assert changes(new, new) == []
    assert changes(BASE, recipe(headline="Noir", bans=["1"], pins=[{"item": "9", "place": 1}])) == [
        "noir +0.30 taken out"
    ]
    assert changes(BASE, BASE.model_copy(update={"length": 7})) == ["length: as by default -> 7"]


recipes = st.builds(
    recipe,
    headline=st.sampled_from(["", "a", "b"]),
    length=st.sampled_from([5, 20]),
    dials=st.dictionaries(st.sampled_from("xyz"), st.sampled_from([-0.5, 0.5])).map(
        lambda amounts: [dial(knob, amount) for knob, amount in amounts.items()]
    ),
    bans=st.sets(st.sampled_from("123")).map(sorted),
    notes=st.dictionaries(st.sampled_from("123"), st.sampled_from(["n", "m"])),
)


@given(recipes, recipes)
def test_whoever_changed_nothing_takes_what_the_other_made(base, other):
    def same(a, b):
        return not changes(a, b)

    assert same(merge(base, other, base).recipe, other)
    assert same(merge(base, base, other).recipe, other)


@given(recipes, recipes, recipes)
def test_it_does_not_matter_who_was_first(base, one, two):
    there, back = merge(base, one, two), merge(base, two, one)
    assert set(there.clashes) == set(back.clashes)
    if there.recipe is not None:
        assert changes(there.recipe, back.recipe) == []


@pytest.mark.parametrize("field", ["neurons", "effects"])
def test_a_dial_that_was_taken_apart_anew_says_so(field):
    old, new = recipe(dials=[dial("noir", 0.3)]), recipe(dials=[dial("noir", 0.3, **{field: {"1": 1.0}})])
    assert changes(old, new) == ["noir is made of other neurons"]
