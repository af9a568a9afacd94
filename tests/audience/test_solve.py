"""The smallest dials that do what is wanted, against looking at a fine grid; and goals counted by hand."""

import numpy as np
import pytest

from knobs_core.audience import Cap, Keep, Reaches, Theme, reach, solve, sweep, turned
from knobs_core.audience.goals import Aim
from knobs_core.base import ConfigError, UnknownNameError
from knobs_core.lists import Quota, Turn
from tests.audience.conftest import DIALS, PINS, recipe

KNOB = "concept 5"


def goals_of(people):
    """Goals that a turn of some size meets."""
    lists = people.lists(recipe(dials=(Turn(knob=KNOB, amount=0.4),)))
    item = int(lists.exposure(np.arange(60)).argmax())
    return item, [
        Reaches(str(people.bundle.interactions.item_ids[item]), 0.5),
        Theme(KNOB, 0.3),
        Keep(0.5, 0.8),
        Keep(0.25),
        Cap(0.7),
    ]


def by_hand(people, goal, before, lists, item=None):
    """What a goal comes to, reader by reader."""
    listed, was = ([{column for column, _ in one.row(r)} for r in range(60)] for one in (lists, before))
    if isinstance(goal, Reaches):
        return np.mean([item in one for one in listed])
    if isinstance(goal, Cap):
        pinned = {people.bundle.interactions.column_of[pin.item] for pin in lists.recipe.pins}
        return max(
            np.mean([n in one for one in listed]) for n in range(people.bundle.interactions.n_items) if n not in pinned
        )
    if isinstance(goal, Keep):
        kept = sorted((len(a & b) / len(b) for a, b in zip(listed, was, strict=True)), reverse=True)
        return kept[int(np.ceil(goal.lists * 60 - 1e-9)) - 1]
    tags = people.bundle.interactions.tags
    carry = set(tags["item"][tags["tag"] == goal.tag])
    return sum(len(one & carry) for one in listed) / sum(map(len, listed))


def test_goals_are_counted_reader_by_reader(people):
    item, goals = goals_of(people)
    made = recipe(dials=DIALS, pins=PINS)
    before, lists = people.lists(recipe(pins=PINS)), people.lists(made)
    for goal in goals:
        outcome = Aim(goal, people, before, made, None).outcome(lists)
        expected = by_hand(people, goal, before, lists, item)
        assert outcome.value == pytest.approx(expected)
        met = expected <= goal.share if isinstance(goal, Cap) else expected >= goal.share
        assert outcome.met == met
        assert str(outcome).endswith(", met" if met else ", not met")


@pytest.mark.parametrize(
    "made", [recipe(dials=DIALS[:2], pins=PINS), recipe(dials=DIALS[2:])], ids=["turns", "one hand"]
)
def test_goals_are_met_along_a_dials_whole_way_where_its_lists_meet_them(people, made):
    item, goals = goals_of(people)
    moving, before = sweep(people, made, KNOB), people.lists(made.model_copy(update={"dials": ()}))
    amounts = np.random.default_rng(2).uniform(-1, 1, 60).tolist()
    just = people.lists(turned(people, made, {moving.knob: amounts[0]}))
    for goal in (*goals, Cap(float(by_hand(people, goals[4], before, just)))):
        met = Aim(goal, people, before, made, None).met(moving)
        assert met.shape == moving.edges.shape
        seen = set()
        for amount in amounts:
            if np.abs(moving.amount - amount).min() > 1e-5:
                value = by_hand(people, goal, before, people.lists(turned(people, made, {moving.knob: amount})), item)
                expected = value <= goal.share + 1e-9 if isinstance(goal, Cap) else value >= goal.share - 1e-9
                assert met[np.searchsorted(moving.edges, amount, side="right") - 1] == expected
                seen.add(bool(expected))
        assert seen


@pytest.mark.parametrize("wanted", [[0], [1], [0, 2], [1, 3, 4], [0, 1]])
def test_of_one_dial_no_smaller_amount_does_it(people, wanted):
    _, all_goals = goals_of(people)
    goals = [all_goals[n] for n in wanted]
    found = solve(people, recipe(dials=DIALS[:1]), goals, knobs=[KNOB])
    assert found.exact
    base = people.lists(recipe())
    aims = [Aim(goal, people, base, recipe(), None) for goal in goals]

    def meets(amount):
        lists = people.lists(turned(people, recipe(dials=DIALS[:1]), {KNOB: amount}))
        return all(aim.outcome(lists).met for aim in aims)

    meeting = [amount for amount in np.linspace(-1, 1, 81).round(4).tolist() if meets(amount)]
    assert found.found or not meeting
    if found.found:
        assert meets(found.total * (np.sign(found.dials[0].amount) if found.dials else 0))
        assert all(outcome.met for outcome in found.outcomes)
        assert not [amount for amount in meeting if abs(amount) < found.total - 0.001]
        assert found.sentence == "No smaller turn does it, up to 0.001."
    else:
        assert found.sentence == "No amount of this dial does it."
        assert not all(outcome.met for outcome in found.outcomes)


