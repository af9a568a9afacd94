"""DLAE of low rank: a denoising linear autoencoder for collaborative filtering, in closed form.

    S = argmin |X - (dropped X) S|^2 + reg |S|^2,  every like dropped with probability p and the rest scaled by 1/(1-p)
      = (G + R)^-1 G          G = X^T X,   R = reg I + p/(1-p) diag(G)

    V = the dim eigenvectors of G S with the largest eigenvalues, which are those of the best S of rank dim: S V V^T
    y = (S V)^T x,   scores = V y

Nothing is trained by gradients. Dropout is what a full-rank autoencoder needs so that an item does not explain itself.
Unlike ELSA's, item vectors have their own lengths: an item that few people like speaks softly. With G = L L^T - R one
factor serves all: G S = T^T T for T = L^-1 G, so V comes from a block power iteration with one solve a round.

Steck 2020, "Autoencoders that don't overfit towards the Identity", NeurIPS, for R; Izenman 1975, "Reduced-rank
regression for the multivariate linear model", for the rank.
"""

import numpy as np
import scipy.linalg
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import nn
from torch.nn import functional as F

from knobs_core.base import DataError
from knobs_core.models.cfae.bags import Bags, Known

ROUNDS, OVERSAMPLE = 6, 32  # of the power iteration, and directions more than needed, which make it accurate
USERS = 2**18  # whose likes are multiplied at a time
MOST_ITEMS = 25_000  # a matrix of items by items in single precision takes 2.5 GB then


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class DLAEConfig:
    """Hyperparameters of the low-rank DLAE."""

    dim: int = Field(default=128, ge=2)
    """Embedding size d_embed, the rank."""
    dropout: float = Field(default=0.5, ge=0, lt=1)
    """p, the share of likes that are dropped from the input in expectation."""
    reg: float = Field(default=100.0, gt=0)
    """Weight of the squared entries of S."""


class DLAE(nn.Module):
    """The model. Nothing of it is trained by gradients; ``make`` solves for it.

    Args:
        n_items: columns of the interaction matrix.
        config: hyperparameters.
        generator: not used.
    """

    linear = True
    encoder: torch.Tensor
    item_vectors: torch.Tensor

    def __init__(self, n_items: int, config: DLAEConfig, generator: torch.Generator | None = None):
        super().__init__()
        self.n_items, self.d_embed = n_items, config.dim
        self.register_buffer("encoder", torch.zeros(n_items, config.dim))
        self.register_buffer("item_vectors", torch.zeros(n_items, config.dim))

    @classmethod
    def make(
        cls, config: DLAEConfig, known: Known, generator: torch.Generator
    ) -> tuple["DLAE", DLAEConfig, dict[str, float]]:
        """The model of the training likes, its settings, and what it explains.

        Raises:
            DataError: more items than a matrix of items by items is made for, or fewer than dimensions.
        """
        n_items = known.likes.shape[1]
        if not config.dim <= n_items <= MOST_ITEMS:
            raise DataError(
                f"from {config.dim:,} to {MOST_ITEMS:,} items for --cfae dlae, which holds a matrix of items by items",
                f"{n_items:,}",
                "use --cfae elsa, which has no such matrix" if n_items > MOST_ITEMS else "lower cfae.dim",
            )
        encoder, decoder, explained = solve(known, config, generator)
        model = cls(n_items, config)
        model.encoder.copy_(torch.as_tensor(encoder))
        model.item_vectors.copy_(torch.as_tensor(decoder))
        return model, config, {"explained": explained}

    def encode(self, x: Bags) -> torch.Tensor:
        """Embeddings (B, d_embed): the sum of the encoder's rows of each bag; an empty bag gives zeros."""
        return F.embedding_bag(x.items, self.encoder, x.offsets, mode="sum")

    def decode(self, y: torch.Tensor) -> torch.Tensor:
        """Scores (B, n_items) of embeddings (B, d_embed)."""
        return y @ self.item_vectors.T


def solve(known: Known, config: DLAEConfig, generator: torch.Generator) -> tuple[np.ndarray, np.ndarray, float]:
    """Rows S V and V (n_items, dim), and the share of the full-rank model's trace of G S that they hold."""
    likes = known.likes
    gram = np.zeros((likes.shape[1], likes.shape[1]), np.float32)
    for start in range(0, likes.shape[0], USERS):
        part = likes[start : start + USERS]
        gram += np.asarray((part.T @ part).todense(), np.float32)
    diagonal = gram.diagonal().copy()
    penalty = config.reg + config.dropout / (1 - config.dropout) * diagonal
    factor = gram.copy(order="F")
    factor[np.diag_indices_from(factor)] += penalty
    factor = scipy.linalg.cholesky(factor, lower=True, overwrite_a=True, check_finite=False)

    def apply(block: np.ndarray) -> np.ndarray:
        """S block = (G + R)^-1 G block."""
        return scipy.linalg.cho_solve((factor, True), gram @ block, overwrite_b=True, check_finite=False)

    width = min(config.dim + OVERSAMPLE, len(gram))
    block = torch.randn(len(gram), width, generator=generator).numpy()
    for _ in range(ROUNDS):
        block, _ = np.linalg.qr(gram @ apply(block))
    values, turn = np.linalg.eigh(block.T @ (gram @ apply(block)))  # ascending
    vectors = (block @ turn[:, ::-1][:, : config.dim]).astype(np.float32)
    vectors *= np.sign(vectors[np.abs(vectors).argmax(0), np.arange(config.dim)])  # else signs are up to the library
    encoder = apply(vectors)
    # trace(G S) = trace(G - R + R (G + R)^-1 R), which needs the diagonal of the inverse alone: columns of L^-1
    inverse, _ = scipy.linalg.lapack.strtri(factor, lower=1, overwrite_c=1)
    squares = np.einsum("ij,ij->j", inverse, inverse, dtype=np.float64)
    whole = (diagonal - penalty + np.square(penalty, dtype=np.float64) * squares).sum()
    return encoder, vectors, float(values[::-1][: config.dim].sum() / whole)
