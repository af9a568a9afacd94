"""Basic SAE: a sparse autoencoder whose codes are kept sparse by an L1 penalty alone.

    z    = ReLU(W_enc (x - b_dec) + b_enc)
    xhat = W_dec z + b_dec                            columns of W_dec of unit length

    loss = mean over dimensions of (xhat - x)^2  (l2)   or   1 - cos(xhat, x)  (cosine),   plus  l1 * sum(z)

This is the TopK SAE (``topk.py``) without its limit on the number of non-zeros; how sparse a code becomes depends on l1
and on the data.

Bricken et al. 2023, "Towards Monosemanticity"; Spisak et al. 2025, "From Knots to Knobs", section 3.1.
"""

from typing import Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch.nn import functional as F

from knobs_core.sae.standardise import Code, standardise
from knobs_core.sae.topk import TopKConfig, TopKSAE, reconstruction_loss


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class BasicConfig:
    """Hyperparameters of the Basic SAE and of its training."""

    width_ratio: float = Field(4, gt=0)
    """Neurons for every embedding dimension."""
    loss: Literal["l2", "cosine"] = "l2"
    """What is minimised, in standardised space."""
    l1: float = Field(3e-3, ge=0)
    """Penalty on the sum of the code: the larger, the fewer neurons are active."""
    lr: float = Field(1e-3, gt=0)
    """Adam's step size (betas 0.9 and 0.99) until it falls."""
    decay: float = Field(0.0, ge=0, le=1)
    """Share of the epochs, the last ones, over which the step size falls to zero."""
    wake_every: int = Field(0, ge=0)
    """Epochs after which neurons that no training history lights start anew (``wake.py``); 0 for never."""
    batch_size: int = Field(256, ge=1)
    """Embeddings a step."""
    epochs: int = Field(100, ge=1)
    """Passes over the training users, at most."""
    patience: int = Field(20, ge=1)
    """Passes without a better validation loss before training ends."""


class BasicSAE(TopKSAE):
    """The model; arguments as for the TopK SAE."""

    def __init__(self, d_embed: int, config: BasicConfig, generator: torch.Generator | None = None):
        super().__init__(d_embed, TopKConfig(width_ratio=config.width_ratio, loss=config.loss, l1=config.l1), generator)
        self.k = self.d_sae

    def encode(self, y: torch.Tensor) -> Code:
        """Code of embeddings (B, d_embed): z (B, d_sae), non-negative."""
        x, mean, std = standardise(y)
        return Code(self._code(x), mean, std)

    def loss(self, y: torch.Tensor) -> torch.Tensor:
        """Training loss of a batch of embeddings (B, d_embed)."""
        x, _, _ = standardise(y)
        z = self._code(x)
        return reconstruction_loss(z @ self.w_dec + self.b_dec, x, self.loss_name) + self.l1 * z.sum(1).mean()

    def _code(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu((x - self.b_dec) @ self.w_enc + self.b_enc)
