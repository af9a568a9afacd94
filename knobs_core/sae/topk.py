"""TopK SAE: a sparse autoencoder whose codes have at most k non-zeros.

    z    = TopK(ReLU(W_enc (x - b_dec) + b_enc), k)
    xhat = W_dec z + b_dec                            columns of W_dec of unit length

    loss = mean over dimensions of (xhat - x)^2  (l2)   or   1 - cos(xhat, x)  (cosine),   plus  l1 * sum(z)

x is the embedding standardised by its own mean and standard deviation. The loss is taken in that space against x
itself. With the l2 loss a mean over dimensions, l1 stands for l1 * d_embed in the summed form the paper prints.

Makhzani and Frey 2013, "k-Sparse Autoencoders"; Gao et al. 2024, "Scaling and evaluating sparse autoencoders";
Spisak et al. 2025, "From Knots to Knobs", section 3.1.
"""

import math
from typing import Literal

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import nn
from torch.nn import functional as F

from knobs_core import sphere
from knobs_core.sae import active
from knobs_core.sae.active import Active
from knobs_core.sae.standardise import Code, standardise


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class TopKConfig:
    """Hyperparameters of the TopK SAE and of its training."""

    width_ratio: float = Field(4, gt=0)
    """Neurons for every embedding dimension."""
    k: int = Field(32, ge=1)
    """Non-zeros in a code, at most."""
    loss: Literal["l2", "cosine"] = "l2"
    """What is minimised, in standardised space."""
    l1: float = Field(3e-4, ge=0)
    """Penalty on the sum of the code, which keeps single activations from growing large."""
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


class TopKSAE(nn.Module):
    """The model.

    Args:
        d_embed: size of the embeddings it reads.
        config: hyperparameters.
        generator: random state of the initial weights.
    """

    def __init__(self, d_embed: int, config: TopKConfig, generator: torch.Generator | None = None):
        super().__init__()
        d_sae = max(1, round(config.width_ratio * d_embed))
        self.k, self.l1, self.loss_name = min(config.k, d_sae), config.l1, config.loss
        bound = math.sqrt(6 / d_embed)  # Kaiming uniform for a ReLU
        w_enc = torch.empty(d_embed, d_sae).uniform_(-bound, bound, generator=generator)
        self.w_enc = nn.Parameter(active.neuron_major(w_enc))
        self.b_enc = nn.Parameter(torch.zeros(d_sae))
        self.w_dec = nn.Parameter(F.normalize(torch.randn(d_sae, d_embed, generator=generator), dim=1))
        self.b_dec = nn.Parameter(torch.zeros(d_embed))

    @property
    def d_sae(self) -> int:
        return self.w_dec.shape[0]

    def encode(self, y: torch.Tensor) -> Code:
        """Code of embeddings (B, d_embed): z (B, d_sae), non-negative, at most k non-zeros a row."""
        x, mean, std = standardise(y)
        values, chosen = self._activations(x)
        return Code(chosen.dense(values), mean, std)

    def decode(self, code: Code) -> torch.Tensor:
        """Embeddings (B, d_embed) of a code, with mean and std put back."""
        return (code.z @ self.w_dec + self.b_dec) * code.std + code.mean

    def loss(self, y: torch.Tensor) -> torch.Tensor:
        """Training loss of a batch of embeddings (B, d_embed)."""
        x, _, _ = standardise(y)
        values, chosen = self._activations(x)
        xhat = active.decode(values, chosen, self.w_dec) + self.b_dec
        return reconstruction_loss(xhat, x, self.loss_name) + self.l1 * values.sum() / len(y)

    def _activations(self, x: torch.Tensor) -> tuple[torch.Tensor, Active]:
        """Values (B k,) and places of each row's k largest activations."""
        centred = x - self.b_dec
        chosen, pre = active.largest(centred, self.w_enc, self.b_enc, self.k, screen=None if self.training else False)
        return active.activations(centred, self.w_enc, self.b_enc, chosen, pre), chosen

    def before_step(self) -> None:
        """Project the radial part out of the decoder's gradient, so that its rows only turn."""
        sphere.project(self.w_dec.grad, self.w_dec)

    def after_step(self) -> None:
        """Put every decoder row back on the unit sphere."""
        sphere.normalise(self.w_dec)


def reconstruction_loss(xhat: torch.Tensor, x: torch.Tensor, name: str) -> torch.Tensor:
    """``l2``: mean squared error over batch and dimensions; ``cosine``: mean of 1 - cos. xhat, x: (B, d_embed)."""
    if name == "cosine":
        return (1 - F.cosine_similarity(xhat, x, dim=1)).mean()
    return (xhat - x).square().mean()
