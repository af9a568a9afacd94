"""Everybody's lists at once against each reader's own, under every kind of rule."""

import dataclasses

import numpy as np
import pytest

from knobs_core.audience import Audience, draw
from knobs_core.audience.readers import COST
from knobs_core.base import UnknownNameError
from knobs_core.lists import Arm, HouseRules, Pool, Quota, Rules, Turn, arm_of, list_for
from knobs_core.models import Nested
from tests.audience.conftest import DIALS, HOUSE, PINS, RULES, person_of, recipe
from tests.steering.bent import Bent

UP, DOWN = DIALS[:2], DIALS[2:]
RECIPES = {
    "at rest": recipe(),
    "one up": recipe(dials=UP[:1]),
    "down": recipe(dials=DOWN),
    "at one": recipe(dials=(Turn(knob="concept 3", amount=1.0), Turn(knob="concept 7", amount=0.0))),
    "taking turns": recipe(dials=DIALS, length=30),
    "at one amount": recipe(dials=(Turn(knob="concept 2", amount=0.4), Turn(knob="concept 3", amount=0.4))),
    "pins": recipe(dials=DIALS, pins=PINS, bans=("i9",)),
    "windows": recipe(dials=UP, quotas=(Quota(of="decade", most=1, window=5), Quota(of="tag", most=3))),
    "nothing of a genre": recipe(quotas=(Quota(of="genre", value="Drama", most=0), Quota(of="decade", most=2))),
    "at least": recipe(dials=UP, quotas=(Quota(of="genre", value="Drama", least=5, most=6, window=7),)),
    "too few": recipe(
        pool=Pool(items=("i1", "i4", "i5", "i6", "i44")), pins=PINS, quotas=(Quota(of="decade", most=2),)
    ),
    "a quota that cannot be met": recipe(
        pool=Pool(items=tuple(f"i{n}" for n in range(1, 60))),
        quotas=(Quota(of="genre", value="drama", least=12), Quota(of="decade", most=3, window=8)),
    ),
    "rules": recipe(dials=DIALS, **RULES),
}


def alone(audience, made, readers, house=None):
    """The lists of some readers, as they are made for each alone."""
    rules, found = Rules(audience.bundle, made, house), []
    for reader in readers:
        arm = arm_of(made, audience.bundle.interactions.user_ids[audience.readers.rows[reader]])
        rows = list_for(person_of(audience, reader), rules, rules.dials(arm.dials if arm else made.dials))
        found.append([(row.column, row.reason) for row in rows])
    return found


@pytest.mark.parametrize("name", RECIPES)
def test_the_lists_are_those_that_each_reader_gets_alone(people, name):
    found = people.lists(RECIPES[name])
    readers = range(0, 80, 4)
    assert [found.row(reader) for reader in readers] == alone(people, RECIPES[name], readers)
    assert found.items.shape == (80, RECIPES[name].length)
    assert found.sizes.tolist() == [len(found.row(reader)) for reader in range(80)]
    assert (np.sort(found.items < 0, axis=1) == (found.items < 0)).all()  # nothing is missing before the last row


def test_all_readers_of_a_bundle_under_all_rules_at_once(crowd):
    arms = (
        Arm(name="more", share=0.3, dials=(Turn(knob="concept 2", amount=0.8),)),
        Arm(name="none", share=0.2, dials=()),
    )
    made = recipe(dials=DIALS, arms=arms, **RULES)
    found = crowd.lists(made, HOUSE)
    assert len(found.items) == 660
    assert [found.row(reader) for reader in range(660)] == alone(crowd, made, range(660), HOUSE)
    assert {"pin", "concept 2", "own taste", f"concept 3, by a quota: {made.quotas[0]}"} <= set(found.why)


def test_whoever_needs_more_of_the_ranking_gets_it(people, monkeypatch):
    monkeypatch.setattr("knobs_core.lists.arranging.SPARE", 1)
    monkeypatch.setattr("knobs_core.audience.listing.DEEPER", 2)
    monkeypatch.setattr("knobs_core.audience.listing.SCORES", 7 * people.bundle.interactions.n_items)
    made = recipe(dials=DIALS, quotas=(Quota(of="decade", most=1, window=5), Quota(of="tag", most=1, window=4)))
    found = people.lists(made)
    readers = range(0, 80, 3)
    assert [found.row(reader) for reader in readers] == alone(people, made, readers)


def test_nothing_is_left_where_everything_is_banned(people):
    house = HouseRules(bans=tuple(people.bundle.interactions.item_ids.tolist()))
    found = people.lists(recipe(dials=DIALS, pins=PINS), house)
    assert (found.items == -1).all()
    assert found.row(0) == []
    assert found.own.tolist() == [1.0] * 80
    assert np.isnan(found.popularity).all()


def test_what_a_recipe_names_has_to_be_there(people):
    with pytest.raises(UnknownNameError, match="concept 99"):
        people.lists(recipe(dials=(Turn(knob="concept 99", amount=0.2),)))
    with pytest.raises(UnknownNameError, match="'gone'"):
        people.lists(recipe(bans=("gone",)))


def test_a_decoder_that_is_not_linear_decodes_what_was_steered(library):
    nested = Nested(Bent(library.nested.cfae), library.nested.sae)
    bent = dataclasses.replace(library, nested=nested)
    people = Audience(bent, draw(bent, 30, seed=3))
    for made in (recipe(), recipe(dials=DIALS, **RULES)):
        found, readers = people.lists(made), range(0, len(people.readers.rows), 2)
        pairs = zip(map(found.row, readers), alone(people, made, readers), strict=True)
        assert sum(one == other for one, other in pairs) >= len(readers) - 1  # but for an exchange of equal scores


def test_fewer_readers_are_asked_where_a_frame_is_to_be_short(people):
    assert people.within(60.0) is people
    few = people.within(10 * 1.1 * (COST[0] + COST[1] * people.bundle.interactions.n_items) + 1e-9)
    assert few.readers.n == 10
    assert "; 60 would take too long" in few.readers.sentence


@pytest.mark.slow
def test_lists_of_the_demo(demo_bundle):
    ids = demo_bundle.interactions.item_ids
    audience = Audience(demo_bundle, draw(demo_bundle, 40, seed=7))
    made = recipe(
        length=20,
        dials=(Turn(knob="horror", amount=0.4), Turn(knob="sci-fi", amount=0.3), Turn(knob="comedy", amount=-0.5)),
        pins=({"item": str(ids[100]), "place": 2}, {"item": str(ids[7]), "place": 9}),
        bans=(str(ids[3]),),
        quotas=(Quota(of="decade", most=3, window=6), Quota(of="tag", most=4)),
    )
    found = audience.lists(made)
    readers = range(len(audience.readers.rows))
    assert [found.row(reader) for reader in readers] == alone(audience, made, readers)
