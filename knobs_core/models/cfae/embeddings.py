"""Bring your own recommender: vectors of items, and of users if there are any, from any model of dot products.

    y = B^T (mean of v_i over the liked items i)       scores = V y       V the item vectors, as they are or of length 1

With item vectors alone B is the identity: a taste is the mean of what somebody likes. (Their sum would rank alike and
give the same codes.) With user vectors u, B is learnt by ridge regression, so that histories, groups and new people
land where the recommender's own users are:

    B = argmin sum over training users |B^T x_u - u|^2 + r (tr(X^T X) / d) |B|^2         x_u, the rows of X: mean of v_i

r is the one whose y is closest in angle to the vectors of validation users. Nothing else is trained, and vectors of
test users are never used. A bias of items is one more column of their vectors, with 1 for every user.

``models/vectors.py`` says which files hold vectors. Rows are matched by id, whatever their order.
"""

from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch import nn
from torch.nn import functional as F

from knobs_core.base import ConfigError, DataError
from knobs_core.models.cfae.bags import Bags, Known
from knobs_core.models.vectors import lengths, moderate, read_vectors, rows_of, without_zeros

RIDGES = np.logspace(-5, 1, 13)
MIN_USERS = 10
SAME_MODEL = 0.5
"""Cosine to the vectors of validation users under which they seem to be another model's."""


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class EmbeddingsConfig:
    """Where the vectors are and how they are read."""

    dim: int = Field(default=0, ge=0)
    """Embedding size d_embed; 0 takes it from the files, and another number must be theirs."""
    items: str = ""
    """File of item vectors; needed."""
    users: str = ""
    """File of user vectors, if there are any."""
    unit: bool = False
    """Bring item vectors to unit length, for recommenders that rank by cosine."""


class Embeddings(nn.Module):
    """The model. Nothing of it is trained by gradients; ``make`` reads the vectors.

    Args:
        n_items: columns of the interaction matrix.
        config: settings, with dim filled in.
        generator: not used.
    """

    linear = True
    item_vectors: torch.Tensor
    fold_in: torch.Tensor

    def __init__(self, n_items: int, config: EmbeddingsConfig, generator: torch.Generator | None = None):
        super().__init__()
        self.n_items, self.d_embed = n_items, config.dim
        self.register_buffer("item_vectors", torch.zeros(n_items, config.dim))
        self.register_buffer("fold_in", torch.eye(config.dim))

    @classmethod
    def make(
        cls, config: EmbeddingsConfig, known: Known, generator: torch.Generator
    ) -> tuple["Embeddings", EmbeddingsConfig, dict[str, Any]]:
        """The model of the files that config names, its settings with dim filled in, and what became of the users.

        Vectors whose lengths are far from 1 are brought nearer, which changes no ranking. "warnings" in the log says
        what looked odd.

        Raises:
            ConfigError: no file of item vectors, or another size than the files'.
            DataError: a file that cannot be used, or that lacks items of the data.
        """
        if not config.items:
            raise ConfigError("a file of item vectors", "none", "give one with --set cfae.items=items.npy")
        read = read_vectors(config.items, "item_id")
        vectors = moderate(read.values[rows_of(read.ids, known.item_ids, config.items)])
        if config.unit:
            vectors = vectors / np.maximum(lengths(vectors)[:, None], 1e-12)
        size = vectors.shape[1]
        if config.dim not in (0, size):
            raise ConfigError(f"vectors of size {config.dim} in {config.items}", f"size {size}", "leave cfae.dim out")
        config = type(config)(dim=size, items=config.items, users=config.users, unit=config.unit)
        model, log = cls(len(vectors), config), dict[str, Any]()
        warnings = list(read.warnings)
        model.item_vectors.copy_(torch.as_tensor(vectors))
        if config.users:
            fold_in, log, odd = _learn_fold_in(config, known, vectors)
            model.fold_in.copy_(torch.as_tensor(fold_in))
            warnings += odd
        if warnings:
            log["warnings"] = warnings
        return model, config, log

    def encode(self, x: Bags) -> torch.Tensor:
        """Embeddings (B, d_embed); an empty bag gives zeros."""
        return F.embedding_bag(x.items, self.item_vectors, x.offsets, mode="mean") @ self.fold_in

    def decode(self, y: torch.Tensor) -> torch.Tensor:
        """Scores (B, n_items) of embeddings (B, d_embed)."""
        return y @ self.item_vectors.T


def _learn_fold_in(
    config: EmbeddingsConfig, known: Known, items: np.ndarray
) -> tuple[np.ndarray, dict[str, Any], list[str]]:
    """B (d, d), how well it does on validation users with vectors, and what looked odd."""
    read = read_vectors(config.users, "user_id")
    ids, vectors = without_zeros(read.ids, known.user_ids), moderate(read.values)
    if vectors.shape[1] != items.shape[1]:
        raise DataError(
            f"user vectors of size {items.shape[1]}, like the items'",
            f"size {vectors.shape[1]}",
            "export both from one model",
        )
    index = pd.Index(ids)
    x, u = _pairs(index, vectors, known.user_ids, known.likes, items)
    if len(u) < MIN_USERS:
        raise DataError(
            f"vectors of at least {MIN_USERS} training users in {config.users}", f"{len(u)}",
            "check that its ids are those of the interactions, or leave cfae.users out",
        )  # fmt: skip
    val_x, val_u = _pairs(index, vectors, known.val_user_ids, known.val_inputs, items)
    if not len(val_u):
        val_x, val_u = x, u
    gram, target = x.T @ x, x.T @ u
    scale = np.trace(gram) / len(gram)
    solutions = [np.linalg.solve(gram + ridge * scale * np.eye(len(gram)), target) for ridge in RIDGES]
    closeness = [_cosine(val_x @ solution, val_u) for solution in solutions]
    best = int(np.argmax(closeness))
    log = {
        "users_with_vectors": len(u),
        "ridge": float(RIDGES[best]),
        "cosine_to_user_vectors": float(closeness[best]),
    }
    odd = list(read.warnings)
    if closeness[best] < SAME_MODEL:
        odd.append(
            f"the user vectors in {config.users} are far from what the item vectors say of the same users (cosine "
            f"{closeness[best]:.2f}, 1 is equal); are both of one model?"
        )
    return solutions[best], log, odd


def _pairs(
    index: pd.Index, vectors: np.ndarray, user_ids: np.ndarray, likes: sp.csr_matrix, items: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean item vectors (m, d) and own vectors (m, d) of the users who have both."""
    rows = index.get_indexer(pd.Index(user_ids))
    with_both = np.flatnonzero((rows >= 0) & (np.diff(likes.indptr) > 0))
    counts = np.diff(likes.indptr)[with_both, None]
    return (likes[with_both] @ items) / counts, vectors[rows[with_both]]


def _cosine(a: np.ndarray, b: np.ndarray) -> float:
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return float(((a * b).sum(1) / np.maximum(lengths, 1e-12)).mean())
