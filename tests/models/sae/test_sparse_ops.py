"""The sparse products of an SAE against the dense form: values, gradients and a whole training run."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from knobs_core.models.fit import fit
from knobs_core.models.sae.sparse_ops import Active, activations, decode, largest, neuron_major
from knobs_core.models.sae.standardise import standardise
from knobs_core.models.sae.topk import TopKConfig, TopKSAE, reconstruction_loss

B, D, D_SAE = 9, 6, 20


def tensors(dtype=torch.float64):
    generator = torch.Generator().manual_seed(1)
    shapes = ((B, D), (D, D_SAE), (D_SAE,), (D_SAE, D))
    return [torch.randn(s, generator=generator, dtype=dtype).requires_grad_(True) for s in shapes]


@pytest.mark.parametrize("density", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("major", [True, False])
def test_values_and_gradients_equal_the_dense_form_whatever_is_selected(density, major):
    """Rows of different lengths, empty rows, neurons nobody uses, selected neurons below zero."""
    mask = torch.rand(B, D_SAE, generator=torch.Generator().manual_seed(2)) < density
    mask[0] = False
    x, w_enc, b_enc, w_dec = tensors()
    chosen = Active.of(*mask.nonzero(as_tuple=True), B, D_SAE)
    stored = neuron_major(w_enc) if major else w_enc
    values = activations(x, stored, b_enc, chosen, (x @ w_enc + b_enc)[mask].detach())
    out = decode(values, chosen, w_dec)
    dense_z = F.relu(x @ w_enc + b_enc) * mask
    assert torch.allclose(chosen.dense(values), dense_z)
    assert torch.allclose(out, dense_z @ w_dec)
    target = torch.randn(B, D, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    sparse, dense = (
        torch.autograd.grad((y - target).square().sum() + 0.3 * z.sum(), (x, w_enc, b_enc, w_dec))
        for y, z in ((out, values), (dense_z @ w_dec, dense_z))
    )
    assert all(torch.allclose(ours, theirs, atol=1e-12) for ours, theirs in zip(sparse, dense, strict=True))


def test_a_part_is_the_same_sum_over_fewer_neurons():
    x, w_enc, b_enc, w_dec = tensors()
    chosen, pre = largest(x, w_enc, b_enc, 5)
    values = activations(x, w_enc, b_enc, chosen, pre)
    first = chosen.neurons < 8
    z = chosen.dense(values) * (torch.arange(D_SAE) < 8)
    assert torch.allclose(decode(values[first], chosen.part(first), w_dec), z @ w_dec)


@pytest.mark.parametrize("screen", [True, False])
def test_the_largest_are_the_largest(screen):
    """Random weights, and weights whose neurons come in eights that lie close together."""
    generator = torch.Generator().manual_seed(7)
    x, b_enc = torch.randn(200, 64, generator=generator), torch.randn(640, generator=generator)
    alone = torch.randn(64, 640, generator=generator)
    close = alone[:, :80].repeat(1, 8) + 0.01 * alone
    for w_enc in (alone, close):
        pre = x @ w_enc + b_enc
        expected = pre.topk(16, dim=1).indices.sort(1).values
        found, values = largest(x, w_enc, b_enc, 16, screen)
        assert torch.allclose(values, pre[found.rows, found.neurons], atol=1e-4)
        assert torch.equal(found.neurons.view(200, 16).sort(1).values, expected)
        assert torch.equal(found.rows, torch.arange(200).repeat_interleave(16))


def dense_loss(model, y):
    """The TopK SAE's loss as plain PyTorch writes it."""
    x, _, _ = standardise(y)
    pre = F.relu((x - model.b_dec) @ model.w_enc + model.b_enc)
    top, index = pre.topk(model.k, dim=1)
    z = torch.zeros_like(pre).scatter(1, index, top)
    return reconstruction_loss(z @ model.w_dec + model.b_dec, x, model.loss_name) + model.l1 * z.sum(1).mean()


@pytest.mark.parametrize("loss", ["l2", "cosine"])
def test_gradients_of_the_topk_sae_equal_the_dense_form(loss):
    generator = torch.Generator().manual_seed(4)
    model = TopKSAE(24, TopKConfig(width_ratio=4, k=7, loss=loss, l1=0.01), generator)
    with torch.no_grad():
        model.b_dec.normal_(generator=generator)
        model.b_enc.normal_(generator=generator)
    y = 3 * torch.randn(50, 24, generator=generator)
    ours, theirs = model.loss(y), dense_loss(model, y)
    assert ours.item() == pytest.approx(theirs.item(), rel=1e-6)
    parameters = list(model.parameters())
    for a, b in zip(torch.autograd.grad(ours, parameters), torch.autograd.grad(theirs, parameters), strict=True):
        assert torch.allclose(a, b, atol=1e-5 * float(b.abs().max()))


def test_training_follows_the_dense_form_step_by_step():
    """Fused Adam, projection and normalisation included, against torch's default Adam written out plainly."""
    data = torch.randn(600, 16, generator=torch.Generator().manual_seed(5))
    config = TopKConfig(width_ratio=4, k=5, epochs=4, lr=3e-3)
    model, plain = (TopKSAE(16, config, torch.Generator().manual_seed(6)) for _ in range(2))
    ours, theirs = [], []
    fit(
        model, config, lambda: data.split(64), lambda: ours.append(model.loss(data).item()) or ours[-1], lambda *_: None
    )
    optimizer = torch.optim.Adam(plain.parameters(), lr=config.lr, betas=(0.9, 0.99), foreach=False, fused=False)
    for _ in range(config.epochs):
        for batch in data.split(64):
            optimizer.zero_grad()
            dense_loss(plain, batch).backward()
            rows = plain.w_dec.data
            plain.w_dec.grad -= (plain.w_dec.grad * rows).sum(1, keepdim=True) * rows
            optimizer.step()
            plain.w_dec.data = F.normalize(rows, dim=1)
        theirs.append(dense_loss(plain, data).item())
    assert np.allclose(ours, theirs, rtol=1e-4)
