"""Where a dial makes titles reach readers, against making all lists again at many amounts."""

import dataclasses

import numpy as np
import pytest

from knobs_core.audience import Audience, draw, reach, sweep, thresholds, turned
from knobs_core.audience.sweep import GRID
from knobs_core.base import UnknownNameError
from knobs_core.lists import Arm, Quota, Turn
from knobs_core.models import Nested
from tests.audience.conftest import DIALS, PINS, exposures, recipe
from tests.steering.bent import Bent

RECIPES = {
    "alone": recipe(),
    "pushed": recipe(dials=DIALS[2:], pins=PINS, bans=("i9",)),
    "taking turns": recipe(dials=DIALS, pins=PINS),
    "in it": recipe(dials=(*DIALS, Turn(knob="concept 5", amount=0.7))),
    "arms": recipe(dials=DIALS[:1], arms=(Arm(name="b", share=0.4, dials=DIALS[1:]),)),
}


def looked_at(people, made, amount, knob="concept 5"):
    lists = people.lists(turned(people, made, {people.bundle.knobs.find(knob).key: amount}))
    return exposures(lists, people.readers.n, people.bundle.interactions.n_items)


@pytest.mark.parametrize("name", RECIPES)
def test_curves_and_thresholds_are_those_of_lists_made_again(people, name):
    made, n = RECIPES[name], people.readers.n
    found = sweep(people, made, "concept 5")
    assert found.exact
    marks = found.thresholds(0.25)
    assert marks == thresholds(people, made, "concept 5", 0.25) == sorted(marks)
    curves = {item: found.reach(item) for item in range(people.bundle.interactions.n_items)}
    rest = looked_at(people, made, 0.0)
    apart = 0
    for amount in np.random.default_rng(1).uniform(-1, 1, 200).tolist():
        exposure = looked_at(people, made, amount)
        near = np.abs(found.amount - amount).min() < 1e-5  # scores are of single precision
        apart += not near
        for item, share in enumerate(exposure.tolist()):
            curve = curves[item]
            told = curve.shares[np.searchsorted(curve.amounts, amount, side="right") - 1]
            assert near or told == pytest.approx(share, abs=1e-9)
            past = [mark for mark in marks if mark.item == item and 0 < mark.amount / amount < 1]
            last = max(past, key=lambda mark: abs(mark.amount)).begins if past else rest[item] >= 0.25 - 1e-9
            assert near or last == (share >= 0.25 - 1e-9)
    assert apart > 150
    assert marks
    assert n == 60


def test_one_title_by_its_id(people):
    curve = reach(people, recipe(), "concept 5", "i7")
    assert curve.amounts[0] == -1
    assert (np.diff(curve.amounts) > 0).all()
    assert (np.diff(curve.shares) != 0).all()
    with pytest.raises(UnknownNameError, match="'gone'"):
        reach(people, recipe(), "concept 5", "gone")


def test_flips_by_hand(people):
    """Counters 0 and 1 begin at 2 and 0 and need 2: 0 loses one at step 1 and wins it back at 3, and at 2 nothing
    remains of +1 - 1; 1 wins two at step 2."""
    found = dataclasses.replace(
        sweep(people, recipe(), "concept 5"),
        amount=np.array([-0.5, 0.1, 0.1, 0.1, 0.1, 0.4]),
        reader=np.zeros(6, int),
        item=np.zeros(6, int),
        change=np.ones(6, int),
    )
    counter, change = np.array([0, 0, 1, 1, 0, 0]), np.array([-1, 1, 1, 1, -1, 1])
    flips = list(found.flips(counter, change, np.array([2, 0]), np.array([2, 2])))
    assert flips == [(1, 0, False), (3, 0, True), (2, 1, True)]
    assert found.edges.tolist() == [-1, -0.5, 0.1, 0.4]
    assert found.total(change, 5.0).tolist() == [5, 4, 6, 7]


def test_a_list_of_pins_alone_never_changes(people):
    made = recipe(length=1, pins=({"item": "i5", "place": 1},))
    found = sweep(people, made, "concept 5")
    likes = people.readers.known[:, [people.bundle.interactions.column_of["i5"]]].toarray()[:, 0] > 0
    assert set(found.reader.tolist()) <= set(np.flatnonzero(likes).tolist())


@pytest.mark.parametrize("kind", ["quotas", "bent"])
def test_what_is_not_exact_says_so_and_is_right_on_its_grid(people, library, kind):
    made = recipe(dials=DIALS[:1], quotas=(Quota(of="decade", most=2, window=6),) if kind == "quotas" else ())
    if kind == "bent":
        bent = dataclasses.replace(library, nested=Nested(Bent(library.nested.cfae), library.nested.sae))
        people = Audience(bent, draw(bent, 20, seed=3))
    found = sweep(people, made, "concept 5")
    assert not found.exact
    curve = found.reach(5)
    for amount in (-0.9, -GRID, GRID, 0.5, 1.0):
        side = "right" if amount > 0 else "left"
        told = curve.shares[np.searchsorted(curve.amounts, amount + 1e-6 * np.sign(amount), side=side) - 1]
        assert told == pytest.approx(looked_at(people, made, amount)[5])


def test_a_dial_is_turned_and_all_else_stands(people):
    made = recipe(dials=DIALS)
    key = people.bundle.knobs.find("concept 7").key
    other = turned(people, made, {key: -0.2, "concept 5": 0.1})
    amounts = {turn.knob: turn.amount for turn in other.dials}
    assert amounts == {"concept 3": 0.3, "concept 1": -0.4, "concept 7": -0.2, "concept 5": 0.1}
    assert {turn.knob for turn in turned(people, made, {key: 0.0}).dials} == {"concept 3", "concept 1"}
