"""Items times queries against the engine's lists: every dial, every operator, every model."""

import itertools

import numpy as np
import pytest
import torch

from knobs_core.base import ConfigError
from knobs_core.models import Nested, to_bags
from knobs_core.retrieval import item_vectors, knob_vectors, queries, queries_by_knobs
from knobs_core.steering import OPERATORS, SPREAD, Dial, Engine, reach_of
from tests.plain import dealt_by_hand
from tests.steering.bent import Bent
from tests.steering.random_dials import random_dials

N = 20


def listed(items, vectors, paces, seen):
    """The list that inner products make, dealt one by one, and the score of each row."""
    scores = [torch.as_tensor(items @ one) for one in vectors]
    dealt = dict(itertools.islice(dealt_by_hand(paces, scores, seen).items(), N))
    return [*dealt], [scores[hand][item].item() for item, hand in dealt.items()]


def compared(engine, items, taste, asked, dials, operator=SPREAD):
    """Whether a query's list is the engine's; where it is not, only equal scores, up to rounding, changed places."""
    truly = engine.recommend(taste, dials, N, operator)
    found, scores = listed(items, asked.vectors[:, 0], asked.paces, taste.seen)
    rounding = 1e-5 * max(1.0, np.abs(truly.scores).max())
    assert np.abs(np.sort(scores) - np.sort(truly.scores)).max() < rounding
    return found == truly.items.tolist()


@pytest.mark.parametrize("name", ["planted_bundle", "dlae", "multvae"])
def test_items_times_queries_are_the_engines_lists(name, request):
    bundle = request.getfixturevalue(name)
    nested, matrix, rng = bundle.nested, bundle.interactions.matrix, np.random.default_rng(0)
    engine, items, same = Engine(nested), item_vectors(nested), []
    assert items.shape == (bundle.interactions.n_items, items.shape[1])
    for user in rng.choice(matrix.shape[0], 40, replace=False):
        taste = engine.taste(matrix[user])
        for n_dials in range(6):
            dials = random_dials(rng, taste.z, n_dials, nested.cfae.d_embed)
            asked = queries(nested, taste.encoded.y, taste.reach, dials)
            assert len(asked.vectors) == max(1, sum(dial.amount > 0 for dial in dials))
            same.append(compared(engine, items, taste, asked, dials))
    assert np.mean(same) > 0.98


