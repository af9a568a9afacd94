"""The dial: its formula against NumPy, what amounts mean, and zero means zero."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.steering.dials import Dial
from knobs_core.steering.spread import (
    depths,
    directions,
    effects_of,
    mix,
    reach_of,
    sigmas,
    steered_embedding,
    steered_embeddings,
    steered_scores,
)
from tests.plain import recommend


def weights(module, *names):
    return (getattr(module, name).numpy().astype(float) for name in names)


def settings(bundle):
    rest = np.random.default_rng(3).normal(size=bundle.nested.cfae.d_embed).astype(np.float32) / 5
    return [
        [Dial({0: 0.5, 3: 0.5}, 0.4)],
        [Dial({0: 0.5, 3: 0.5}, 0.4, rest=rest)],
        [Dial({1: 1.0}, -0.7)],
        [Dial({4: 0.2, 9: 0.8}, 0.3), Dial({1: 1.0}, -0.7, rest=rest), Dial({5: 1.0}, -0.2)],
        [Dial({2: 1.0}, 1.0)],
    ]


def test_one_hand_is_what_the_formula_says(planted_bundle):
    """y' = (1 - a) y + KAPPA spread a h / sigma - REPEL fall b h' / depth, written out in NumPy, double precision."""
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix[:6]
    (a,), (w,) = weights(nested.cfae, "item_vectors"), weights(nested.sae, "w_dec")
    encoded = nested.encode(likes)
    y = encoded.y.numpy().astype(float)
    unseen = likes.toarray() == 0
    rest = [-np.sort(-row[free]) for row, free in zip(y @ a.T, unseen, strict=True)]
    spread = np.array([one.std() for one in rest])[:, None]
    fall = np.array([one[:20].mean() - one[199] for one in rest])[:, None]
    for dials in settings(planted_bundle):
        expected = y * (1 - sum(max(dial.amount, 0) for dial in dials))
        for dial in dials:
            h = sum(weight * w[j] for j, weight in dial.recipe.items()) + (0 if dial.rest is None else dial.rest)
            effect = a @ h
            depth = np.sort(effect)[-20:].mean() - effect.mean()
            size = 1.3 * spread / effect.std() if dial.amount > 0 else 1.35 * fall / depth
            expected = expected + size * dial.amount * h
        reach = reach_of(nested.scores(encoded), likes)
        held, (found,) = steered_scores(nested, encoded.y, reach, dials)
        assert len(held) == 1
        np.testing.assert_allclose(found, expected @ a.T, atol=2e-4)
        np.testing.assert_allclose(steered_embedding(nested, encoded.y, reach, dials), expected, atol=2e-4)


def test_an_amount_moves_everybody_by_the_same_share_of_their_own_scores(planted_bundle):
    """Whichever knob and whoever it is: up, what a dial at 1 adds has the standard deviation of 1.3 spreads; down, the
    20 titles that are most of the theme fall by 1.35 times the way from the top to place 200, against the average."""
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix[:5]
    encoded = nested.encode(likes)
    scores = nested.scores(encoded)
    reach = reach_of(scores, likes)
    for recipe in ({0: 1.0}, {3: 0.7, 8: 0.3}):
        _, (up,) = steered_scores(nested, encoded.y, reach, [Dial(recipe, 1.0)])
        np.testing.assert_allclose(up.std(1, correction=0), reach.up[:, 0], rtol=1e-4)
        _, (down,) = steered_scores(nested, encoded.y, reach, [Dial(recipe, -1.0)])
        fallen = (scores - down).numpy()
        found = -np.sort(-fallen)[:, :20].mean(1) - fallen.mean(1)
        np.testing.assert_allclose(found, reach.down[:, 0], rtol=1e-3)


def test_a_reach_leaves_out_what_is_liked():
    """Scores 1, 3, 5 are left of the first; the second has nothing but equals, the third a single title."""
    scores = torch.tensor([[9.0, 1.0, 3.0, 5.0], [2.0, 2.0, 2.0, 2.0], [1.0, 8.0, 7.0, 6.0]])
    likes = sp.csr_matrix(np.array([[1, 0, 0, 0], [0, 0, 0, 0], [0, 1, 1, 1]], np.float32))
    reach = reach_of(scores, likes)
    np.testing.assert_allclose(reach.up, [[1.3 * np.std([1, 3, 5])], [0], [0]], rtol=1e-6)
    np.testing.assert_allclose(reach.down, [[1.35 * ((5 + 3 + 1 + 1) / 4 - 1)], [0], [0]], rtol=1e-6)


def test_a_direction_that_says_nothing_does_nothing(planted_bundle):
    """Its sigma and depth count as infinite, so that nothing is divided by zero."""
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix[:2]
    encoded = nested.encode(likes)
    for amount in (0.5, -0.5):
        nothing = Dial({0: 1.0}, amount, rest=-nested.sae.w_dec[0].numpy())
        effects = effects_of(nested.cfae, directions(nested, [nothing]))
        assert sigmas(effects).item() == depths(effects).item() == float("inf")
        _, (found,) = steered_scores(nested, encoded.y, reach_of(nested.scores(encoded), likes), [nothing])
        expected = (1 - max(amount, 0)) * nested.scores(encoded)
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_several_hands_are_each_dial_alone_with_what_pushes_away(planted_bundle):
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix[:3]
    encoded = nested.encode(likes)
    reach = reach_of(nested.scores(encoded), likes)
    one, other, down = Dial({1: 1.0}, 0.6), Dial({2: 1.0}, 0.9), Dial({3: 1.0}, -0.3)
    held, scores = steered_scores(nested, encoded.y, reach, [one, down, other])
    assert [hand.more for hand in held] == [other, one]
    for hand, found in zip(held, scores, strict=True):
        _, (alone,) = steered_scores(nested, encoded.y, reach, [hand.more, down])
        assert torch.equal(found, alone)
    places = [steered_embedding(nested, encoded.y, reach, [dial, down]) for dial in (one, other)]
    expected = (0.6 * places[0] + 0.9 * places[1]) / 1.5
    torch.testing.assert_close(steered_embedding(nested, encoded.y, reach, [one, down, other]), expected)


def test_zero_means_zero_on_every_test_user_of_the_demo(demo_bundle):
    """All dials at rest reproduce the unmodified recommender bit for bit: same scores, same list."""
    nested, inputs = demo_bundle.nested, demo_bundle.split().test.inputs
    resting = [Dial({3: 1.0}, 0.0), Dial({5: 0.5, 7: 0.5}, 0.0)]
    for row in range(inputs.shape[0]):
        encoded = nested.encode(inputs[row])
        plain = nested.scores(encoded)
        _, (found,) = steered_scores(nested, encoded.y, reach_of(plain, inputs[row]), resting)
        assert torch.equal(found, plain)
        result = recommend(nested, inputs[row], resting)
        assert result.items.tolist() == result.before.tolist()
        assert len(result.entered) == len(result.left) == 0


def test_several_settings_at_once_are_each_alone(planted_bundle):
    nested, likes = planted_bundle.nested, planted_bundle.split().test.inputs[:7]
    encoded = nested.encode(likes)
    reach = reach_of(nested.scores(encoded), likes)
    sets = [[], [Dial({3: 1.0}, 0.4)], [Dial({3: 0.5, 5: 0.5}, -1.0), Dial({8: 1.0}, 0.2)]]
    together = steered_embeddings(nested, encoded.y, reach, sets)
    assert torch.equal(together[0], encoded.y)
    for row in (1, 2):
        assert torch.equal(together[row], steered_embedding(nested, encoded.y, reach, sets[row]))


@pytest.mark.parametrize("amount", [0.0, 0.3, 1.0])
def test_mix_agrees_in_embedding_and_score_space(planted_bundle, amount):
    nested = planted_bundle.nested
    y = nested.encode(planted_bundle.interactions.matrix[:5]).y
    torch.testing.assert_close(nested.cfae.decode(mix(y, amount)), mix(nested.cfae.decode(y), amount))
    assert mix(5.0, 0.25) == 3.75
    assert mix(torch.tensor([[5.0, 3.0], [1.0, 1.0]]), torch.tensor([[0.0], [0.5]])).tolist() == [[5, 3], [0.5, 0.5]]
