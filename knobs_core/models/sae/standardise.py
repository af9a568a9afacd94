"""Per-vector standardisation: what makes one-hot items and heavy users readable by the same sparse autoencoder.

    x = (y - mean(y)) / std(y)      mean and std over the dimensions of that one embedding

The two numbers travel with the code, so that decoding gives back an embedding of the original length.
"""

from typing import NamedTuple

import torch


class Code(NamedTuple):
    """A sparse code with what is needed to undo the standardisation. z: (B, d_sae); mean, std: (B, 1)."""

    z: torch.Tensor
    mean: torch.Tensor
    std: torch.Tensor


def standardise(y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Standardised copy (B, d) of embeddings (B, d), with mean and std (B, 1); ``y`` itself is left untouched."""
    mean = y.mean(1, keepdim=True)
    std = y.std(1, keepdim=True, correction=0).clamp_min(1e-8)
    return (y - mean) / std, mean, std
