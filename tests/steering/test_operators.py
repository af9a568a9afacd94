"""The other operators: formulas against NumPy, and properties."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.steering.dials import Dial
from knobs_core.steering.operators import OPERATORS, mixture_of, recoded_embedding

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


def paper(z, dials):
    return OPERATORS["paper"](z, mixture_of(dials, z))


def numpy_steered(z, dials):
    """The code under dials."""
    z, mass = z.numpy().copy(), z.numpy().sum(1, keepdims=True)
    total = sum(d.amount for d in dials if d.amount > 0)
    shrink = max(total, 1)
    direction = np.zeros(D_SAE)
    for dial in dials:
        for j, w in dial.recipe.items():
            if dial.amount > 0:
                direction[j] += dial.amount / shrink * w
            else:
                z[:, j] *= 1 - abs(dial.amount) * w / max(dial.recipe.values())
    return (1 - total / shrink) * z + mass * direction


@given(codes, dial_lists)
def test_blend_equals_a_numpy_rewrite(z, dials):
    assert np.allclose(blend(z, dials).z, numpy_steered(z, dials), atol=1e-9)


@given(codes, dial_lists)
def test_boosts_keep_the_mass_and_suppression_turns_nothing_negative(z, dials):
    untouched = z.clone()
    boosts = [dial for dial in dials if dial.amount > 0]
    assert torch.allclose(blend(z, boosts).z.sum(1), z.sum(1))
    assert (blend(z, dials).z >= -1e-12).all()
    assert torch.equal(z, untouched)


@given(codes)
def test_dials_at_rest_change_nothing(z):
    steered = blend(z, [Dial({1: 1.0}, 0.0), Dial({2: 0.5, 3: 0.5}, 0.0)])
    assert torch.equal(steered.z, z)
    assert steered.error_dropped == 0


def test_full_boost_leaves_only_the_recipe_and_full_suppression_silences():
    z = torch.tensor([[1.0, 2, 3, 0, 0, 0]])
    assert torch.allclose(blend(z, [Dial({4: 0.25, 5: 0.75}, 1.0)]).z, torch.tensor([[0, 0, 0, 0, 1.5, 4.5]]))
    assert blend(z, [Dial({2: 1.0}, -1.0)]).z.tolist() == [[1, 2, 0, 0, 0, 0]]
    assert blend(z, [Dial({2: 1.0}, -0.5)]).z.tolist() == [[1, 2, 1.5, 0, 0, 0]]


def test_boosts_beyond_one_are_scaled_down_together():
    z = torch.tensor([[1.0, 1, 0, 0, 0, 0]])
    dials = [Dial({2: 1.0}, 0.9), Dial({3: 1.0}, 0.3), Dial({0: 1.0}, -0.5)]
    assert torch.allclose(blend(z, dials).z, torch.tensor([[0.0, 0, 1.5, 0.5, 0, 0]]), atol=1e-6)


def test_the_papers_text_ends_at_unit_sum():
    z = torch.tensor([[1.0, 3, 0, 0, 0, 0]])
    steered = paper(z, [Dial({2: 1.0}, 0.2)])
    assert torch.allclose(steered.z, torch.tensor([[0.2, 0.6, 0.2, 0, 0, 0]]))
    assert steered.error_dropped == 1


@pytest.mark.parametrize("operator", OPERATORS)
def test_all_that_an_operator_says_of_a_code_reaches_the_embedding(planted_bundle, operator):
    """y' = y + (D(z') - D(z)) - d (y - D(z)) in NumPy, whatever the operator makes of the code."""
    nested, history = planted_bundle.nested, planted_bundle.interactions.matrix[:4]
    dials = [Dial({0: 0.5, 3: 0.5}, 0.4), Dial({1: 1.0}, -0.7)]
    encoded = nested.encode(history)
    w, b = (p.numpy().astype(float) for p in (nested.sae.w_dec, nested.sae.b_dec))
    y, z, mean, std = (t.numpy().astype(float) for t in (encoded.y, *encoded.code))
    kept, added = z.copy(), np.zeros_like(z)
    kept[:, 1] *= 0.3
    added[:, [0, 3]] = 0.2
    mass = z.sum(1, keepdims=True)
    steered, dropped = {
        "blend": (0.6 * kept + mass * added, 0.4),
        "paper": (0.6 * kept / kept.sum(1, keepdims=True) + added, 1),
        "paper-code": (0.6 * kept + mass * added, 1),
    }[operator]
    decode = lambda code: (code @ w + b) * std + mean  # noqa: E731
    expected = y + decode(steered) - decode(z) - dropped * (y - decode(z))
    assert np.allclose(recoded_embedding(nested, encoded, dials, operator), expected, atol=1e-3)
