"""The reconstruction loss that all share."""

import pytest
import torch

from knobs_core.models.sae.topk import reconstruction_loss


def test_a_perfect_reconstruction_costs_nothing():
    """The published code standardises in place and compares against the changed input; here both losses are zero."""
    x = torch.randn(4, 6)
    assert float(reconstruction_loss(x, x, "l2")) == 0
    assert float(reconstruction_loss(x, x, "cosine")) == pytest.approx(0, abs=1e-6)
