"""What every sparse autoencoder promises."""

import dataclasses

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from knobs_core.models.sae import SAES
from tests.models.made_up import generator


@pytest.mark.parametrize("name", SAES)
@settings(max_examples=25)
@given(seed=st.integers(0, 1000), k=st.integers(1, 40), scale=st.floats(1e-3, 1e3))
def test_every_sae_keeps_the_contract(name, seed, k, scale):
    model_class, config_class = SAES[name]
    limited = "k" in {field.name for field in dataclasses.fields(config_class)}
    model = model_class(10, config_class(width_ratio=3, **({"k": k} if limited else {})), generator(seed))
    y = scale * torch.randn(7, 10, generator=generator(seed))
    untouched = y.clone()
    code = model.encode(y)
    assert code.z.shape == (7, model.d_sae)
    assert (code.z >= 0).all()
    assert name != "topk" or ((code.z > 0).sum(1) <= k).all()
    assert model.decode(code).shape == y.shape
    assert model.w_dec.shape == (model.d_sae, 10)
    model.loss(y).backward()
    assert torch.equal(y, untouched)
    assert not limited or (model.encode(y).z > 0).sum() <= 7 * k  # over the batch, where not in every row
    model.before_step()
    assert torch.allclose((model.w_dec.grad * model.w_dec).sum(1), torch.zeros(model.d_sae), atol=1e-4)
    torch.optim.SGD(model.parameters(), 0.1).step()
    model.after_step()
    assert torch.allclose(model.w_dec.norm(dim=1), torch.ones(model.d_sae), atol=1e-5)
