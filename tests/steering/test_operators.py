"""Steering: formulas against NumPy, properties, and zero means zero."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.steering.dials import REPEL, Dial, boost_scale
from knobs_core.steering.engine import Engine
from knobs_core.steering.operators import (
    OPERATORS,
    mix,
    mixture_of,
    steered_embedding,
    steered_embeddings,
    steered_scores,
)
from tests.plain import recommend

D_SAE = 6

amounts = st.floats(-1, 1, allow_subnormal=False)

recipes = st.dictionaries(st.integers(0, D_SAE - 1), st.floats(0.1, 1), min_size=1, max_size=3).map(
    lambda recipe: {j: w / sum(recipe.values()) for j, w in recipe.items()}
)

dial_lists = st.lists(st.builds(Dial, recipes, amounts), max_size=5)

codes = st.lists(st.lists(st.floats(0, 50), min_size=D_SAE, max_size=D_SAE), min_size=1, max_size=3).map(
    lambda rows: torch.tensor(rows, dtype=torch.float64)
)


def blend(z, dials):
    return OPERATORS["blend"](z, mixture_of(dials, z))


def suppress(z, dials):
    return OPERATORS["suppress"](z, mixture_of(dials, z))


def paper(z, dials):
    return OPERATORS["paper"](z, mixture_of(dials, z))


def numpy_steered(z, dials, repel):
    """The code under dials that repel, or else suppress."""
    z, mass = z.numpy().copy(), z.numpy().sum(1, keepdims=True)
    total = sum(d.amount for d in dials if d.amount > 0)
    shrink = max(total, 1)
    direction = np.zeros(D_SAE)
    for dial in dials:
        for j, w in dial.recipe.items():
            if dial.amount > 0:
                direction[j] += dial.amount / shrink * w
            elif repel:
                direction[j] -= 1.25 * abs(dial.amount) * w
            else:
                z[:, j] *= 1 - abs(dial.amount) * w / max(dial.recipe.values())
    return (1 - total / shrink) * z + mass * direction


@given(codes, dial_lists)
def test_operators_equal_a_numpy_rewrite(z, dials):
    assert np.allclose(blend(z, dials).z, numpy_steered(z, dials, repel=True), atol=1e-9)
    assert np.allclose(suppress(z, dials).z, numpy_steered(z, dials, repel=False), atol=1e-9)


@given(codes, dial_lists)
def test_boosts_keep_the_mass_and_suppression_turns_nothing_negative(z, dials):
    untouched = z.clone()
    boosts = [dial for dial in dials if dial.amount > 0]
    assert torch.allclose(blend(z, boosts).z.sum(1), z.sum(1))
    assert torch.equal(blend(z, boosts).z, suppress(z, boosts).z)
    assert (suppress(z, dials).z >= -1e-12).all()
    assert torch.equal(z, untouched)


@given(codes, recipes, st.floats(0, 0.5), st.floats(0, 0.5))
def test_repelling_is_linear_and_goes_where_a_boost_comes_from(z, recipe, one, other):
    """Two steps down are as one of their sum; a step takes REPEL times what a boost adds of the recipe."""
    down = [blend(z, [Dial(recipe, -amount)]).z - z for amount in (one, other, one + other)]
    assert torch.allclose(down[0] + down[1], down[2], atol=1e-9)
    added = blend(z, [Dial(recipe, one)]).z - (1 - one) * z
    assert torch.allclose(down[0], -REPEL * added, atol=1e-9)


@given(codes)
def test_dials_at_rest_change_nothing(z):
    steered = blend(z, [Dial({1: 1.0}, 0.0), Dial({2: 0.5, 3: 0.5}, 0.0)])
    assert torch.equal(steered.z, z)
    assert steered.error_dropped == 0


def test_full_boost_leaves_only_the_recipe_and_full_suppression_silences():
    z = torch.tensor([[1.0, 2, 3, 0, 0, 0]])
    assert torch.allclose(blend(z, [Dial({4: 0.25, 5: 0.75}, 1.0)]).z, torch.tensor([[0, 0, 0, 0, 1.5, 4.5]]))
    assert suppress(z, [Dial({2: 1.0}, -1.0)]).z.tolist() == [[1, 2, 0, 0, 0, 0]]
    assert suppress(z, [Dial({2: 1.0}, -0.5)]).z.tolist() == [[1, 2, 1.5, 0, 0, 0]]


def test_repelling_by_hand():
    """The mass is 6: at -0.4, 6 * 1.25 * 0.4 = 3 of the recipe are taken away, from silent neurons too."""
    z = torch.tensor([[1.0, 2, 3, 0, 0, 0]])
    steered = blend(z, [Dial({2: 2 / 3, 4: 1 / 3}, -0.4)])
    assert torch.allclose(steered.z, torch.tensor([[1.0, 2, 1, 0, -1, 0]]))
    assert steered.error_dropped == 0


def test_boosts_beyond_one_are_scaled_down_together():
    z = torch.tensor([[1.0, 1, 0, 0, 0, 0]])
    dials = [Dial({2: 1.0}, 0.9), Dial({3: 1.0}, 0.3), Dial({0: 1.0}, -0.5)]
    assert boost_scale(dials) == pytest.approx(1 / 1.2)
    assert torch.allclose(blend(z, dials).z, torch.tensor([[-1.25, 0, 1.5, 0.5, 0, 0]]), atol=1e-6)


def test_the_papers_text_ends_at_unit_sum():
    z = torch.tensor([[1.0, 3, 0, 0, 0, 0]])
    steered = paper(z, [Dial({2: 1.0}, 0.2)])
    assert torch.allclose(steered.z, torch.tensor([[0.2, 0.6, 0.2, 0, 0, 0]]))
    assert steered.error_dropped == 1


def test_zero_means_zero_on_every_test_user_of_the_demo(demo_bundle):
    """All dials at rest reproduce the unmodified recommender bit for bit: same scores, same list."""
    nested, inputs = demo_bundle.nested, demo_bundle.split().test.inputs
    resting = [Dial({3: 1.0}, 0.0), Dial({5: 0.5, 7: 0.5}, 0.0)]
    for row in range(inputs.shape[0]):
        encoded = nested.encode(inputs[row])
        plain = nested.scores(encoded)
        assert torch.equal(steered_scores(nested, encoded, resting), plain)
        assert torch.equal(nested.cfae.decode(encoded.y), plain)
        result = recommend(nested, inputs[row], resting)
        assert result.items.tolist() == result.before.tolist()
        assert len(result.entered) == len(result.left) == 0


def test_steering_is_what_the_formula_says(planted_bundle):
    """scores = A (y + D(z') - D(z) - a (y - D(z))), written out with NumPy for a boost and a dial turned down."""
    nested, history = planted_bundle.nested, planted_bundle.interactions.matrix[:4]
    dials = [Dial({0: 0.5, 3: 0.5}, 0.4), Dial({1: 1.0}, -0.7)]
    encoded = nested.encode(history)
    a, w, b = (p.numpy().astype(float) for p in (nested.cfae.item_vectors, nested.sae.w_dec, nested.sae.b_dec))
    y, z, mean, std = (t.numpy().astype(float) for t in (encoded.y, *encoded.code))
    steered = 0.6 * z
    steered[:, [0, 3]] += 0.4 * 0.5 * z.sum(1, keepdims=True)
    steered[:, [1]] -= 1.25 * 0.7 * z.sum(1, keepdims=True)
    decode = lambda code: (code @ w + b) * std + mean  # noqa: E731
    expected = (decode(steered) + 0.6 * (y - decode(z))) @ a.T
    assert np.allclose(steered_scores(nested, encoded, dials), expected, atol=1e-3)


def test_several_settings_at_once_are_each_alone(planted_bundle):
    encoded = planted_bundle.nested.encode(planted_bundle.split().test.inputs[:7])
    sets = [[], [Dial({3: 1.0}, 0.4)], [Dial({3: 0.5, 5: 0.5}, -1.0), Dial({8: 1.0}, 0.2)]]
    together = steered_embeddings(planted_bundle.nested, encoded, sets)
    assert torch.equal(together[0], encoded.y)
    for row in (1, 2):
        assert torch.equal(together[row], steered_embedding(planted_bundle.nested, encoded, sets[row]))


@pytest.mark.parametrize("total", [0.0, 0.3, 1.0])
def test_mix_agrees_in_code_embedding_and_score_space(planted_bundle, total):
    """Decoding what is mixed is mixing what is decoded, with what an empty code gives as floor."""
    nested = planted_bundle.nested
    a, w, b = (p.numpy().astype(float) for p in (nested.cfae.item_vectors, nested.sae.w_dec, nested.sae.b_dec))
    encoded = nested.encode(planted_bundle.interactions.matrix[:5])
    z, mean, std = (t.double() for t in encoded.code)
    decoded = lambda code: torch.as_tensor(code.numpy() @ w + b) * std + mean  # noqa: E731
    scored = lambda y: torch.as_tensor(y.numpy() @ a.T)  # noqa: E731
    empty = decoded(torch.zeros_like(z))
    codes, embeddings = mix(z, total), mix(decoded(z), total, empty)
    scores = mix(scored(decoded(z)), total, scored(empty))
    torch.testing.assert_close(decoded(codes), embeddings)
    torch.testing.assert_close(scored(embeddings), scores)
    torch.testing.assert_close(codes, (1 - total) * z)
    person = Engine(nested).taste(planted_bundle.interactions.matrix[0])
    torch.testing.assert_close(person.floor.double(), scored(empty)[0], rtol=1e-4, atol=1e-4)
    pairs = zip(scored(decoded(z))[0].tolist(), scored(empty)[0].tolist(), strict=True)
    one = [mix(own, total, floor) for own, floor in pairs]
    np.testing.assert_allclose(one, scores[0])


def test_a_mix_by_hand():
    assert mix(5.0, 0.25, 1.0) == 4.0
    assert mix(5.0, 1.0) == 0
    several = mix(torch.tensor([[5.0, 3.0], [1.0, 1.0]]), torch.tensor([[0.0], [0.5]]), torch.tensor([9.0, 7.0]))
    assert several.tolist() == [[5, 3], [5, 4]]


@pytest.mark.parametrize("operator", OPERATORS)
def test_all_that_an_operator_says_of_a_code_reaches_the_scores(planted_bundle, operator):
    """y' = y + (D(z') - D(z)) - d (y - D(z)) in NumPy, whatever the operator makes of the code."""
    nested, history = planted_bundle.nested, planted_bundle.interactions.matrix[:4]
    dials = [Dial({0: 0.5, 3: 0.5}, 0.4), Dial({1: 1.0}, -0.7)]
    encoded = nested.encode(history)
    a, w, b = (p.numpy().astype(float) for p in (nested.cfae.item_vectors, nested.sae.w_dec, nested.sae.b_dec))
    y, z, mean, std = (t.numpy().astype(float) for t in (encoded.y, *encoded.code))
    mass = z.sum(1, keepdims=True)
    kept, added = z.copy(), np.zeros_like(z)
    kept[:, 1] *= 0.3
    added[:, [0, 3]] = 0.2
    repelled = 1.25 * 0.7 * np.eye(z.shape[1])[1]
    steered, dropped = {
        "blend": (0.6 * z + mass * (added - repelled), 0.4),
        "suppress": (0.6 * kept + mass * added, 0.4),
        "paper": (0.6 * kept / kept.sum(1, keepdims=True) + added, 1),
        "paper-code": (0.6 * kept + mass * added, 1),
    }[operator]
    decode = lambda code: (code @ w + b) * std + mean  # noqa: E731
    expected = (y + decode(steered) - decode(z) - dropped * (y - decode(z))) @ a.T
    assert np.allclose(steered_scores(nested, encoded, dials, operator), expected, atol=1e-3)
