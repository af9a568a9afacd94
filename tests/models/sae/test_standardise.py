"""Standardised embeddings."""

import numpy as np
import torch

from knobs_core.models.sae.standardise import standardise


def test_standardisation_is_per_vector_and_travels_with_the_code():
    y = torch.tensor([[1.0, 2, 3, 6], [10, 20, 30, 60]])
    x, mean, std = standardise(y)
    assert np.allclose(mean, [[3], [30]])
    assert np.allclose(std, [[np.sqrt(3.5)], [10 * np.sqrt(3.5)]])
    assert torch.allclose(x[0], x[1])
    assert torch.allclose(x * std + mean, y)
    assert torch.isfinite(standardise(torch.zeros(1, 4))[0]).all()
