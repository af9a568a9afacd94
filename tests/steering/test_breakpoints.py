"""Ticks against a dense sweep of the formula, on trained models and on random lines; and who may ever enter."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from knobs_core.base.errors import ConfigError
from knobs_core.steering.breakpoints import _meetings, _Way, breakpoints, candidates, contenders, crossings
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from knobs_core.steering.turns import deal
from tests.steering.random_dials import random_dials

N = 10


def top(values, n):
    return set(np.argsort(-values, kind="stable")[:n].tolist())


def numpy_list(nested, person, dials):
    """The first N unseen items, a set, straight from the weights in double precision."""
    a, w = (p.numpy().astype(float) for p in (nested.cfae.item_vectors, nested.sae.w_dec))
    y = person.encoded.y[0].numpy().astype(float)
    less, scores, amounts = np.zeros(len(a)), [], []
    for dial in dials:
        effect = a @ sum(weight * w[j] for j, weight in dial.recipe.items())
        if dial.amount > 0:
            scores.append((1 - dial.amount) * (a @ y) + dial.amount * person.reach.up * effect / effect.std())
            amounts.append(dial.amount)
        else:
            depth = np.sort(effect)[-20:].mean() - effect.mean()
            less += dial.amount * person.reach.down * effect / depth
    scores = np.array(scores or [a @ y]) + less
    scores[:, person.seen] = -np.inf
    order = np.argsort(-np.array(amounts or [1.0]), kind="stable")
    found = deal(scores[order], np.array(amounts or [1.0])[order], person.seen)
    ranked = found.order.copy()
    ranked[person.seen] = -np.inf
    return top(ranked, N)


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
    [Dial({1: 1.0}, -0.4)],
    [Dial({1: 0.5, 2: 0.5}, 0.3), Dial({0: 0.6, 3: 0.4}, -0.8), Dial({7: 1.0}, 0.1)],
    [Dial({1: 1.0}, 0.5), Dial({2: 1.0}, 0.5), Dial({8: 1.0}, 0.9)],
]


@pytest.mark.parametrize("others", OTHERS)
@pytest.mark.parametrize("user", [0, 17, 300])
def test_ticks_bracket_every_change_of_a_dense_sweep(planted_bundle, others, user):
    nested = planted_bundle.nested
    engine = Engine(nested)
    person = engine.taste(planted_bundle.interactions.matrix[user])
    strongest = np.argsort(-person.z)[:3].tolist()
    for recipe in [{strongest[0]: 1.0}, dict.fromkeys(strongest, 1 / 3), {0: 0.7, 5: 0.3}]:
        moving = Dial(recipe, 0.3)
        found = breakpoints(engine, person, others, moving, N)
        assert [tick.amount for tick in found] == sorted(tick.amount for tick in found)
        assert all(-1 < tick.amount < 1 for tick in found)
        for end in (-1.0, 1.0):
            # Irrational steps, so that no look falls on an amount at which two hands are due at once.
            amounts = np.linspace(0, end * 0.9997, 700) + end * 1e-5 * np.sqrt(2)
            side = [(abs(tick.amount), tick.item, tick.enters) for tick in found if tick.amount * end > 0]
            side.sort(key=lambda tick: tick[0])
            start, exactly = numpy_list(nested, person, others), 0
            for amount, inside in zip(amounts, replay(side, start, np.abs(amounts)), strict=True):
                same = inside == numpy_list(nested, person, [*others, replace(moving, amount=amount)])
                exactly += same
                # Single precision: what differs does so within rounding of a tick.
                assert same or min(abs(tick.amount - amount) for tick in found) < 1e-4
            assert exactly >= 690
    assert found


def test_the_pace_of_a_dial_alone_changes_the_list():
    """Nobody changes places, but as a dial's amount a grows, its first title, due at 1 / a, passes the other's second,
    due at 2 / .5, and its second, due at 2 / a, the other's first at 1 / .4."""
    lines = np.array([5.0, 4, 3, 2, 1, 0])
    own = _Way(None, lines[::-1].copy(), lines[::-1].copy())
    assert sorted(_meetings([_Way(0.5, lines, lines), own], 2)) == [(0.25, 1, False), (0.25, 5, True)]
    found = sorted(_meetings([_Way(0.4, lines, lines), own], 2))
    assert [change[1:] for change in found] == [(1, False), (5, True), (0, False), (4, True)]
    assert [change[0] for change in found] == pytest.approx([0.2, 0.2, 0.8, 0.8])


