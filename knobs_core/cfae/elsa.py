"""ELSA: a shallow linear autoencoder for collaborative filtering.

    y = A^T x,   scores = A y,   |a_i| = 1 for every item i

    loss = mean over users of | xhat/|xhat| - x/|x| |^2   with   xhat = A A^T x - x

A has shape (n_items, d_embed). The "- x" keeps an item from explaining itself while training; it only touches items
the user has already seen, which are never recommended, so decode leaves it out.

The loss is computed in its Gram form, which never builds a (B, n_items) matrix: with y = A^T x, G = A^T A and
c = nnz(x), <xhat, x> = |y|^2 - c and |xhat|^2 = y^T G y - 2 |y|^2 + c.

Vancura et al. 2022, "Scalable Linear Shallow Autoencoder for Collaborative Filtering", RecSys '22.
"""

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import nn
from torch.nn import functional as F

from knobs_core import sphere
from knobs_core.cfae.bags import Bags


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class ELSAConfig:
    """Hyperparameters of ELSA and of its training."""

    dim: int = Field(128, ge=2)
    """Embedding size d_embed."""
    lr: float = Field(0.01, gt=0)
    """Adam's step size (betas 0.9 and 0.99)."""
    batch_size: int = Field(128, ge=1)
    """Users a step."""
    epochs: int = Field(50, ge=1)
    """Passes over the training users, at most."""
    patience: int = Field(10, ge=1)
    """Passes without a better validation loss before training ends."""


class ELSA(nn.Module):
    """The model; parameters are the item vectors A alone.

    Args:
        n_items: columns of the interaction matrix.
        config: hyperparameters.
        generator: random state of the initial item vectors.
    """

    linear = True  # decode(y) is linear in y, so scores can be blended instead of decoded

    def __init__(self, n_items: int, config: ELSAConfig, generator: torch.Generator | None = None):
        super().__init__()
        vectors = torch.randn(n_items, config.dim, generator=generator)
        self.item_vectors = nn.Parameter(F.normalize(vectors, dim=1))

    @property
    def n_items(self) -> int:
        return self.item_vectors.shape[0]

    @property
    def d_embed(self) -> int:
        return self.item_vectors.shape[1]

    def encode(self, x: Bags) -> torch.Tensor:
        """Embeddings (B, d_embed): the sum of the item vectors in each bag."""
        return F.embedding_bag(x.items, self.item_vectors, x.offsets, mode="sum")

    def decode(self, y: torch.Tensor) -> torch.Tensor:
        """Scores (B, n_items) of embeddings (B, d_embed)."""
        return y @ self.item_vectors.T

    def loss(self, x: Bags) -> torch.Tensor:
        """Mean over users of the squared distance between the normalised prediction and the normalised input."""
        y = self.encode(x)
        gram = _Gram.apply(self.item_vectors)
        norm = y.square().sum(1)
        overlap = norm - x.counts
        size = ((y @ gram) * y).sum(1) - 2 * norm + x.counts
        cosine = overlap / (size.clamp_min(1e-12) * x.counts.clamp_min(1)).sqrt()
        return (2 - 2 * cosine).mean()

    def before_step(self) -> None:
        """Project the radial part out of the gradient: only directions along the unit sphere count."""
        sphere.project(self.item_vectors.grad, self.item_vectors)

    def after_step(self) -> None:
        """Put every item vector back on the unit sphere."""
        sphere.normalise(self.item_vectors)


class _Gram(torch.autograd.Function):
    """A^T A, whose gradient A (g + g^T) is one product here and two where A stands on both sides."""

    @staticmethod
    def forward(ctx, vectors):
        ctx.save_for_backward(vectors)
        return vectors.T @ vectors

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, grad):
        (vectors,) = ctx.saved_tensors
        return vectors @ (grad + grad.T)
