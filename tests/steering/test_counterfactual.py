"""Asking for an item: one dial against brute force over every knob and amount; every answer really brings it in."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from knobs_core.base.errors import ConfigError, DataError
from knobs_core.base.ranking import ranking
from knobs_core.models.nested import Nested
from knobs_core.steering.counterfactual import counterfactual
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from knobs_core.steering.question import Question

N = 10


@pytest.fixture(scope="module")
def engine(planted_bundle):
    return Engine(planted_bundle.nested)


@pytest.fixture(scope="module")
def knobs(planted_bundle):
    return [knob.dial(1.0) for knob in planted_bundle.knobs.values()]


def rank(engine, person, dials, item):
    ranked, _ = engine.dealt(person, dials)
    return ranking(torch.as_tensor(ranked.order), person.seen).tolist().index(item) + 1


def questions(bundle, engine, seed, n):
    """People, and items of theirs that are unseen and not yet among the first."""
    rng = np.random.default_rng(seed)
    for user in rng.choice(bundle.interactions.n_users, n, replace=False):
        person = engine.taste(bundle.interactions.matrix[user])
        yield person, int(rng.choice(ranking(person.base, person.seen)[N:]))


def smallest_by_force(engine, person, item, knobs):
    """The least size on the grid at which any knob alone brings the item in, or None."""
    for size in np.arange(1, 101) / 100:
        settings = [[replace(knob, amount=sign * size)] for knob in knobs for sign in (1, -1)]
        scores = engine.scores_each(person, settings).numpy().copy()
        scores[:, person.seen] = -np.inf
        if ((-scores).argsort(1, kind="stable")[:, :N] == item).any():
            return size
    return None


def test_one_dial_is_the_smallest_there_is(planted_bundle, engine, knobs):
    for person, item in questions(planted_bundle, engine, 1, 5):
        answer = counterfactual(engine, person, item, knobs, N, max_dials=1)
        smallest = smallest_by_force(engine, person, item, knobs)
        if smallest is None:
            assert answer is None
            continue
        (dial,) = answer.dials
        assert answer.total == abs(dial.amount) == pytest.approx(smallest)
        assert answer.rank == rank(engine, person, [dial], item) <= N
        less = replace(dial, amount=dial.amount - np.sign(dial.amount) * 0.01)
        assert rank(engine, person, [less], item) > N


def test_answers_bring_the_item_in_with_at_most_three_dials(planted_bundle, engine, knobs):
    names, counts = {knob.name for knob in knobs}, set()
    for person, item in questions(planted_bundle, engine, 2, 15):
        answer, alone = (counterfactual(engine, person, item, knobs, N, max_dials) for max_dials in (3, 1))
        if answer is None:
            assert alone is None
            continue
        counts.add(len(answer.dials))
        assert 1 <= len(answer.dials) <= 3
        assert rank(engine, person, answer.dials, item) == answer.rank <= N
        sizes = [abs(dial.amount) for dial in answer.dials]
        assert answer.total == pytest.approx(sum(sizes))
        assert sizes == sorted(sizes, reverse=True)
        assert all(0.01 <= size <= 1 and size == round(size, 2) for size in sizes)
        assert len({dial.name for dial in answer.dials} & names) == len(answer.dials)
        assert alone is None or answer.total <= alone.total + 1e-9
    assert counts > {1}  # more than one dial is sometimes less


def test_more_dials_find_what_one_cannot(planted_bundle, engine):
    """With four of a person's own neurons to turn, some together reach what none reaches alone."""
    found = 0
    for person, item in questions(planted_bundle, engine, 3, 200):
        active = np.flatnonzero(person.z).tolist()
        weak = [Dial({j: 1.0}, 1.0, f"#{j}", f"#{j}") for j in active[:4]]
        alone, both = (counterfactual(engine, person, item, weak, 15, max_dials) for max_dials in (1, 3))
        found += alone is None and both is not None
        assert both is None or rank(engine, person, both.dials, item) <= 15
    assert found


def test_an_item_that_is_there_needs_no_dial(planted_bundle, engine, knobs):
    person = engine.taste(planted_bundle.interactions.matrix[3])
    for place, item in enumerate(ranking(person.base, person.seen)[:N].tolist(), start=1):
        answer = counterfactual(engine, person, item, knobs, N)
        assert (answer.dials, answer.rank, answer.total) == ((), place, 0)


