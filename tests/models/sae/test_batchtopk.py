"""BatchTopK against dense rewrites, and what its threshold and auxiliary loss are for."""

import numpy as np
import pytest
import torch

from knobs_core.models.sae import SAES
from knobs_core.models.sae.batchtopk import BatchTopKConfig, BatchTopKSAE
from knobs_core.models.sae.matryoshka import PARTS, MatryoshkaSAE
from tests.models.made_up import generator
from tests.models.sae.dense import dense_code, inputs


@pytest.mark.parametrize("l1", [0, 0.01])
def test_batchtopk_loss_equals_a_numpy_rewrite(l1):
    model = BatchTopKSAE(12, BatchTopKConfig(width_ratio=4, k=5, l1=l1, aux=0), generator()).double().train()
    y = inputs()
    x, z, least = dense_code(model, y)
    assert (z > 0).sum() == 5 * len(y)
    assert len(set((z > 0).sum(1))) > 1  # rows differ in how many they keep
    xhat = z @ model.w_dec.detach().numpy() + model.b_dec.detach().numpy()
    expected = np.square(xhat - x).mean() + l1 * z.sum(1).mean()
    assert model.loss(y).item() == pytest.approx(expected, rel=1e-6)
    assert model.threshold.item() == pytest.approx(least, rel=1e-6)


@pytest.mark.parametrize("kind", [BatchTopKSAE, MatryoshkaSAE])
def test_gradients_equal_the_dense_form(kind):
    model, dense = (kind(12, BatchTopKConfig(width_ratio=4, k=5, aux=0), generator()).double().train() for _ in "ab")
    y = inputs()
    model.loss(y).backward()
    x, z, _ = dense_code(dense, y)
    x, kept = torch.as_tensor(x), torch.as_tensor(z > 0)
    z = torch.relu((x - dense.b_dec) @ dense.w_enc + dense.b_enc) * kept
    ends = [max(1, round(part * dense.d_sae)) for part in PARTS] if kind is MatryoshkaSAE else [dense.d_sae]
    losses = [(z[:, :end] @ dense.w_dec[:end] + dense.b_dec - x).square().mean() for end in ends]
    (torch.stack(losses).mean() + dense.l1 * z.sum(1).mean()).backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, dict(dense.named_parameters())[name].grad, rtol=1e-6, atol=1e-9)


def test_the_threshold_runs_along_and_gives_k_on_average():
    model = BatchTopKSAE(12, BatchTopKConfig(width_ratio=8, k=6, refine=0), generator()).train()
    leasts = []
    for seed in range(40):
        y = inputs(64, seed=seed).float()
        leasts.append(dense_code(model.double(), y.double())[2])
        model.float().loss(y)
    expected = leasts[0]
    for least in leasts[1:]:
        expected = 0.99 * expected + 0.01 * least
    assert model.threshold.item() == pytest.approx(expected, rel=1e-4)
    active = (model.eval().encode(inputs(2_000, seed=99).float()).z > 0).sum(1)
    assert active.double().mean().item() == pytest.approx(6, rel=0.15)


def test_validation_uses_the_threshold_and_changes_nothing():
    model = BatchTopKSAE(12, BatchTopKConfig(width_ratio=4, k=5, refine=0), generator()).train()
    model.loss(inputs().float())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    y = inputs(seed=5).float()
    loss, code = model.eval().loss(y), model.encode(y)
    x = (y - y.mean(1, keepdim=True)) / y.std(1, correction=0, keepdim=True)
    expected = (code.z @ model.w_dec + model.b_dec - x).square().mean() + model.l1 * code.z.sum(1).mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


@pytest.mark.parametrize("name", ["batchtopk", "matryoshka"])
def test_the_auxiliary_loss_reaches_dead_neurons_alone_and_wakes_them(name):
    model_class, config_class = SAES[name]
    model = model_class(12, config_class(width_ratio=4, k=3, aux=1.0, dead_after=10), generator()).train()
    with torch.no_grad():
        model.b_enc[:8] = -5  # eight neurons that never fire
    y = inputs().float()
    assert not model.idle.any()
    model.loss(y)
    model.zero_grad()
    with torch.no_grad():
        model.b_enc[:8] = 0.1  # the auxiliary loss asks them although the batch's largest are others
        model.w_enc[:, :8] *= 0.05
    model.loss(y).backward()
    assert model.w_dec.grad[:8].abs().sum() > 0
    idle = model.idle.clone()
    assert (idle[:8] == 2 * len(y)).all()
    assert (idle[8:] == 0).any()
    without = model_class(12, config_class(width_ratio=4, k=3, aux=0), generator()).train()
    without.load_state_dict(model.state_dict())
    without.loss(y).backward()
    assert without.w_dec.grad[:8].abs().sum() == 0
