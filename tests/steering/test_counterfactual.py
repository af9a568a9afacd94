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