def test_an_item_between_two_others_is_never_first(planted_bundle, knobs):
    """Its vector is the mean of two items', so one of these is always ahead of it, however the dials are turned."""
    nested = planted_bundle.nested
    cfae, history = copy.deepcopy(nested.cfae), planted_bundle.interactions.matrix[5]
    between, one, other = np.setdiff1d(np.arange(history.shape[1]), history.indices)[[0, 9, 30]].tolist()
    with torch.no_grad():
        cfae.item_vectors[between] = (cfae.item_vectors[one] + cfae.item_vectors[other]) / 2
    engine = Engine(Nested(cfae, nested.sae))
    person = engine.taste(history)
    assert counterfactual(engine, person, between, knobs, n=1) is None
    assert counterfactual(engine, person, between, knobs, n=20)


def test_nothing_can_be_done_without_knobs(planted_bundle, engine, knobs):
    person, item = next(questions(planted_bundle, engine, 4, 1))
    assert counterfactual(engine, person, item, [], N) is None
    assert counterfactual(engine, person, item, knobs, N, max_dials=0) is None


def test_questions_without_an_answer_are_refused(planted_bundle, knobs):
    engine = Engine(planted_bundle.nested)
    person = engine.taste(planted_bundle.interactions.matrix[0])
    with pytest.raises(DataError, match="an item that is not liked yet"):
        counterfactual(engine, person, int(person.seen[0]), knobs)
    engine.linear = False
    with pytest.raises(ConfigError, match="a linear decoder for asking for an item"):
        counterfactual(engine, person, 0, knobs)


STANDING = [
    [("concept 1", 0.5)],
    [("concept 1", -0.6)],
    [("concept 1", 0.4), ("concept 2", -0.3)],
    [("concept 1", 0.5), ("concept 2", 0.5)],
    [("concept 1", 0.8), ("concept 2", 0.35), ("#3", 0.2), ("concept 4", -0.5)],
]


def standing_dials(bundle, amounts):
    return [bundle.knobs[key].dial(amount) for key, amount in amounts]


def beside(standing, dials):
    """The dials of a board on which an answer has been set."""
    changed = {dial.key for dial in dials}
    return [*(dial for dial in standing if dial.key not in changed), *dials]


def place(engine, person, dials, item, n=N):
    """Where an item stands in the list that is dealt, from 1; None where it is not in it."""
    items = engine.recommend(person, dials, n).items.tolist()
    return items.index(item) + 1 if item in items else None


def smallest_beside(engine, person, item, knobs, standing):
    """The least way on the grid by which any one knob, set beside the standing ones, brings the item in."""
    at, found = {dial.key: dial.amount for dial in standing}, []
    for knob in knobs:
        for amount in np.arange(-100, 101) / 100:
            way = abs(amount - at.get(knob.key, 0))
            if way < min(found, default=np.inf) and place(
                engine, person, beside(standing, [replace(knob, amount=amount)]), item
            ):
                found.append(way)
    return min(found, default=None)


@pytest.mark.parametrize("amounts", STANDING)
def test_from_a_board_one_dial_is_the_smallest_there_is(planted_bundle, engine, knobs, amounts):
    """By brute force over new knobs and those that stand, at every amount on the grid."""
    standing, rng = standing_dials(planted_bundle, amounts), np.random.default_rng(len(amounts))
    kept = {dial.key for dial in standing}
    few = [knob for knob in knobs if knob.key in kept or rng.random() < 0.15]
    asked = 0
    for user in (3, 77, 240, 500):
        person = engine.taste(planted_bundle.interactions.matrix[user])
        dealt = engine.recommend(person, standing, 60).items
        for item in (int(dealt[N + 1]), int(dealt[30])):
            answer = counterfactual(engine, person, item, few, N, 1, standing)
            smallest = smallest_beside(engine, person, item, few, standing)
            if smallest is None:
                assert answer is None
                continue
            asked += 1
            (dial,) = answer.dials
            assert answer.total == pytest.approx(smallest)
            assert answer.rank == place(engine, person, beside(standing, [dial]), item)
    assert asked


