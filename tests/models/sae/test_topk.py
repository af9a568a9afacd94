"""The TopK SAE against a NumPy rewrite."""

import numpy as np
import pytest
import torch

from knobs_core.models.sae.topk import TopKConfig, TopKSAE, reconstruction_loss
from tests.models.made_up import generator


def test_topk_equals_a_numpy_rewrite():
    model = TopKSAE(6, TopKConfig(width_ratio=4, k=3, l1=0.01), generator()).double()
    with torch.no_grad():
        model.b_enc.uniform_(-0.5, 0.5, generator=generator(1))
        model.b_dec.uniform_(-0.5, 0.5, generator=generator(2))
    y = torch.randn(5, 6, dtype=torch.float64, generator=generator(3))
    w_enc, b_enc, w_dec, b_dec = (p.detach().numpy() for p in (model.w_enc, model.b_enc, model.w_dec, model.b_dec))
    raw = y.numpy()
    mean, std = raw.mean(1, keepdims=True), raw.std(1, keepdims=True)
    x = (raw - mean) / std
    z = np.maximum((x - b_dec) @ w_enc + b_enc, 0)
    z[z < np.sort(z, axis=1)[:, [-3]]] = 0
    xhat = z @ w_dec + b_dec
    code = model.encode(y)
    assert np.allclose(code.z.detach(), z)
    assert np.allclose(model.decode(code).detach(), xhat * std + mean)
    expected = np.square(xhat - x).mean() + 0.01 * z.sum(1).mean()
    assert model.loss(y).item() == pytest.approx(expected)
    cosine = 1 - (xhat * x).sum(1) / np.linalg.norm(xhat, axis=1) / np.linalg.norm(x, axis=1)
    assert float(reconstruction_loss(torch.tensor(xhat), torch.tensor(x), "cosine")) == pytest.approx(cosine.mean())
