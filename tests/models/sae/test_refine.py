"""Gradient pursuit by hand, against non-negative least squares, and what it leaves alone."""

import itertools

import numpy as np
import pytest
import torch
from scipy.optimize import nnls

from knobs_core.models.sae import SAES
from knobs_core.models.sae.refine import refine
from tests.models.made_up import generator


def test_one_step_by_hand():
    w_dec = torch.tensor([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])
    z, x = torch.tensor([[1.0, 1.0, 0.0]]), torch.tensor([[1.0, 1.0]])
    # e = (1, 1) - (1.6, 0.8) = (-0.6, 0.2); g = (-0.6, -0.2, 0); W g = (-0.72, -0.16); |g|^2 / |W g|^2 = 0.4 / 0.544
    size = 0.4 / 0.544
    assert refine(z, x, w_dec, 1)[0].tolist() == pytest.approx([1 - 0.6 * size, 1 - 0.2 * size, 0])
    assert torch.equal(refine(z, x, w_dec, 0), z)


def test_what_falls_below_zero_stays_out():
    w_dec = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    z = refine(torch.tensor([[0.1, 0.1]]), torch.tensor([[1.0, -1.0]]), w_dec, 5)
    assert z[0].tolist() == pytest.approx([1.0, 0.0])


def test_many_steps_are_non_negative_least_squares_on_the_same_neurons():
    w_dec = torch.nn.functional.normalize(torch.randn(30, 12, generator=generator(1), dtype=torch.float64), dim=1)
    z = torch.rand(20, 30, generator=generator(2), dtype=torch.float64) + 0.5
    z = z * (z >= z.topk(5, dim=1).values[:, -1:])
    x = z @ w_dec + 0.2 * torch.randn(20, 12, generator=generator(3), dtype=torch.float64)
    found, errors = refine(z, x, w_dec, 2_000), []
    for steps in range(6):
        errors.append((x - refine(z, x, w_dec, steps) @ w_dec).square().sum(1))
    assert all((after <= before + 1e-12).all() for before, after in itertools.pairwise(errors))
    for row in range(len(z)):
        chosen = np.flatnonzero(z[row])
        best, _ = nnls(w_dec[chosen].numpy().T, x[row].numpy())
        assert found[row, chosen].numpy() == pytest.approx(best, abs=1e-6)
        assert (found[row] > 0).sum() == (best > 0).sum()


@pytest.mark.parametrize("name", SAES)
def test_every_sae_rebuilds_more_with_it_and_trains_as_without(name):
    model_class, config_class = SAES[name]
    plain, fitted = (model_class(12, config_class(refine=steps), generator()) for steps in (0, 5))
    y = torch.randn(40, 12, generator=generator(3))
    assert torch.equal(plain.loss(y), fitted.loss(y))
    codes = [model.eval().encode(y) for model in (plain, fitted)]
    assert not ((codes[1].z > 0) & (codes[0].z == 0)).any()
    near = [(model.decode(code) - y).norm() for model, code in zip((plain, fitted), codes, strict=True)]
    assert near[1] < 0.8 * near[0]


def test_nothing_active_stays_nothing():
    assert not refine(torch.zeros(2, 3), torch.ones(2, 2), torch.ones(3, 2), 3).any()
