"""The engine against the plain path, and its cache: bounded, shared, unchanged by whatever is done with its answers."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from knobs_core.base.errors import ConfigError, DataError
from knobs_core.data.histories import history_at
from knobs_core.models.nested import Nested
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from knobs_core.steering.recommend import ReferenceRanking
from knobs_core.steering.spread import FAR, KAPPA, REPEL, TOP
from tests.plain import dealt_by_hand, plain_scores, recommend
from tests.steering.bent import Bent
from tests.steering.random_dials import random_dials
from tests.waiting import at_once


@pytest.fixture(params=["planted_bundle", "demo_bundle"])
def bundle(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def bent_engine(planted_bundle):
    return Engine(Nested(Bent(planted_bundle.nested.cfae), planted_bundle.nested.sae))


def test_the_engine_equals_the_plain_path(bundle):
    """Same scores in every hand up to rounding, and the same ranking wherever two differ by more than rounding."""
    nested, matrix, rng = bundle.nested, bundle.interactions.matrix, np.random.default_rng(1)
    engine = Engine(nested)
    for user in rng.choice(matrix.shape[0], 20, replace=False):
        person = engine.taste(matrix[user])
        for n_dials in range(1, 9):
            dials = random_dials(rng, person.z, n_dials, nested.cfae.d_embed)
            amounts, expected = plain_scores(nested, matrix[user], dials)
            held, found = engine.hand_scores(person, dials)
            assert [hand.amount or 1 for hand in held] == amounts
            for scores, plain in zip(found, expected, strict=True):
                rounding = 5e-6 * plain.abs().max()
                assert (scores - plain).abs().max() <= rounding
                ranked, truly = (s.sort(descending=True, stable=True) for s in (scores, plain))
                swapped = ranked.indices != truly.indices
                assert ((plain[ranked.indices] - truly.values).abs()[swapped] <= 2 * rounding).all()


def test_at_rest_the_scores_are_the_recommenders_bit_for_bit(bundle):
    engine = Engine(bundle.nested)
    for user in range(0, bundle.interactions.n_users, 7):
        history = bundle.interactions.matrix[user]
        person, plain = engine.taste(history), bundle.nested.scores(bundle.nested.encode(history))[0]
        for dials in ([], [Dial({3: 1.0}, 0.0), Dial({4: 1.0}, 0.0)]):
            ranked, scores = engine.dealt(person, dials)
            assert np.array_equal(ranked.order, plain)
            assert np.array_equal(scores, plain)


def test_several_settings_at_once_equal_one_at_a_time(planted_bundle, bent_engine):
    rng, history = np.random.default_rng(3), planted_bundle.interactions.matrix[3]
    engine = Engine(planted_bundle.nested)
    person = engine.taste(history)
    settings = [[], [Dial({0: 1.0}, 0.0)], [Dial({0: 1.0}, 1.0)]]
    for _ in range(6):
        more, *less = random_dials(rng, person.z, 3, planted_bundle.nested.cfae.d_embed)
        settings.append([more, *(replace(dial, amount=-abs(dial.amount)) for dial in less)])
    for scores, dials in zip(engine.scores_each(person, settings), settings, strict=True):
        _, (alone,) = engine.hand_scores(person, dials)
        assert torch.allclose(scores, alone, atol=1e-5)
    with pytest.raises(ConfigError, match="a linear decoder for many settings at once"):
        bent_engine.scores_each(bent_engine.taste(history), settings)


def test_each_item_has_the_score_of_the_hand_that_deals_it(planted_bundle):
    engine, dials = Engine(planted_bundle.nested), [Dial({1: 1.0}, 0.5), Dial({2: 1.0}, 0.8), Dial({3: 1.0}, -0.4)]
    person = engine.taste(planted_bundle.interactions.matrix[9])
    ranked, scores = engine.dealt(person, dials)
    _, found = engine.hand_scores(person, dials)
    expected = dealt_by_hand([0.8, 0.5], found, person.seen)
    assert np.argsort(-ranked.order, kind="stable")[: len(expected)].tolist() == list(expected)
    for item, hand in expected.items():
        assert ranked.hand[item] == hand
        assert scores[item] == found[hand][item]


def test_lists_compared_by_the_engine_are_those_of_recommend(demo_bundle):
    engine, dials = Engine(demo_bundle.nested), [Dial({7: 0.4, 8: 0.6}, 0.3), Dial({3: 1.0}, -1.0)]
    for user in range(10):
        history = demo_bundle.interactions.matrix[user]
        person = engine.taste(history)
        if user >= 5:
            dials = [Dial({7: 1.0}, 0.3, key="a"), Dial({8: 1.0}, 0.3, key="b"), Dial({9: 1.0}, 0.5)]
        ours = engine.recommend(person, dials, reference=ReferenceRanking(person.base, person.seen))
        theirs = recommend(demo_bundle.nested, history, dials)
        assert ours.hands.tolist() == theirs.hands.tolist()
        assert ours.items.tolist() == theirs.items.tolist()
        assert ours.before.tolist() == theirs.before.tolist()
        assert ours.unsteered_rank.tolist() == theirs.unsteered_rank.tolist()


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
    assert list(engine._kept) == [("neuron", j) for j in (2, 3, 0, 4)]


def test_what_is_handed_out_can_be_changed_without_changing_the_engine(planted_bundle):
    engine = Engine(planted_bundle.nested)
    person = engine.taste(planted_bundle.interactions.matrix[0])
    dials = [Dial({1: 1.0}, 0.4), Dial({int(np.argmax(person.z)): 1.0}, -0.5)]
    before, rest = (engine.hand_scores(person, turned)[1][0] for turned in (dials, []))
    with torch.inference_mode():
        for handed_out in (engine.neuron_vectors([1, 2]), engine.neuron_vectors([1]), engine.dial_vectors(dials)):
            handed_out.zero_()
        for turned in ([], dials):
            engine.hand_scores(person, turned)[1][0].zero_()
    for turned, scores in ((dials, before), ([], rest)):
        assert torch.equal(engine.hand_scores(person, turned)[1][0], scores)
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
            dials = random_dials(rng, person.z, 3, planted_bundle.nested.cfae.d_embed)
            _, expected = plain_scores(planted_bundle.nested, history, dials)
            _, found = shared.hand_scores(person, dials)
            if not all(torch.allclose(*pair, atol=1e-4) for pair in zip(found, expected, strict=True)):
                wrong.append(dials)

    at_once(visit, 8)
    assert not wrong
    assert len(shared._kept) <= 6


def test_a_decoder_that_is_not_linear_is_decoded(planted_bundle, bent_engine):
    history, dials = planted_bundle.interactions.matrix[0], [Dial({1: 1.0}, 0.4), Dial({2: 1.0}, -0.5)]
    person = bent_engine.taste(history)
    for turned in (dials, []):
        _, (expected,) = plain_scores(bent_engine.nested, history, turned)
        _, (found,) = bent_engine.hand_scores(person, turned)
        assert torch.equal(found, expected)
    cfae, rows = bent_engine.nested.cfae, bent_engine.nested.sae.w_dec[1:3]
    effects = cfae.decode(rows) - cfae.decode(torch.zeros_like(rows))
    depth = effects[1].sort(descending=True).values[:20].mean() - effects[1].mean()
    moved = person.reach.up * 0.4 * rows[0] / effects[0].std(correction=0) - person.reach.down * 0.5 * rows[1] / depth
    steered = 0.6 * person.encoded.y + moved
    torch.testing.assert_close(bent_engine.hand_scores(person, dials)[1][0], bent_engine.nested.cfae.decode(steered)[0])
    with pytest.raises(ConfigError, match="a linear decoder for a neuron's own scores, found Bent"):
        bent_engine.neuron_vectors([0])


@pytest.mark.parametrize("straight", [True, False])
def test_a_dial_that_goes_up_and_down_is_never_taken_for_what_it_did_before(planted_bundle, bent_engine, straight):
    """What is kept of a dial is not the same above 0 and below it."""
    engine = Engine(planted_bundle.nested) if straight else bent_engine
    history = planted_bundle.interactions.matrix[0]
    person = engine.taste(history)
    for amount in (0.4, -0.6, 0.2, -0.3):
        dials = [Dial({1: 1.0}, amount), Dial({2: 1.0}, -amount)]
        _, (expected,) = plain_scores(engine.nested, history, dials)
        _, (found,) = engine.hand_scores(person, dials)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=5e-6 * float(expected.abs().max()))


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


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("amount", [0.0, 0.4, -0.4])
def test_scores_that_are_no_numbers_make_no_list(planted_bundle, bad, amount):
    taste = planted_bundle.person("u7").taste
    base = taste.base.clone()
    base[3] = bad
    with pytest.raises(DataError, match="a finite score for every item"):
        planted_bundle.engine.recommend(replace(taste, base=base), [planted_bundle.knobs["concept 1"].dial(amount)])


def test_the_mean_taste_is_that_of_a_group_of_everybody_who_has_seen_nothing(planted_bundle, monkeypatch):
    """The embedding against a group's; the reach against the formula by hand, where nothing is liked."""
    monkeypatch.setattr("knobs_core.steering.engine.PEOPLE", 7)
    engine, few = Engine(planted_bundle.nested), planted_bundle.interactions.matrix[:20]
    mean, group = engine.mean_taste(few), engine.taste(few)
    assert torch.allclose(mean.encoded.y, group.encoded.y, atol=1e-6)
    assert torch.allclose(mean.base, group.base, atol=1e-5)
    assert len(mean.seen) == 0
    scores = np.sort(mean.base.double().numpy())[::-1]
    assert mean.reach.up == pytest.approx(KAPPA * scores.std(), rel=1e-4)
    assert mean.reach.down == pytest.approx(REPEL * (scores[:TOP].mean() - scores[FAR - 1]), rel=1e-4)