@pytest.mark.parametrize("amounts", STANDING)
def test_from_a_board_answers_leave_what_stands_and_bring_the_item_in(planted_bundle, engine, knobs, amounts):
    standing, counts = standing_dials(planted_bundle, amounts), set()
    at = {dial.key: dial.amount for dial in standing}
    hands = sum(amount > 0 for _, amount in amounts)
    for user in (9, 120, 333):
        person = engine.taste(planted_bundle.interactions.matrix[user])
        for item in engine.recommend(person, standing, 80).items[[N, 22, 79]].tolist():
            answer, alone = (counterfactual(engine, person, item, knobs, N, most, standing) for most in (3, 1))
            if answer is None:
                assert alone is None
                continue
            counts.add(len(answer.dials))
            assert len({dial.key for dial in answer.dials}) == len(answer.dials) <= (3 if hands < 2 else 1)
            assert place(engine, person, beside(standing, answer.dials), item) == answer.rank
            ways = [abs(dial.amount - at.get(dial.key, 0)) for dial in answer.dials]
            assert answer.total == pytest.approx(sum(ways))
            assert min(ways) >= 0.01 - 1e-9
            assert alone is None or answer.total <= alone.total + 1e-9
            ranked, _ = engine.dealt(person, beside(standing, answer.dials))
            assert ranking(torch.as_tensor(ranked.order), person.seen)[answer.rank - 1] == item
    assert counts


def test_dials_at_rest_do_not_stand(planted_bundle, engine, knobs):
    for person, item in questions(planted_bundle, engine, 6, 4):
        resting = standing_dials(planted_bundle, [("concept 1", 0.0), ("#3", 0.0)])
        assert counterfactual(engine, person, item, knobs, N, 3, resting) == counterfactual(
            engine, person, item, knobs, N
        )


def test_an_item_that_the_board_deals_already_needs_no_dial(planted_bundle, engine, knobs):
    standing = standing_dials(planted_bundle, STANDING[-1])
    person = engine.taste(planted_bundle.interactions.matrix[3])
    for at, item in enumerate(engine.recommend(person, standing, N).items.tolist(), start=1):
        answer = counterfactual(engine, person, item, knobs, N, standing=standing)
        assert (answer.dials, answer.rank, answer.total) == ((), at, 0)


def test_a_dial_that_stands_may_be_the_one_to_turn(planted_bundle, engine):
    """It is turned on, back, or to rest, and its way counts from where it stood."""
    person, knob = engine.taste(planted_bundle.interactions.matrix[21]), planted_bundle.knobs["concept 1"]
    far = engine.recommend(person, [knob.dial(0.9)], N).items
    near = engine.recommend(person, [], N).items
    pushed = [knob.dial(-0.8), planted_bundle.knobs["concept 2"].dial(0.05)]
    for standing, item in (
        ([knob.dial(0.3)], int(far[~np.isin(far, engine.recommend(person, [knob.dial(0.3)], N).items)][0])),
        ([knob.dial(0.9)], int(near[~np.isin(near, far)][0])),
        (pushed, int(near[~np.isin(near, engine.recommend(person, pushed, N).items)][0])),
    ):
        answer = counterfactual(engine, person, item, [knob.dial(1.0)], N, standing=standing)
        (dial,) = answer.dials
        assert dial.key == knob.key
        assert answer.total == pytest.approx(abs(dial.amount - standing[0].amount))
        assert answer.total == pytest.approx(smallest_beside(engine, person, item, [knob.dial(1.0)], standing))
    locked = counterfactual(engine, person, int(far[0]), [], N, standing=[planted_bundle.knobs["concept 5"].dial(0.9)])
    assert locked is None or locked.dials == ()


def test_a_dial_may_be_brought_to_rest(planted_bundle, engine):
    """An answer that has a dial at 0 says so, as it takes one from the board."""
    knob, found = planted_bundle.knobs["concept 1"], []
    for user in range(60):
        person = engine.taste(planted_bundle.interactions.matrix[user])
        rest, pushed = (engine.recommend(person, [knob.dial(a)], N).items for a in (0.0, -0.01))
        for item in np.setdiff1d(rest, pushed).tolist():
            answer = counterfactual(engine, person, item, [knob.dial(1.0)], N, standing=[knob.dial(-0.01)])
            found.append((answer.dials[0].key, answer.dials[0].amount, answer.total))
    assert set(found) == {("concept 1", 0.0, 0.01)}


