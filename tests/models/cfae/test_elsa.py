"""ELSA against dense rewrites."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig, _Gram
from tests.models.made_up import N_ITEMS, generator, likes


def test_elsa_equals_a_dense_numpy_rewrite():
    x = likes()
    model = ELSA(N_ITEMS, ELSAConfig(dim=8), generator()).double()
    a = model.item_vectors.detach().numpy()
    assert np.allclose(np.linalg.norm(a, axis=1), 1)
    dense = x.toarray().astype(float)
    assert np.allclose(model.encode(to_bags(x)).detach(), dense @ a)
    assert np.allclose(model.decode(model.encode(to_bags(x))).detach(), dense @ a @ a.T)
    xhat = dense @ a @ a.T - dense
    unit_hat = xhat / np.linalg.norm(xhat, axis=1, keepdims=True)
    unit = dense / np.linalg.norm(dense, axis=1, keepdims=True)
    expected = np.square(unit_hat - unit).sum(1).mean()
    assert model.loss(to_bags(x)).item() == pytest.approx(expected, rel=1e-6)


def test_elsa_gradient_equals_the_dense_form():
    x = likes()
    gram, dense = (ELSA(N_ITEMS, ELSAConfig(dim=8), generator()).double() for _ in range(2))
    gram.loss(to_bags(x)).backward()
    full = torch.tensor(x.toarray(), dtype=torch.float64)
    xhat = full @ dense.item_vectors @ dense.item_vectors.T - full
    (torch.nn.functional.normalize(xhat) - torch.nn.functional.normalize(full)).square().sum(1).mean().backward()
    assert torch.allclose(gram.item_vectors.grad, dense.item_vectors.grad, rtol=1e-6, atol=1e-9)
    gram.before_step()
    radial = (gram.item_vectors.grad * gram.item_vectors).sum(1)
    assert torch.allclose(radial, torch.zeros_like(radial), atol=1e-6)  # rows were made unit in single precision


def test_elsas_products_in_half_precision_err_little():
    a = torch.nn.functional.normalize(torch.randn(300, 32, generator=generator()), dim=1)
    weights = torch.randn(32, 32, generator=generator(1))
    (full, g_full), (half, g_half) = (
        (value, torch.autograd.grad((value * weights).sum(), vectors)[0])
        for flag in (False, True)
        for vectors in [a.clone().requires_grad_(True)]
        for value in [_Gram.apply(vectors, flag)]
    )
    assert full.dtype == half.dtype
    assert g_full.dtype == g_half.dtype
    assert torch.equal(full, a.T @ a)
    assert torch.allclose(g_full, a @ (weights + weights.T), atol=1e-5)
    assert 0 < (half - full).norm() < 0.005 * full.norm()
    assert 0 < (g_half - g_full).norm() < 0.005 * g_full.norm()


def test_elsas_spectral_start_is_that_of_a_full_factorisation():
    """Cosines between items do not depend on signs of singular vectors. With 24 + 16 directions of 40 all is exact."""
    x, dim = likes(60), 24
    model = ELSA(N_ITEMS, ELSAConfig(dim=dim, start="spectral"), generator())
    model.start(x, generator(1))
    dense = x.toarray().astype(float)
    scaled = dense / np.sqrt(dense.sum(1, keepdims=True)) / np.sqrt(dense.sum(0))
    _, s, vt = np.linalg.svd(scaled)
    expected = (vt[:dim] * np.sqrt(s[:dim, None])).T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    found = model.item_vectors.detach().numpy()
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert np.allclose(found @ found.T, expected @ expected.T, atol=0.01)


@pytest.mark.parametrize(("users", "dim"), [(3, 8), (12, 64)])
def test_elsas_spectral_start_copes_with_few_users_and_items_nobody_likes(users, dim):
    dense = likes(users).toarray()
    dense[:, 7] = 0
    model = ELSA(N_ITEMS, ELSAConfig(dim=dim, start="spectral"), generator())
    model.start(sp.csr_matrix(dense), generator(1))
    assert torch.allclose(model.item_vectors.norm(dim=1), torch.ones(N_ITEMS), atol=1e-5)
    model.loss(to_bags(sp.csr_matrix(dense))).backward()
    assert torch.isfinite(model.item_vectors.grad).all()
    plain, twin = (ELSA(N_ITEMS, ELSAConfig(dim=dim), generator()) for _ in range(2))
    plain.start(sp.csr_matrix(dense), generator(1))
    assert torch.equal(plain.item_vectors, twin.item_vectors)