def test_what_cannot_be_is_told_with_the_nearest_miss(people):
    found = solve(people, recipe(), [Reaches("i7", 1.0), Keep(0.9)], knobs=["~i7"])
    assert (found.found, found.exact) == (False, True)
    reached = solve(people, recipe(), [Reaches("i7", 1.0)], knobs=["~i7"])
    curve = reach(people, recipe(), "~i7", "i7")
    likes = people.readers.known[:60, [people.bundle.interactions.column_of["i7"]]].nnz
    assert not reached.found or not likes
    assert reached.outcomes[0].value == pytest.approx(curve.shares.max())
    assert solve(people, recipe(), [Reaches("i7", 0.9)], knobs=["~i7"], most=0.01).total <= 0.01


def test_what_is_so_already_needs_no_turn(people):
    found = solve(people, recipe(dials=(Turn(knob=KNOB, amount=0.5),)), [Keep(0.5)])
    assert (found.found, found.dials, found.recipe.dials) == (True, (), ())


def test_several_dials_do_what_is_wanted_and_claim_no_proof(people):
    _, goals = goals_of(people)
    made = recipe(dials=(Turn(knob=KNOB, amount=0.9), Turn(knob="concept 7", amount=0.2)))
    found = solve(people, made, [goals[1], goals[2]])
    alone = solve(people, made, [goals[1], goals[2]], knobs=[KNOB], before=people.lists(recipe()))
    assert (found.found, found.exact) == (True, False)
    assert "a smaller turn may do it" in found.sentence
    lists = people.lists(found.recipe)
    assert by_hand(people, goals[1], people.lists(recipe()), lists) >= 0.3
    assert by_hand(people, goals[2], people.lists(recipe()), lists) >= 0.5
    assert found.total < 0.9
    assert {turn.knob for turn in found.recipe.dials} == {turn.knob for turn in found.dials}
    assert alone.exact
    none = solve(people, made, [Theme(KNOB, 1.0), Keep(1.0)])
    assert (none.found, none.exact) == (False, False)
    assert "This is no proof." in none.sentence


def test_quotas_are_searched_and_not_proven(people):
    _, goals = goals_of(people)
    made = recipe(quotas=(Quota(of="decade", most=2, window=6),), dials=(Turn(knob=KNOB, amount=0.1),))
    found = solve(people, made, [goals[1]])
    assert (found.found, found.exact) == (True, False)
    assert found.outcomes[0].value >= 0.3


def test_a_goal_about_a_title_may_turn_what_brings_more_like_it(people):
    found = solve(people, recipe(), [Reaches("i7", 0.3)])
    assert [turn.knob for turn in found.dials] == ["~i7"]
    assert found.dials[0].neurons
    assert found.exact


def test_what_makes_no_sense_is_refused(people):
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(ConfigError, match="a share from 0 to 1"):
            Cap(share)
    with pytest.raises(ConfigError, match="at least one goal"):
        solve(people, recipe(), [])
    with pytest.raises(ConfigError, match="at least one knob"):
        solve(people, recipe(), [Cap(0.5)])
    with pytest.raises(ConfigError, match="a largest amount"):
        solve(people, recipe(dials=DIALS), [Cap(0.5)], most=0)
    with pytest.raises(UnknownNameError, match="'gone'"):
        solve(people, recipe(dials=DIALS), [Theme("gone", 0.5)])
    with pytest.raises(UnknownNameError, match="'gone'"):
        solve(people, recipe(dials=DIALS), [Reaches("gone", 0.5)])


def test_a_genre_is_a_theme_too(people):
    drama = Aim(Theme("DRAMA", 0.5), people, people.lists(recipe()), recipe(), None)
    genres = people.bundle.interactions.items["genres"]
    lists = people.lists(recipe())
    shares = [np.mean(["Drama" in genres.iat[column] for column, _ in lists.row(r)]) for r in range(60)]
    assert drama.outcome(lists).value == pytest.approx(np.mean(shares))
