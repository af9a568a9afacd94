"""What every recommender promises."""

import pytest
import torch

from knobs_core.models.cfae import CFAES
from knobs_core.models.cfae.bags import to_bags
from tests.models.made_up import N_ITEMS, generator, likes


@pytest.mark.parametrize("name", CFAES)
def test_every_cfae_keeps_the_contract(name):
    model_class, config_class = CFAES[name]
    model = model_class(N_ITEMS, config_class(dim=8), generator())
    y = model.encode(to_bags(likes()))
    assert y.shape == (12, model.d_embed)
    assert model.decode(y).shape == (12, N_ITEMS)
    assert model.n_items == N_ITEMS
    assert isinstance(model.linear, bool)
    if model.linear:
        assert torch.allclose(
            model.decode(y[:1] + 2 * y[1:2]), model.decode(y[:1]) + 2 * model.decode(y[1:2]), atol=1e-4
        )
    if hasattr(model_class, "make"):
        return  # made in its own way: test_embeddings.py and test_ials.py
    before = {k: v.clone() for k, v in model.state_dict().items()}
    model.loss(to_bags(likes())).backward()
    model.before_step()
    torch.optim.SGD(model.parameters(), 0.1).step()
    model.after_step()
    assert any(not torch.equal(before[k], v) for k, v in model.state_dict().items())
    twin = model_class(N_ITEMS, config_class(dim=8), generator())
    assert all(torch.equal(before[k], v) for k, v in twin.state_dict().items())
