"""The engine against the plain path, and its cache: bounded, shared, unchanged by whatever is done with its answers."""

import threading

import numpy as np
import pytest
import torch

from knobs_core.base.errors import ConfigError, DataError
from knobs_core.data.histories import history_at
from knobs_core.models.nested import Nested
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from knobs_core.steering.operators import steered_scores
from knobs_core.steering.recommend import ReferenceRanking
from tests.plain import recommend
from tests.steering.random_dials import random_dials


@pytest.fixture(params=["planted_bundle", "demo_bundle"])
def bundle(request):
    return request.getfixturevalue(request.param)


class Bent(torch.nn.Module):
    """A recommender whose decoder is not linear."""

    linear = False

    def __init__(self, straight):
        super().__init__()
        self.straight, self.n_items, self.d_embed = straight, straight.n_items, straight.d_embed

    def encode(self, x):
        return self.straight.encode(x)

    def decode(self, y):
        return self.straight.decode(y).tanh()


@pytest.fixture
def bent_engine(planted_bundle):
    return Engine(Nested(Bent(planted_bundle.nested.cfae), planted_bundle.nested.sae))


def test_the_engine_equals_the_plain_path(bundle):
    """Same scores up to rounding and the same ranking, wherever two scores differ by more than rounding."""
    nested, matrix, rng = bundle.nested, bundle.interactions.matrix, np.random.default_rng(1)
    engine = Engine(nested)
    for user in rng.choice(matrix.shape[0], 20, replace=False):
        person = engine.taste(matrix[user])
        for n_dials in range(1, 9):
            dials = random_dials(rng, person.z, n_dials)
            plain = steered_scores(nested, nested.encode(matrix[user]), dials)[0]
            scores, rounding = engine.scores(person, dials), 3e-6 * plain.abs().max()
            assert (scores - plain).abs().max() <= rounding
            ranked, truly = (s.sort(descending=True, stable=True) for s in (scores, plain))
            swapped = ranked.indices != truly.indices
            assert ((plain[ranked.indices] - truly.values).abs()[swapped] <= 2 * rounding).all()


def test_at_rest_the_scores_are_the_recommenders_bit_for_bit(bundle):
    engine = Engine(bundle.nested)
    for user in range(0, bundle.interactions.n_users, 7):
        history = bundle.interactions.matrix[user]
        person, plain = engine.taste(history), bundle.nested.scores(bundle.nested.encode(history))[0]
        assert torch.equal(engine.scores(person, []), plain)
        assert torch.equal(engine.scores(person, [Dial({3: 1.0}, 0.0), Dial({4: 1.0}, 0.0)]), plain)


def test_coefficients_blend_to_the_scores(planted_bundle):
    """What a browser does with them, written out in NumPy from the weights alone."""
    nested, rng = planted_bundle.nested, np.random.default_rng(2)
    engine = Engine(nested)
    a, w, b_dec = (p.numpy().astype(float) for p in (nested.cfae.item_vectors, nested.sae.w_dec, nested.sae.b_dec))
    for user in range(10):
        person = engine.taste(planted_bundle.interactions.matrix[user])
        y, z, mean, std = (t[0].numpy().astype(float) for t in (person.encoded.y, *person.encoded.code))
        dials = random_dials(rng, person.z, 5)
        total, repelled, boosted = engine.coefficients(person, dials)
        boosts = [max(dial.amount, 0) for dial in dials]
        assert total == pytest.approx(min(sum(boosts), 1))
        down = 1.25 * sum(-min(dial.amount, 0) for dial in dials)
        assert sum(repelled.values()) == pytest.approx(-down * std[0] * z.sum(), rel=1e-5)
        assert sum(boosted.values()) == pytest.approx(total * std[0] * z.sum(), rel=1e-5)
        base, floor = a @ y, a @ (mean + std * b_dec)
        blended = (1 - total) * base + total * floor
        blended = blended + sum(c * a @ w[j] for part in (repelled, boosted) for j, c in part.items())
        assert np.allclose(engine.scores(person, dials), blended, atol=1e-4)


def test_several_settings_at_once_equal_one_at_a_time(planted_bundle, bent_engine):
    rng, history = np.random.default_rng(3), planted_bundle.interactions.matrix[3]
    for engine in (Engine(planted_bundle.nested), bent_engine):
        person = engine.taste(history)
        settings = [[], *(random_dials(rng, person.z, 3) for _ in range(6)), [Dial({0: 1.0}, 0.0)]]
        for scores, dials in zip(engine.scores_each(person, settings), settings, strict=True):
            assert torch.allclose(scores, engine.scores(person, dials), atol=1e-5)


