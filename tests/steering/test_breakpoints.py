"""Ticks against a dense sweep of the formula, on trained models and on random lines; and who may ever enter."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from knobs_core.base.errors import ConfigError
from knobs_core.base.ranking import ranking
from knobs_core.steering.breakpoints import breakpoints, candidates, contenders, crossings
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from tests.steering.random_dials import random_dials

N = 10


def top(values, n):
    return set(np.argsort(-values, kind="stable")[:n].tolist())


def numpy_scores(nested, person, dials, moving, amounts):
    """Scores (len(amounts), n_items) in NumPy, double precision, straight from the weights."""
    a, w, b = (p.numpy().astype(float) for p in (nested.cfae.item_vectors, nested.sae.w_dec, nested.sae.b_dec))
    y, z, mean, std = (t[0].numpy().astype(float) for t in (person.encoded.y, *person.encoded.code))
    rows = []
    for amount in amounts:
        moved, total = np.zeros_like(z), 0.0
        for recipe, turned in [*((dial.recipe, dial.amount) for dial in dials), (moving, amount)]:
            for j, weight in recipe.items():
                moved[j] += turned * weight * (1 if turned > 0 else 1.25)
            total += max(turned, 0)
        steered = (1 - total) * z + z.sum() * moved
        plain = (z @ w + b) * std + mean
        rows.append((steered @ w + b) * std + mean + (1 - total) * (y - plain))
    return np.array(rows) @ a.T


def replay(found, start, shares):
    """The list at each of the ascending shares: the first one with the changes before it applied."""
    inside, left = set(start), list(found)
    for share in shares:
        while left and left[0][0] < share:
            _, index, enters = left.pop(0)
            assert enters != (index in inside)
            inside = inside | {index} if enters else inside - {index}
        yield inside


OTHERS = [
    [],
    [Dial({4: 1.0}, 0.25)],
    [Dial({1: 0.5, 2: 0.5}, 0.3), Dial({0: 0.6, 3: 0.4}, -0.8), Dial({7: 1.0}, 0.1)],
]


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("user", [0, 17, 300, 599])
def test_ticks_bracket_every_change_of_a_dense_sweep(planted_bundle, others, user):
    nested = planted_bundle.nested
    engine = Engine(nested)
    person = engine.taste(planted_bundle.interactions.matrix[user])
    strongest = np.argsort(-person.z)[:3].tolist()
    room = 1 - sum(max(dial.amount, 0) for dial in others)
    for moving in [{strongest[0]: 1.0}, dict.fromkeys(strongest, 1 / 3), {0: 0.7, 5: 0.3}, planted_bundle.recipes[2]]:
        found = breakpoints(engine, person, others, moving, N)
        assert [tick.amount for tick in found] == sorted(tick.amount for tick in found)
        assert all(-1 < tick.amount < room for tick in found)
        for end in (-1.0, room):
            amounts = np.linspace(0, end, 2001)
            scores = numpy_scores(nested, person, others, moving, amounts)
            scores[:, person.seen] = -np.inf
            side = [(abs(t.amount), t.item, t.enters) for t in found if t.amount * end > 0]
            side.sort(key=lambda tick: tick[0])
            exactly = 0
            for expected, inside in zip(scores, replay(side, top(scores[0], N), np.abs(amounts)), strict=True):
                truth, last = top(expected, N), np.sort(expected)[-N]
                exactly += inside == truth
                # Single precision: who differs stands within rounding of the last place.
                assert all(abs(expected[i] - last) < 1e-4 for i in inside ^ truth)
            assert exactly >= 1990
    assert found


def test_no_boost_is_left_when_others_take_it_all(planted_bundle):
    engine = Engine(planted_bundle.nested)
    person = engine.taste(planted_bundle.interactions.matrix[1])
    moving = {int(np.argmax(person.z)): 1.0}
    found = breakpoints(engine, person, [Dial({2: 1.0}, 0.7), Dial({3: 1.0}, 0.6)], moving, N)
    assert all(tick.amount < 0 for tick in found)


def test_ticks_on_a_silent_neuron_are_on_both_sides(planted_bundle):
    """What nobody activates can be pushed away as well: a suppression would have nothing to silence."""
    engine = Engine(planted_bundle.nested)
    person = engine.taste(planted_bundle.interactions.matrix[1])
    found = breakpoints(engine, person, [], {int(np.flatnonzero(person.z == 0)[0]): 1.0}, N)
    assert {tick.amount > 0 for tick in found} == {True, False}


def test_seen_items_never_count_and_a_list_of_everything_never_changes(planted_bundle):
    engine = Engine(planted_bundle.nested)
    person = engine.taste(planted_bundle.interactions.matrix[4])
    unseen = planted_bundle.interactions.n_items - len(person.seen)
    found = breakpoints(engine, person, [], planted_bundle.recipes[0], unseen - 1)
    assert found
    assert not {tick.item for tick in found} & set(person.seen.tolist())
    assert breakpoints(engine, person, [], planted_bundle.recipes[0], unseen) == []


def test_crossings_by_hand():
    """Flat at 2 and 1; from 0 to 4 it passes 1 at a quarter and 2 at a half."""
    start, end = np.array([2.0, 1, 0]), np.array([2.0, 1, 4])
    assert crossings(start, end, 1) == [(0.5, 2, True), (0.5, 0, False)]
    assert crossings(start, end, 2) == [(0.25, 2, True), (0.25, 1, False)]
    assert crossings(start, end, 3) == []


def test_where_many_meet_in_one_point_nobody_enters_only_to_leave():
    start = np.array([3.0, 2, 1, 0, -1])
    end = 2 - start  # all meet in 1 at a half
    assert crossings(start, end, 1) == [(0.5, 4, True), (0.5, 0, False)]
    assert {(i, enters) for _, i, enters in crossings(start, end, 2)} == {(4, True), (3, True), (0, False), (1, False)}


def test_equal_lines_keep_their_order():
    start, end = np.array([1.0, 1, 1, 0]), np.array([1.0, 1, 1, 3])
    assert crossings(start, end, 2) == [(1 / 3, 3, True), (1 / 3, 1, False)]
    assert crossings(np.array([2.0, 0, 0, 0]), np.array([0.0, 1, 1, 1]), 1) == [(2 / 3, 1, True), (2 / 3, 0, False)]


lines = st.integers(2, 40).flatmap(
    lambda m: st.tuples(*[arrays(float, m, elements=st.integers(-1000, 1000).map(float))] * 2, st.integers(1, m))
)


@settings(deadline=None)
@given(lines)
def test_crossings_are_all_changes_of_random_lines(case):
    """Between any two crossings the list is the one replayed, at the middle and close to both ends."""
    start, end, n = case
    found = crossings(start, end, n)
    shares = [share for share, *_ in found]
    assert shares == sorted(shares)
    assert all(0 <= share < 1 for share in shares)
    edges = np.unique([0.0, *shares, 1.0])
    # Distinct meetings of such lines lie at least 1 / (4000 * 4000) apart; nearer ones are one meeting, rounded twice.
    middles = [(a + b) / 2 for a, b in itertools.pairwise(edges) if b - a > 1e-9]
    for share, inside in zip(middles, replay(found, top(start, n), middles), strict=True):
        values = start + share * (end - start)
        assert sorted(values[list(inside)]) == pytest.approx(sorted(np.sort(values)[-n:]), abs=1e-9)


@settings(deadline=None)
@given(lines)
def test_contenders_hold_whoever_is_ever_among_the_highest(case):
    start, end, n = case
    near = set(contenders(start, end, n).tolist())
    for share in np.linspace(0, 1, 101):
        values = (1 - share) * start + share * end
        last = np.sort(values)[-n]
        assert set(np.flatnonzero(values > last + 1e-9).tolist()) <= near
        assert len(near) >= n


def test_a_decoder_that_is_not_linear_has_no_ticks(planted_bundle):
    engine = Engine(planted_bundle.nested)
    engine.linear = False
    person = engine.taste(planted_bundle.interactions.matrix[0])
    with pytest.raises(ConfigError, match="a linear decoder for breakpoints"):
        breakpoints(engine, person, [], {0: 1.0})


@pytest.fixture(params=["planted_bundle", "demo_bundle"])
def bundle(request):
    return request.getfixturevalue(request.param)


def test_the_list_of_any_single_turn_is_made_of_the_candidates(bundle):
    rng, engine, sizes = np.random.default_rng(4), Engine(bundle.nested), []
    for row in rng.choice(bundle.interactions.n_users, 10, replace=False):
        person = engine.taste(bundle.interactions.matrix[row])
        dials = [replace(dial, key=str(at)) for at, dial in enumerate(random_dials(rng, person.z, 3))]
        inside = candidates(engine, person, dials, dials, 10)
        sizes.append(len(inside) / len(person.base))
        assert not np.isin(inside, person.seen).any()
        for moved in range(3):
            others = [dial for index, dial in enumerate(dials) if index != moved]
            room = max(0, 1 - sum(max(dial.amount, 0) for dial in others))
            for amount in np.clip(np.linspace(-1, 1, 21), -1, room):
                turned = [*others, Dial(dials[moved].recipe, amount)]
                assert np.isin(ranking(engine.scores(person, turned), person.seen)[:10], inside).all()
    assert np.median(sizes) < 0.5  # far fewer than all


def test_without_a_dial_that_may_move_there_is_nothing_to_send(bundle):
    engine = Engine(bundle.nested)
    assert len(candidates(engine, engine.taste(bundle.interactions.matrix[0]), [], [])) == 0
