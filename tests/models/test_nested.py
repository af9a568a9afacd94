"""The nested autoencoder against its two halves written out, whole and in parts."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.models import nested as module
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.nested import Nested
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from tests.models.made_up import N_ITEMS, generator, likes


@pytest.fixture(scope="module")
def nested():
    cfae = ELSA(N_ITEMS, ELSAConfig(dim=8), generator())
    return Nested(cfae, TopKSAE(8, TopKConfig(width_ratio=4, k=5), generator(1)))


def test_scores_with_and_without_the_code(nested):
    x = likes()
    encoded = nested.encode(x)
    a, w, b = (p.numpy().astype(float) for p in (nested.cfae.item_vectors, nested.sae.w_dec, nested.sae.b_dec))
    y = x.toarray() @ a
    np.testing.assert_allclose(encoded.y, y, atol=1e-5)
    np.testing.assert_allclose(nested.scores(encoded), y @ a.T, atol=1e-4)
    z, mean, std = (t.numpy().astype(float) for t in encoded.code)
    np.testing.assert_allclose(mean, y.mean(1, keepdims=True), atol=1e-5)
    np.testing.assert_allclose(std, y.std(1, keepdims=True), atol=1e-5)
    np.testing.assert_allclose(nested.reconstructed_scores(encoded), ((z @ w + b) * std + mean) @ a.T, atol=1e-4)


def test_in_parts_it_is_the_same(nested, monkeypatch):
    x = sp.vstack([likes(), likes(seed=1)], format="csr")
    codes, embeddings = nested.codes(x), nested.embeddings(x)
    np.testing.assert_allclose(codes.toarray(), nested.encode(x).code.z)
    monkeypatch.setattr(module, "PART", 5)
    np.testing.assert_allclose(nested.codes(x).toarray(), codes.toarray(), atol=1e-6)
    np.testing.assert_allclose(nested.embeddings(x), embeddings, atol=1e-6)
    np.testing.assert_allclose(nested.mean_embedding(x), embeddings.mean(0, keepdim=True), atol=1e-6)
    np.testing.assert_array_equal(nested.active(x), codes.getnnz(axis=0))


def test_nothing_of_it_is_trained_any_more(nested):
    assert not nested.cfae.training
    assert not any(parameter.requires_grad for part in (nested.cfae, nested.sae) for parameter in part.parameters())
    assert not nested.encode(likes()).y.requires_grad