def test_lists_compared_by_the_engine_are_those_of_recommend(demo_bundle):
    engine, dials = Engine(demo_bundle.nested), [Dial({7: 0.4, 8: 0.6}, 0.3), Dial({3: 1.0}, -1.0)]
    for user in range(5):
        history = demo_bundle.interactions.matrix[user]
        person = engine.taste(history)
        ours = engine.recommend(person, dials, reference=ReferenceRanking(person.base, person.seen))
        theirs = recommend(demo_bundle.nested, history, dials)
        assert ours.items.tolist() == theirs.items.tolist()
        assert ours.before.tolist() == theirs.before.tolist()
        assert ours.unsteered_rank.tolist() == theirs.unsteered_rank.tolist()
        assert ours.steered_rank.tolist() == theirs.steered_rank.tolist()


def test_neuron_vectors_are_decoder_rows_seen_through_the_recommender(planted_bundle):
    nested = planted_bundle.nested
    engine, neurons = Engine(nested), [5, 0, 5, 9]
    expected = nested.sae.w_dec[neurons].numpy() @ nested.cfae.item_vectors.numpy().T
    assert np.allclose(engine.neuron_vectors(neurons), expected, atol=1e-6)
    assert engine.neuron_vectors([]).shape == (0, nested.cfae.n_items)


@pytest.mark.parametrize("places", [0, 1, 4])
def test_the_cache_is_bounded_and_forgets_the_least_recently_used(planted_bundle, places):
    nested = planted_bundle.nested
    engine = Engine(nested, memory=places * nested.cfae.n_items * 4 + 3)
    for neurons in ([0, 1], [2, 3], [0], [4], range(10), [9]):
        engine.neuron_vectors(neurons)
        held = sum(vector.untyped_storage().nbytes() for vector in engine._kept.values())
        assert held <= places * nested.cfae.n_items * 4
    engine = Engine(nested, memory=4 * nested.cfae.n_items * 4)
    for neurons in ([0, 1], [2, 3], [0], [4]):
        engine.neuron_vectors(neurons)
    assert list(engine._kept) == [2, 3, 0, 4]


def test_what_is_handed_out_can_be_changed_without_changing_the_engine(planted_bundle):
    engine = Engine(planted_bundle.nested)
    person = engine.taste(planted_bundle.interactions.matrix[0])
    dials = [Dial({1: 1.0}, 0.4), Dial({int(np.argmax(person.z)): 1.0}, -0.5)]
    before, rest = engine.scores(person, dials), engine.scores(person, [])
    with torch.inference_mode():
        for handed_out in (engine.neuron_vectors([1, 2]), engine.neuron_vectors([1]), before.clone()):
            handed_out.zero_()
        engine.scores(person, []).zero_()
        engine.scores(person, dials).zero_()
    assert torch.equal(engine.scores(person, dials), before)
    assert torch.equal(engine.scores(person, []), rest)
    for array in (person.z, person.seen):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_many_visitors_at_once_get_what_one_gets(planted_bundle):
    history = planted_bundle.interactions.matrix[0]
    alone, shared = (Engine(planted_bundle.nested, memory=6 * planted_bundle.interactions.n_items * 4) for _ in "12")
    person, wrong = alone.taste(history), []

    def visit(seed):
        rng = np.random.default_rng(seed)
        for _ in range(30):
            dials = random_dials(rng, person.z, 3)
            if not torch.allclose(shared.scores(person, dials), alone_scores(dials), atol=1e-4):
                wrong.append(dials)

    def alone_scores(dials):
        return steered_scores(planted_bundle.nested, person.encoded, dials)[0]

    threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(shared._kept) <= 6


def test_a_decoder_that_is_not_linear_is_decoded(planted_bundle, bent_engine):
    history, dials = planted_bundle.interactions.matrix[0], [Dial({1: 1.0}, 0.4), Dial({2: 1.0}, -0.5)]
    person = bent_engine.taste(history)
    assert person.floor is None
    assert torch.equal(bent_engine.scores(person, dials), steered_scores(bent_engine.nested, person.encoded, dials)[0])
    assert torch.equal(bent_engine.scores(person, []), bent_engine.nested.scores(person.encoded)[0])
    with pytest.raises(ConfigError, match="a linear decoder for a neuron's own scores, found Bent"):
        bent_engine.neuron_vectors([0])


def test_nobody_is_scored_without_likes(planted_bundle):
    with pytest.raises(DataError, match="at least one liked item"):
        Engine(planted_bundle.nested).taste(history_at(planted_bundle.interactions, []))


def test_nobody_is_recommended_to_without_likes(planted_bundle):
    empty = history_at(planted_bundle.interactions, [])
    with pytest.raises(DataError, match="at least one liked item"):
        Engine(planted_bundle.nested).taste(empty)
    everything = history_at(planted_bundle.interactions, range(planted_bundle.interactions.n_items))
    engine = Engine(planted_bundle.nested)
    with pytest.raises(DataError, match="an item that is not liked yet"):
        engine.recommend(engine.taste(everything))
