"""Matryoshka against a dense rewrite."""

import numpy as np
import pytest

from knobs_core.models.sae.matryoshka import PARTS, MatryoshkaConfig, MatryoshkaSAE
from tests.models.made_up import generator
from tests.models.sae.dense import dense_code, inputs


def test_matryoshka_loss_is_the_mean_over_nested_dictionaries():
    model = MatryoshkaSAE(12, MatryoshkaConfig(width_ratio=4, k=5, l1=0, aux=0), generator()).double().train()
    y = inputs()
    x, z, _ = dense_code(model, y)
    w, b = model.w_dec.detach().numpy(), model.b_dec.detach().numpy()
    ends = [max(1, round(part * model.d_sae)) for part in PARTS]
    expected = np.mean([np.square(z[:, :end] @ w[:end] + b - x).mean() for end in ends])
    assert model.loss(y).item() == pytest.approx(expected, rel=1e-6)
