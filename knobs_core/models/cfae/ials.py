"""iALS: matrix factorisation of implicit feedback by alternating least squares, trained by the library ``implicit``.

    loss = sum over all u, i of c_ui (p_ui - u^T v_i)^2 + reg (|u|^2 + |v|^2)     p = 1, c = alpha for likes, else 0, 1

A taste is the exact solution for its likes I with the item vectors V held fixed, and scores are dot products:

    y = (V^T V + reg 1 + (alpha - 1) V_I^T V_I)^-1 alpha V_I^T 1,      scores = V y

With P = (V^T V + reg 1)^-1 and K = V_I P V_I^T this is  y = P V_I^T w,  w = alpha (1 + (alpha - 1) K)^-1 1: a system as
small as the history, solved for many people at once.

Hu, Koren and Volinsky 2008, "Collaborative Filtering for Implicit Feedback Datasets", ICDM '08.
"""

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import nn

from knobs_core.base import require
from knobs_core.models.cfae.bags import Bags, Known

BUDGET = 2**24  # numbers in the largest array while encoding


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class IALSConfig:
    """Hyperparameters of iALS."""

    dim: int = Field(default=128, ge=2)
    """Embedding size d_embed."""
    alpha: float = Field(default=1.0, gt=0)
    """Weight of a like against that of everything else."""
    reg: float = Field(default=10.0, gt=0)
    """Penalty on the length of the vectors."""
    iterations: int = Field(default=15, ge=1)
    """Rounds of solving for users and for items."""


class IALS(nn.Module):
    """The model. It is not trained by gradients; ``make`` fits it.

    Args:
        n_items: columns of the interaction matrix.
        config: hyperparameters.
        generator: not used.
    """

    linear = True
    item_vectors: torch.Tensor
    inverse: torch.Tensor

    def __init__(self, n_items: int, config: IALSConfig, generator: torch.Generator | None = None):
        super().__init__()
        self.n_items, self.d_embed = n_items, config.dim
        self.alpha = config.alpha
        self.register_buffer("item_vectors", torch.zeros(n_items, config.dim))
        self.register_buffer("inverse", torch.eye(config.dim))

    @classmethod
    def make(
        cls, config: IALSConfig, known: Known, generator: torch.Generator
    ) -> tuple["IALS", IALSConfig, dict[str, float]]:
        """The model fitted to the training likes, its settings, and how it was fitted.

        Raises:
            MissingExtraError: the library is not installed.
        """
        als = require("implicit.cpu.als", "--cfae ials")
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1, "blas"):  # the library has threads of its own, and asks for this
            fitted = als.AlternatingLeastSquares(
                config.dim, regularization=config.reg, alpha=config.alpha, iterations=config.iterations,
                random_state=int(torch.randint(2**31, (), generator=generator)),
            )  # fmt: skip
            fitted.fit(known.likes, show_progress=False)
        model = cls(known.likes.shape[1], config)
        vectors = torch.as_tensor(fitted.item_factors)
        model.item_vectors.copy_(vectors)
        gram = vectors.double().T @ vectors.double()
        model.inverse.copy_(torch.linalg.inv(gram + config.reg * torch.eye(config.dim, dtype=torch.float64)))
        return model, config, {"iterations": config.iterations}

    def encode(self, x: Bags) -> torch.Tensor:
        """Embeddings (B, d_embed); an empty bag gives zeros."""
        counts = x.counts.long()
        y = self.item_vectors.new_zeros(len(counts), self.d_embed)
        order = counts.argsort()  # people with about as many likes are solved for together
        start = 0
        while start < len(order):
            rows = order[start:]
            longest = counts[rows].clamp_min(1)
            fits = torch.arange(1, len(rows) + 1, device=rows.device) * longest * (longest + self.d_embed) <= BUDGET
            rows = rows[: max(int(fits.long().sum()), 1)]
            y[rows] = self._solve(x, rows, int(longest[len(rows) - 1]))
            start += len(rows)
        return y

    def decode(self, y: torch.Tensor) -> torch.Tensor:
        """Scores (B, n_items) of embeddings (B, d_embed)."""
        return y @ self.item_vectors.T

    def _solve(self, x: Bags, rows: torch.Tensor, length: int) -> torch.Tensor:
        """Embeddings (len(rows), d_embed) of some rows; the shorter ones are filled up to length with zero vectors."""
        place = torch.arange(length, device=rows.device)
        there = place < x.counts[rows, None]
        if not len(x.items):
            return self.item_vectors.new_zeros(len(rows), self.d_embed)
        items = x.items[(x.offsets[rows, None] + place).clamp_max(len(x.items) - 1)]
        vectors = self.item_vectors[items] * there[..., None]
        folded = vectors @ self.inverse
        system = torch.eye(length, device=rows.device) + (self.alpha - 1) * folded @ vectors.transpose(1, 2)
        weights = self.alpha * torch.linalg.solve(system, there.to(vectors)[..., None])
        return (weights * folded).sum(1)
