"""The sparse autoencoder that all others build on: a ReLU encoder, a linear decoder, and an L1 penalty on the code.

    z    = ReLU(W_enc (x - b_dec) + b_enc)
    xhat = W_dec z + b_dec                            columns of W_dec of unit length

    loss = mean over dimensions of (xhat - x)^2  (l2)   or   1 - cos(xhat, x)  (cosine),   plus  l1 * sum(z)

Outside of training the encoder only says which neurons are active, and gradient pursuit (``refine.py``) how strongly.
x is the embedding standardised by its own mean and standard deviation. The loss is taken in that space against x
itself. With the l2 loss a mean over dimensions, l1 stands for l1 * d_embed in the summed form the paper prints.

Bricken et al. 2023, "Towards Monosemanticity"; Spisak et al. 2026, "From Knots to Knobs", section 3.1.
"""

import math
from typing import Literal, Protocol

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import nn
from torch.nn import functional as F

from knobs_core.models import sphere
from knobs_core.models.fit import Trainable
from knobs_core.models.sae import sparse_ops
from knobs_core.models.sae.refine import refine
from knobs_core.models.sae.standardise import Code, standardise


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class SAEConfig:
    """Hyperparameters that every sparse autoencoder has, and those of its training."""

    width_ratio: float = Field(default=4, gt=0)
    """Neurons for every embedding dimension."""
    loss: Literal["l2", "cosine"] = "l2"
    """What is minimised, in standardised space."""
    l1: float = Field(default=3e-4, ge=0)
    """Penalty on the sum of the code: it keeps activations small and, without another limit, few."""
    start: Literal["random", "items"] = "items"
    """Where neurons start: from chance, or from the most liked items, a neuron each (``start.py``)."""
    refine: int = Field(default=3, ge=0, le=100)
    """Steps by which a code's activations are fitted to the embedding once it is trained (``refine.py``)."""
    lr: float = Field(default=3e-3, gt=0, le=1)
    """Adam's step size (betas 0.9 and 0.99) until it falls."""
    decay: float = Field(default=0.8, ge=0, le=1)
    """Share of the epochs, the last ones, over which the step size falls to zero."""
    resample_every: int = Field(default=10, ge=0)
    """Epochs after which neurons that no training history activates start anew (``resample.py``); 0 for never."""
    batch_size: int = Field(default=256, ge=1)
    """Embeddings a step."""
    epochs: int = Field(default=100, ge=1)
    """Passes over the training users, at most."""
    patience: int = Field(default=20, ge=1)
    """Passes without a better validation loss before training ends."""


class SAE(Trainable[torch.Tensor], Protocol):
    """What every sparse autoencoder offers: embedding to code and back.

    d_sae: number of neurons; w_enc: (d_embed, d_sae); b_enc: (d_sae,); w_dec: (d_sae, d_embed); b_dec: (d_embed,)
    """

    def __init__(self, d_embed: int, config: SAEConfig, generator: torch.Generator | None = None): ...

    @property
    def d_sae(self) -> int: ...

    @property
    def w_enc(self) -> nn.Parameter: ...

    @property
    def b_enc(self) -> nn.Parameter: ...

    @property
    def w_dec(self) -> nn.Parameter: ...

    @property
    def b_dec(self) -> nn.Parameter: ...

    def encode(self, y: torch.Tensor, /) -> Code:
        """Code of embeddings (B, d_embed)."""

    def activate(self, x: torch.Tensor, /) -> torch.Tensor:
        """The z (B, d_sae) of that code, from embeddings that are standardised already; linear but for its choices."""

    def decode(self, code: Code, /) -> torch.Tensor:
        """Embeddings (B, d_embed) of a code."""


class SparseAutoencoder(nn.Module):
    """The model.

    Args:
        d_embed: size of the embeddings it reads.
        config: hyperparameters.
        generator: random state of the initial weights.
    """

    def __init__(self, d_embed: int, config: SAEConfig, generator: torch.Generator | None = None):
        super().__init__()
        d_sae = max(1, round(config.width_ratio * d_embed))
        self.l1, self.loss_name, self.steps = config.l1, config.loss, config.refine
        bound = math.sqrt(6 / d_embed)  # Kaiming uniform for a ReLU
        w_enc = torch.empty(d_embed, d_sae).uniform_(-bound, bound, generator=generator)
        self.w_enc = nn.Parameter(sparse_ops.neuron_major(w_enc))
        self.b_enc = nn.Parameter(torch.zeros(d_sae))
        self.w_dec = nn.Parameter(F.normalize(torch.randn(d_sae, d_embed, generator=generator), dim=1))
        self.b_dec = nn.Parameter(torch.zeros(d_embed))

    @property
    def d_sae(self) -> int:
        """Number of neurons."""
        return self.w_dec.shape[0]

    def encode(self, y: torch.Tensor) -> Code:
        """Code of embeddings (B, d_embed): z (B, d_sae), non-negative."""
        x, mean, std = standardise(y)
        return Code(self.activate(x), mean, std)

    def activate(self, x: torch.Tensor) -> torch.Tensor:
        """Code (B, d_sae) of standardised embeddings (B, d_embed); in training the encoder's, which the loss sees."""
        return refine(self._chosen(x), x - self.b_dec, self.w_dec, 0 if self.training else self.steps)

    def decode(self, code: Code) -> torch.Tensor:
        """Embeddings (B, d_embed) of a code, with mean and std put back."""
        return (code.z @ self.w_dec + self.b_dec) * code.std + code.mean

    def loss(self, y: torch.Tensor) -> torch.Tensor:
        """Training loss of a batch of embeddings (B, d_embed)."""
        x, _, _ = standardise(y)
        z = self._chosen(x)
        return reconstruction_loss(z @ self.w_dec + self.b_dec, x, self.loss_name) + self.l1 * z.sum(1).mean()

    def _chosen(self, x: torch.Tensor) -> torch.Tensor:
        """What the encoder makes of standardised embeddings (B, d_embed): activations (B, d_sae)."""
        return F.relu((x - self.b_dec) @ self.w_enc + self.b_enc)

    @torch.no_grad()
    def before_step(self) -> None:
        """Project the radial part out of the decoder's gradient, so that its rows only turn."""
        if self.w_dec.grad is not None:
            sphere.project(self.w_dec.grad, self.w_dec)

    @torch.no_grad()
    def after_step(self) -> None:
        """Put every decoder row back on the unit sphere."""
        sphere.normalise(self.w_dec)


def reconstruction_loss(xhat: torch.Tensor, x: torch.Tensor, name: str) -> torch.Tensor:
    """``l2``: mean squared error over batch and dimensions; ``cosine``: mean of 1 - cos. xhat, x: (B, d_embed)."""
    if name == "cosine":
        return (1 - F.cosine_similarity(xhat, x, dim=1)).mean()
    return (xhat - x).square().mean()