@pytest.mark.parametrize("amounts", STANDING)
def test_no_board_brings_an_item_between_two_others_first(planted_bundle, knobs, amounts):
    nested, history = planted_bundle.nested, planted_bundle.interactions.matrix[5]
    cfae = copy.deepcopy(nested.cfae)
    between, one, other = np.setdiff1d(np.arange(history.shape[1]), history.indices)[[0, 9, 30]].tolist()
    with torch.no_grad():
        cfae.item_vectors[between] = (cfae.item_vectors[one] + cfae.item_vectors[other]) / 2
    engine, standing = Engine(Nested(cfae, nested.sae)), standing_dials(planted_bundle, amounts)
    person = engine.taste(history)
    assert counterfactual(engine, person, between, knobs, 1, 3, standing) is None
    with pytest.raises(DataError, match="an item that is not liked yet"):
        counterfactual(engine, person, int(person.seen[0]), knobs, standing=standing)
    engine.linear = False
    with pytest.raises(ConfigError, match="a linear decoder for asking for an item"):
        counterfactual(engine, person, between, knobs, standing=standing)


def test_a_group_may_ask(planted_bundle, engine, knobs):
    group = engine.taste(planted_bundle.interactions.matrix[[4, 90]])
    standing = standing_dials(planted_bundle, STANDING[3])
    item = int(engine.recommend(group, standing, 40).items[18])
    answer = counterfactual(engine, group, item, knobs, N, standing=standing)
    assert place(engine, group, beside(standing, answer.dials), item) == answer.rank
    few = [knob for knob in knobs if not knob.key.startswith("#")]
    answer = counterfactual(engine, group, item, few, N, 1, standing)
    smallest = smallest_beside(engine, group, item, few, standing)
    assert (answer.total if answer else None) == (smallest and pytest.approx(smallest))


@pytest.mark.parametrize("amounts", [[], *STANDING])
def test_of_answers_about_as_large_the_preferred_comes_first(planted_bundle, engine, knobs, amounts):
    standing = standing_dials(planted_bundle, amounts)

    def preferred(dial):
        return dial.name.startswith("concept")

    outcomes, some = set(), [knob for knob in knobs if preferred(knob)]
    for user in range(0, 400, 25):
        person = engine.taste(planted_bundle.interactions.matrix[user])
        item = int(engine.recommend(person, standing, 40).items[20])
        least, found, alone = (
            counterfactual(engine, person, item, which, N, 1, standing, wish)
            for which, wish in ((knobs, None), (knobs, preferred), (some, None))
        )
        if least is None:
            assert found is None
            continue
        near = alone is not None and alone.total <= least.total + 0.05 + 1e-9
        outcomes.add(near)
        assert found == (alone if near and not all(map(preferred, least.dials)) else least)
    assert outcomes


@pytest.mark.parametrize("amounts", STANDING)
def test_a_new_hand_deals_an_item_where_it_is_said_to(planted_bundle, engine, knobs, amounts):
    """The counted rank at every amount on the grid, where it is in the list, is that in the list which is dealt."""
    standing, looked_at = standing_dials(planted_bundle, amounts), 0
    kept = {dial.key for dial in standing}
    new = [knob for knob in knobs if knob.key not in kept][4::9]
    for user in (2, 45, 200):
        person = engine.taste(planted_bundle.interactions.matrix[user])
        alone = engine.recommend(person, [replace(new[3], amount=0.7)], N).items
        item = int(alone[~np.isin(alone, engine.recommend(person, standing, N).items)][0])
        question = Question(engine, person, item, N, standing)
        before = question.before_in_own_hand(new, question.gains(new))
        for row, knob in enumerate(new):
            for step in range(1, 101):
                rank = place(engine, person, [*standing, replace(knob, amount=step / 100)], item)
                counted = before[row, step] + 1
                looked_at += rank is not None
                assert (counted if counted <= N else None) == rank
    assert looked_at > 100