@pytest.mark.parametrize("others", OTHERS[:1] + OTHERS[3:])
def test_who_is_passed_over_has_a_place_in_every_hand_and_none_in_the_list(planted_bundle, others):
    engine = Engine(planted_bundle.nested)
    person, moving = engine.taste(planted_bundle.interactions.matrix[17]), Dial({0: 0.7, 5: 0.3}, 0.3)
    passed = engine.recommend(person, [*others, moving], 5).items[[0, 3]].tolist()
    found = breakpoints(engine, person, others, moving, N - 2, passed)
    assert found
    assert not {tick.item for tick in found} & set(passed)

    def listed(amount):
        ranked = engine.recommend(person, [*others, replace(moving, amount=amount)], N).items
        return set([item for item in ranked.tolist() if item not in passed][: N - 2])

    for end in (-1.0, 1.0):
        amounts = np.linspace(0, end * 0.9997, 200) + end * 1e-5 * np.sqrt(2)
        side = sorted((abs(tick.amount), tick.item, tick.enters) for tick in found if tick.amount * end > 0)
        for amount, inside in zip(amounts, replay(side, listed(0.0), np.abs(amounts)), strict=True):
            assert inside == listed(amount) or min(abs(tick.amount - amount) for tick in found) < 1e-4


def test_ticks_on_a_silent_neuron_are_on_both_sides(planted_bundle):
    """What nobody activates can be pushed away as well: a suppression would have nothing to silence."""
    engine = Engine(planted_bundle.nested)
    person = engine.taste(planted_bundle.interactions.matrix[1])
    found = breakpoints(engine, person, [], Dial({int(np.flatnonzero(person.z == 0)[0]): 1.0}, 1.0), N)
    assert {tick.amount > 0 for tick in found} == {True, False}


def test_seen_items_never_count_and_a_list_of_everything_never_changes(planted_bundle):
    engine = Engine(planted_bundle.nested)
    person = engine.taste(planted_bundle.interactions.matrix[4])
    unseen = planted_bundle.interactions.n_items - len(person.seen)
    found = breakpoints(engine, person, [], planted_bundle.recipes[0].dial(1.0), unseen - 1)
    assert found
    assert not {tick.item for tick in found} & set(person.seen.tolist())
    assert breakpoints(engine, person, [], planted_bundle.recipes[0].dial(1.0), unseen) == []


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
        breakpoints(engine, person, [], Dial({0: 1.0}, 1.0))


@pytest.fixture(params=["planted_bundle", "demo_bundle"])
def bundle(request):
    return request.getfixturevalue(request.param)


def test_the_list_of_any_single_turn_is_made_of_the_candidates(bundle):
    rng, engine, sizes = np.random.default_rng(4), Engine(bundle.nested), []
    for row in rng.choice(bundle.interactions.n_users, 10, replace=False):
        person = engine.taste(bundle.interactions.matrix[row])
        drawn = random_dials(rng, person.z, 3, bundle.nested.cfae.d_embed)
        dials = [replace(dial, key=str(at)) for at, dial in enumerate(drawn)]
        inside = candidates(engine, person, dials, dials, 10)
        sizes.append(len(inside) / len(person.base))
        assert not np.isin(inside, person.seen).any()
        for moved in range(3):
            others = [dial for index, dial in enumerate(dials) if index != moved]
            for amount in np.linspace(-1, 1, 21):
                turned = [*others, replace(dials[moved], amount=amount)]
                assert np.isin(engine.recommend(person, turned, 10).items, inside).all()
    assert np.median(sizes) < 0.5  # far fewer than all


def test_without_a_dial_that_may_move_there_is_nothing_to_send(bundle):
    engine = Engine(bundle.nested)
    assert len(candidates(engine, engine.taste(bundle.interactions.matrix[0]), [], [])) == 0
