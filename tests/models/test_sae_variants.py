"""BatchTopK and Matryoshka against dense rewrites, and what their threshold and auxiliary loss are for."""

import numpy as np
import pytest
import torch

from knobs_core.models.fit import Adam
from knobs_core.models.sae import SAES
from knobs_core.models.sae.basic import BasicConfig, BasicSAE
from knobs_core.models.sae.batchtopk import BatchTopKConfig, BatchTopKSAE
from knobs_core.models.sae.matryoshka import PARTS, MatryoshkaConfig, MatryoshkaSAE
from knobs_core.models.sae.resample import resample
from knobs_core.models.sae.standardise import standardise
from knobs_core.models.sae.topk import TopKConfig, TopKSAE


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def inputs(n=32, d=12, seed=1):
    return torch.randn(n, d, generator=generator(seed), dtype=torch.float64)


def dense_code(model, y):
    """Standardised inputs and the batch's k n largest activations, in NumPy."""
    y = y.numpy()
    x = (y - y.mean(1, keepdims=True)) / y.std(1, keepdims=True)
    a = np.maximum((x - model.b_dec.detach().numpy()) @ model.w_enc.detach().numpy() + model.b_enc.detach().numpy(), 0)
    least = np.sort(a.ravel())[-model.k * len(a)]
    return x, np.where(a >= least, a, 0), least


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


def test_matryoshka_loss_is_the_mean_over_nested_dictionaries():
    model = MatryoshkaSAE(12, MatryoshkaConfig(width_ratio=4, k=5, l1=0, aux=0), generator()).double().train()
    y = inputs()
    x, z, _ = dense_code(model, y)
    w, b = model.w_dec.detach().numpy(), model.b_dec.detach().numpy()
    ends = [max(1, round(part * model.d_sae)) for part in PARTS]
    expected = np.mean([np.square(z[:, :end] @ w[:end] + b - x).mean() for end in ends])
    assert model.loss(y).item() == pytest.approx(expected, rel=1e-6)


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
    model = BatchTopKSAE(12, BatchTopKConfig(width_ratio=8, k=6), generator()).train()
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
    model = BatchTopKSAE(12, BatchTopKConfig(width_ratio=4, k=5), generator()).train()
    model.loss(inputs().float())
    before = {name: value.clone() for name, value in model.state_dict().items()}
    y = inputs(seed=5).float()
    loss, code = model.eval().loss(y), model.encode(y)
    x = (y - y.mean(1, keepdim=True)) / y.std(1, correction=0, keepdim=True)
    expected = (code.z @ model.w_dec + model.b_dec - x).square().mean() + model.l1 * code.z.sum(1).mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-4)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_silent_neurons_start_anew_along_what_is_left_over():
    """A silent neuron of a TopK SAE takes the direction that one input, badly rebuilt, lacks, and fires for it."""
    model = TopKSAE(12, TopKConfig(width_ratio=4, k=3), generator()).eval()
    y = inputs().float()
    with torch.no_grad():
        model.b_enc[[2, 5]] = -99
    x, _, _ = standardise(y)
    errors = (x - (model.encode(y).z @ model.w_dec + model.b_dec)).detach()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    optimizer = Adam(model.parameters(), 0.01)
    model.train()
    model.loss(y).backward()
    optimizer.step()  # so that there are moments to forget
    model.load_state_dict(before)
    model.eval()
    silent = (model.encode(y).z > 0).sum(0) == 0
    assert silent[[2, 5]].all()
    assert resample(model, y, optimizer, np.random.default_rng(0)) == silent.sum()
    cosine = torch.nn.functional.normalize(errors, dim=1) @ model.w_dec[silent].T
    torch.testing.assert_close(cosine.max(0).values, torch.ones(int(silent.sum())), atol=1e-5, rtol=0)
    lengths = model.w_enc.detach().norm(dim=0)
    torch.testing.assert_close(lengths[silent], lengths[~silent].mean().expand(int(silent.sum())))
    assert (model.encode(y).z[:, silent] > 0).any(0).float().mean() > 0.5
    for name in ("w_enc", "w_dec", "b_enc"):
        now, old = getattr(model, name).detach(), before[name]
        rest = (slice(None), ~silent) if name == "w_enc" else ~silent
        assert torch.equal(now[rest], old[rest])


def test_what_is_woken_is_new_to_adam_and_the_others_are_not():
    """When gradients turn round, what came before holds the others back, and no longer what was forgotten."""
    w = torch.nn.Parameter(torch.ones(3, 4))
    turned = torch.nn.Parameter(torch.ones(4, 3).T)  # stored transposed, as the encoder is
    optimizer = Adam([w, turned], 0.1)
    for gradient in (1.0, 1.0, 1.0, -1.0):
        w.grad, turned.grad = torch.full((3, 4), gradient), torch.full((4, 3), gradient).T
        optimizer.step()
        if gradient > 0:
            optimizer.forget(w, 0, torch.tensor([1]))
            optimizer.forget(turned, 1, torch.tensor([2]))
    for part, other in ((w[1], w[0]), (turned[:, 2], turned[:, 0])):
        assert (part > other).all()
        assert (part == part[0]).all()


def test_nobody_is_woken_where_hardly_anything_is_left_over():
    """Two neurons that rebuild all there is, two that are silent."""
    model = TopKSAE(4, TopKConfig(width_ratio=1, k=2, l1=0), generator()).eval()
    x, _, _ = standardise(torch.tensor([[1.0, 1, 0, 0], [0, 0, 1, 1]]))
    with torch.no_grad():
        model.w_dec[:2] = torch.nn.functional.normalize(x, dim=1)
        model.w_enc[:, :2] = model.w_dec[:2].T
        model.b_enc[2:] = -99
    optimizer = Adam(model.parameters(), 0.1)
    assert resample(model, x, optimizer, np.random.default_rng(0)) == 0
    with torch.no_grad():
        model.w_dec[:2] *= 0.5  # now half of it is left over
    assert resample(model, x, optimizer, np.random.default_rng(0)) == 2


def test_nobody_is_woken_where_all_are_heard_or_none_is():
    y = inputs().float()
    for bias in (-99.0, 99.0):
        model = BasicSAE(12, BasicConfig(width_ratio=2), generator())
        with torch.no_grad():
            model.b_enc.fill_(bias)
        assert resample(model, y, Adam(model.parameters(), 0.1), np.random.default_rng(0)) == 0


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