@pytest.mark.parametrize("dials", [[], [Dial({3: 1.0}, -1.0)], [Dial({3: 1.0}, 0.7)], [Dial({3: 1.0}, 0.0)]])
def test_the_whole_ranking_and_not_only_its_first_rows(planted_bundle, dials):
    nested, engine = planted_bundle.nested, Engine(planted_bundle.nested)
    items = item_vectors(nested)
    for user in range(0, 600, 37):
        taste = engine.taste(planted_bundle.interactions.matrix[user])
        _, (scores,) = engine.hand_scores(taste, dials)
        asked = queries(nested, taste.encoded.y, taste.reach, dials)
        assert np.allclose(items @ asked.vectors[0, 0], scores, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("name", ["planted_bundle", "multvae"])
def test_dials_mixed_into_the_code_make_one_query(name, operator, request):
    bundle = request.getfixturevalue(name)
    nested, engine, rng, same = bundle.nested, Engine(bundle.nested), np.random.default_rng(1), []
    items = item_vectors(nested)
    for user in range(0, 60, 3):
        taste = engine.taste(bundle.interactions.matrix[user])
        dials = [Dial({1: 0.5, 2: 0.5}, 0.4), Dial({3: 1.0}, 0.3), *random_dials(rng, taste.z, 1)]
        asked = queries(nested, taste.encoded.y, taste.reach, dials, operator)
        assert asked.vectors.shape == (1, 1, items.shape[1])
        same.append(compared(engine, items, taste, asked, dials, operator))
    assert np.mean(same) >= 0.95


def test_many_people_at_once_are_each_alone(planted_bundle):
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix[:50]
    dials = [Dial({1: 1.0}, 0.5), Dial({2: 1.0}, 0.3), Dial({4: 1.0}, -0.6)]
    with torch.inference_mode():
        y = nested.cfae.encode(to_bags(likes, nested.device))
        together = queries(nested, y, reach_of(nested.cfae.decode(y), likes), dials)
    assert together.vectors.shape == (2, 50, nested.cfae.d_embed)
    for user in range(50):
        taste = planted_bundle.engine.taste(likes[user])
        alone = queries(nested, taste.encoded.y, taste.reach, dials)
        assert together.paces == alone.paces == [0.5, 0.3]
        assert np.allclose(together.vectors[:, user], alone.vectors[:, 0], atol=1e-4, rtol=1e-4)


def test_knobs_are_turned_by_their_vectors_alone(planted_bundle):
    """The decoder is not asked, and what comes out is what it gives."""
    nested, rng = planted_bundle.nested, np.random.default_rng(2)
    for user in range(0, 600, 29):
        taste = planted_bundle.engine.taste(planted_bundle.interactions.matrix[user])
        dials = random_dials(rng, taste.z, 4, nested.cfae.d_embed)
        knobs = knob_vectors(nested, dials)
        truly = queries(nested, taste.encoded.y, taste.reach, dials)
        found = queries_by_knobs(taste.encoded.y, taste.reach, dials, knobs)
        assert found.hands == truly.hands
        assert np.allclose(found.vectors, truly.vectors, atol=1e-4, rtol=1e-4)
    at_rest = queries_by_knobs(taste.encoded.y, taste.reach)
    assert np.array_equal(at_rest.vectors[0], taste.encoded.y)


def test_knob_vectors_in_blocks_and_one_that_does_nothing(planted_bundle, monkeypatch):
    nested = planted_bundle.nested
    nothing = -nested.sae.w_dec[5].numpy()
    dials = [Dial({j: 1.0}, 1.0, rest=nothing if j == 5 else None) for j in range(7)]
    vectors, depths = knob_vectors(nested, dials)
    monkeypatch.setattr("knobs_core.retrieval.vectors.SCORES", 3 * planted_bundle.interactions.n_items)
    blocks = knob_vectors(nested, dials)
    assert np.allclose(vectors, blocks.vectors, atol=1e-6)
    assert np.allclose(depths, blocks.depths, rtol=1e-5)
    effects = item_vectors(nested) @ vectors.T
    others = np.arange(7) != 5
    assert np.allclose(effects.std(0)[others], 1, atol=1e-4)
    top = np.sort(effects, axis=0)[-20:].mean(0) - effects.mean(0)
    assert np.allclose(depths[others], top[others], rtol=1e-4)
    assert not vectors[5].any()
    assert depths[5] == np.inf
    taste = planted_bundle.engine.taste(planted_bundle.interactions.matrix[0])
    found = queries_by_knobs(
        taste.encoded.y,
        taste.reach,
        [Dial({5: 1.0}, -1.0, rest=nothing)],
        blocks._replace(vectors=vectors[5:6], depths=depths[5:6]),
    )
    assert np.array_equal(found.vectors[0], taste.encoded.y)


def test_no_knobs_have_no_vectors(planted_bundle):
    vectors, depths = knob_vectors(planted_bundle.nested, [])
    assert vectors.shape == (0, planted_bundle.nested.cfae.d_embed)
    assert depths.shape == (0,)


def test_a_last_layer_gives_vectors_but_no_knobs(multvae):
    nested = multvae.nested
    hidden = nested.cfae.w_out.shape[0]
    assert item_vectors(nested).shape == (multvae.interactions.n_items, hidden + 1)
    with pytest.raises(ConfigError, match="linear decoder for vectors of knobs, found MultVAE"):
        knob_vectors(nested, [Dial({1: 1.0}, 0.5)])


def test_a_decoder_that_is_no_inner_product_is_refused_by_name(planted_bundle):
    nested = Nested(Bent(planted_bundle.nested.cfae), planted_bundle.nested.sae)
    taste = Engine(nested).taste(planted_bundle.interactions.matrix[0])
    for asked in (lambda: item_vectors(nested), lambda: queries(nested, taste.encoded.y, taste.reach)):
        with pytest.raises(ConfigError, match="inner products of vectors, found Bent"):
            asked()
