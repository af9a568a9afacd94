"""Silent neurons start anew where the reconstruction is worst."""

import numpy as np
import torch

from knobs_core.models.fit import Adam
from knobs_core.models.sae.basic import BasicConfig, BasicSAE
from knobs_core.models.sae.resample import resample
from knobs_core.models.sae.standardise import standardise
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from tests.models.made_up import generator
from tests.models.sae.dense import inputs


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


def test_nobody_is_woken_where_hardly_anything_is_left_over():
    """Two neurons that rebuild all there is, two that are silent."""
    model = TopKSAE(4, TopKConfig(width_ratio=1, k=2, l1=0), generator())
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


def test_inputs_are_drawn_by_the_fourth_power_of_what_is_left_over():
    """Thousands of silent neurons draw from three inputs, of which one live neuron explains 3/4, 1/2 and nothing."""
    axes = np.linalg.qr(np.column_stack([np.ones(8), np.random.default_rng(4).normal(size=(8, 4))]))[0][:, 1:].T
    live, *others = axes  # orthonormal, and of mean 0, so that standardising leaves what is made of them as it is
    explained = np.array([0.75, 0.5, 0.0])
    x = np.sqrt(8) * (np.sqrt(explained)[:, None] * live + np.sqrt(1 - explained)[:, None] * np.stack(others))
    model = TopKSAE(8, TopKConfig(width_ratio=1_000, k=1), generator())
    with torch.no_grad():
        model.b_enc[1:] = -99
        model.w_enc[:, 0] = model.w_dec[0] = torch.as_tensor(live)
    optimizer = Adam(model.parameters(), 0.1)
    assert resample(model, torch.as_tensor(x, dtype=torch.float32), optimizer, np.random.default_rng(2)) == 7_999
    towards = model.w_dec.detach().numpy()[1:] @ np.stack(others).T
    np.testing.assert_allclose(towards.max(1), 1, atol=1e-5)
    drawn = np.bincount(towards.argmax(1), minlength=3) / len(towards)
    fourth = (1 - explained) ** 2  # |e|^2 is 8 (1 - explained)
    np.testing.assert_allclose(drawn, fourth / fourth.sum(), atol=0.02)  # 1/21, 4/21, 16/21; by |e|^2 1/7, 2/7, 4/7
