"""iALS against the normal equations and the library implicit."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.base.errors import ConfigError
from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.ials import BUDGET, IALS, IALSConfig
from tests.models.made_up import generator

N_ITEMS, N_USERS, SIZE = 40, 200, 5


@pytest.mark.parametrize("alpha", [0.5, 1.0, 20.0])
def test_ials_solves_for_a_taste_as_the_library_does(known, alpha):
    pytest.importorskip("implicit")
    from implicit.cpu.als import AlternatingLeastSquares

    made, _, _, likes = known
    config = IALSConfig(dim=8, alpha=alpha, reg=0.3)
    model, _, _ = IALS.make(config, made, generator())
    again, _, _ = IALS.make(config, made, generator())
    assert torch.equal(model.item_vectors, again.item_vectors)
    rows = sp.vstack([likes[170:], likes[0] * 0, sp.identity(N_ITEMS, format="csr")], format="csr")
    rows.eliminate_zeros()
    y = model.encode(to_bags(rows))
    v = model.item_vectors.double().numpy()
    for row in range(rows.shape[0]):  # the normal equations, written out
        weight = np.where(rows[row].toarray().ravel() > 0, alpha, 1.0)
        left = (v * weight[:, None]).T @ v + 0.3 * np.eye(8)
        assert np.allclose(y[row], np.linalg.solve(left, v.T @ (weight * (rows[row].toarray().ravel() > 0))), atol=1e-4)
    theirs = AlternatingLeastSquares(8, regularization=0.3, alpha=alpha)
    theirs.item_factors = model.item_vectors.numpy()
    if alpha >= 1:
        assert np.allclose(y[:30], theirs.recalculate_user(np.arange(30), likes[170:]), atol=1e-3)


def test_ials_encodes_in_parts_of_bounded_size(known, monkeypatch):
    likes = known[3]
    model = IALS(N_ITEMS, IALSConfig(dim=4))
    torch.nn.init.normal_(model.item_vectors, generator=generator())
    whole = model.encode(to_bags(likes))
    assert BUDGET > 200 * 8 * 12
    monkeypatch.setattr("knobs_core.models.cfae.ials.BUDGET", 500)
    assert torch.allclose(model.encode(to_bags(likes)), whole, atol=1e-5)
    assert torch.equal(model.encode(to_bags(likes[:0])), whole[:0])


def test_ials_without_its_library_says_what_to_install(known, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "implicit.cpu.als", None)
    with pytest.raises(ConfigError, match="pip install"):
        IALS.make(IALSConfig(), known[0], generator())
