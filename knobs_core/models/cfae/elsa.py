"""ELSA: a shallow linear autoencoder for collaborative filtering.

    y = A^T x,   scores = A y,   |a_i| = 1 for every item i

    loss = mean over users of | xhat/|xhat| - x/|x| |^2   with   xhat = A A^T x - x

A has shape (n_items, d_embed). The "- x" keeps an item from explaining itself while training; it only touches items
the user has already seen, which are never recommended, so decode leaves it out.

The loss is computed in its Gram form, which never builds a (B, n_items) matrix: with y = A^T x, G = A^T A and
c = nnz(x), <xhat, x> = |y|^2 - c and |xhat|^2 = y^T G y - 2 |y|^2 + c.

Training may start from the spectrum of the likes instead of from chance: with N = D_u^-1/2 X D_i^-1/2, users and items
scaled by their numbers of likes, and N = U S V^T, the rows of V S^1/2 brought to unit length. They come from a sketch
of N^T N in less time than an epoch, and training then needs a few epochs instead of some dozens.

Tropp, Yurtsever, Udell and Cevher 2017, "Fixed-rank approximation of a positive-semidefinite matrix from streaming
data", NeurIPS, algorithm 3.
Vancura et al. 2022, "Scalable Linear Shallow Autoencoder for Collaborative Filtering", RecSys '22.
"""

from collections.abc import Callable
from typing import Any, Literal

import scipy.sparse as sp
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import nn
from torch.nn import functional as F

from knobs_core.base import has_bfloat16
from knobs_core.models import sphere
from knobs_core.models.cfae.bags import Bags, to_bags

RANK = 1e-5  # of the largest square of S: what lies below comes from rounding
OVERSAMPLE = 16  # directions more than needed, which make a sketch accurate
LARGE = 2**22  # entries of A from which its products with itself are worth half precision


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class ELSAConfig:
    """Hyperparameters of ELSA and of its training."""

    dim: int = Field(default=128, ge=2)
    """Embedding size d_embed."""
    start: Literal["random", "spectral"] = "random"
    """Where training starts from."""
    lr: float = Field(default=0.01, gt=0, le=1)
    """Adam's step size (betas 0.9 and 0.99)."""
    batch_size: int = Field(default=128, ge=1)
    """Users a step."""
    epochs: int = Field(default=50, ge=1)
    """Passes over the training users, at most."""
    patience: int = Field(default=10, ge=1)
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
        self.n_items, self.d_embed = n_items, config.dim
        vectors = torch.randn(n_items, config.dim, generator=generator)
        self.item_vectors = nn.Parameter(F.normalize(vectors, dim=1))
        self.config = config
        # Of a part of the items, a sum over them is made whole: processes that train together hold a part each.
        self.total: Callable[[torch.Tensor], torch.Tensor] = lambda part: part

    @torch.no_grad()
    def start(self, likes: sp.csr_matrix, generator: torch.Generator | None = None) -> None:
        """Begin from the spectrum of the training likes (n_users, n_items), if the config says so."""
        if self.config.start == "random":
            return
        device = self.item_vectors.device
        users, items = to_bags(likes, device), to_bags(likes.T.tocsr(), device)
        user_scale, item_scale = (bags.counts.clamp_min(1).rsqrt()[:, None] for bags in (users, items))

        width = min(self.d_embed + OVERSAMPLE, *likes.shape)
        chance = torch.randn(self.n_items, width, generator=generator).to(device)
        sketch = user_scale * F.embedding_bag(users.items, item_scale * chance, users.offsets, mode="sum")
        sketch = item_scale * F.embedding_bag(items.items, user_scale * sketch, items.offsets, mode="sum")
        # With M = N^T N, and sketch = M chance:  M ~ F F^T,  F = sketch C^-T,  C C^T = chance^T sketch. Small matrices
        # are in double precision, and a little is added so that one without full rank has a factor C.
        core = (chance.T @ sketch).double()
        shift = 1e-6 * core.diagonal().mean().clamp_min(1e-12)
        factor = torch.linalg.cholesky((core + core.T) / 2 + shift * torch.eye(width, device=device))
        half = sketch @ torch.linalg.inv(factor).T.float()
        values, turn = torch.linalg.eigh((half.T @ half).double())  # ascending; the squares of S, and V = F turn / S
        least = RANK * values[-1]
        scale = torch.where(values > least, values.clamp_min(least) ** -0.25, 0)
        rank = min(width, self.d_embed)
        vectors = half @ (turn * scale)[:, -rank:].float()
        # A little chance is left in: it is all there is for items nobody likes and for dimensions beyond the rank.
        self.item_vectors.mul_(1e-3 * vectors.square().sum(1).mean().sqrt())
        self.item_vectors[:, :rank] += vectors
        sphere.normalise(self.item_vectors)

    def encode(self, x: Bags) -> torch.Tensor:
        """Embeddings (B, d_embed): the sum of the item vectors in each bag."""
        return F.embedding_bag(x.items, self.item_vectors, x.offsets, mode="sum")

    def decode(self, y: torch.Tensor) -> torch.Tensor:
        """Scores (B, n_items) of embeddings (B, d_embed)."""
        return y @ self.item_vectors.T

    def loss(self, x: Bags) -> torch.Tensor:
        """Mean over users of the squared distance between the normalised prediction and the normalised input."""
        y = self.total(self.encode(x))
        large = self.item_vectors.device.type == "cpu" and self.n_items * self.d_embed >= LARGE
        gram = self.total(_Gram.apply(self.item_vectors, large and has_bfloat16()))
        norm = y.square().sum(1)
        overlap = norm - x.counts
        size = ((y @ gram) * y).sum(1) - 2 * norm + x.counts
        cosine = overlap / (size.clamp_min(1e-12) * x.counts.clamp_min(1)).sqrt()
        return (2 - 2 * cosine).mean()

    def before_step(self) -> None:
        """Project the radial part out of the gradient: only directions along the unit sphere count."""
        assert self.item_vectors.grad is not None, "called after the backward pass"
        sphere.project(self.item_vectors.grad, self.item_vectors)

    def after_step(self) -> None:
        """Put every item vector back on the unit sphere."""
        sphere.normalise(self.item_vectors)


class _Gram(torch.autograd.Function):
    """A^T A, whose gradient A (g + g^T) is one product here and two where A stands on both sides.

    half: multiply in bfloat16 and sum in full; an entry errs by some thousandths of what goes into it.
    """

    @staticmethod
    def forward(ctx: Any, vectors: torch.Tensor, half: bool) -> torch.Tensor:
        vectors = vectors.bfloat16() if half else vectors
        ctx.save_for_backward(vectors)
        return (vectors.T @ vectors).float() if half else vectors.T @ vectors

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        (vectors,) = ctx.saved_tensors
        return (vectors @ (grad + grad.T).to(vectors.dtype)).to(grad.dtype), None
