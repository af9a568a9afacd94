"""The SAE without a limit."""

import pytest
import torch

from knobs_core.models.fit import fit
from knobs_core.models.sae.basic import BasicConfig, BasicSAE
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from tests.models.made_up import generator


@pytest.mark.parametrize("loss", ["l2", "cosine"])
def test_basic_is_topk_without_its_limit(loss):
    settings = {"width_ratio": 4, "loss": loss, "l1": 0.02}
    basic = BasicSAE(6, BasicConfig(**settings), generator()).double()
    widest = TopKSAE(6, TopKConfig(k=24, **settings), generator()).double()
    y = torch.randn(5, 6, dtype=torch.float64, generator=generator(3))
    assert torch.equal(basic.encode(y).z, widest.encode(y).z)
    assert (basic.encode(y).z > 0).sum() > 20
    assert basic.loss(y).item() == pytest.approx(widest.loss(y).item(), rel=1e-12)
    for model in (basic, widest):
        model.loss(y).backward()
    assert torch.allclose(basic.w_enc.grad, widest.w_enc.grad)


def test_the_penalty_makes_basic_codes_sparser():
    y = torch.randn(400, 8, generator=generator(1))

    def active(l1):
        config = BasicConfig(l1=l1, lr=0.01, epochs=60)
        model = BasicSAE(8, config, generator())
        fit(model, config, lambda: y.split(100), lambda: float(model.loss(y)), lambda *_: None)
        return float((model.encode(y).z > 0).float().sum(1).mean())

    assert active(0.1) < 0.6 * active(0.0)
