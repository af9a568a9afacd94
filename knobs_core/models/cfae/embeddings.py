"""Bring your own recommender: vectors of items, and of users if there are any, from any model of dot products.

    y = B^T (mean of v_i over the liked items i)       scores = V y       V the item vectors, as they are or of length 1

With item vectors alone B is the identity: a taste is the mean of what somebody likes. (Their sum would rank alike and
give the same codes.) With user vectors u, B is learnt by ridge regression, so that histories, groups and new people
land where the recommender's own users are:

    B = argmin sum over training users |B^T x_u - u|^2 + r (tr(X^T X) / d) |B|^2         x_u, the rows of X: mean of v_i

r is the one whose y is closest in angle to the vectors of validation users. Nothing else is trained, and vectors of
test users are never used. A bias of items is one more column of their vectors, with 1 for every user.

Files: ``.csv`` or ``.parquet`` with a column item_id (user_id) and one column a dimension; or ``.npy`` (n, d) with ids
beside it, items.ids.txt for items.npy, one id a line. Rows are matched by id, whatever their order.
"""

from pathlib import Path

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

RIDGES = np.logspace(-5, 1, 13)
MIN_USERS = 10


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
    ) -> tuple["Embeddings", EmbeddingsConfig, dict[str, float]]:
        """The model of the files that config names, its settings with dim filled in, and what became of the users.

        Raises:
            ConfigError: no file of item vectors, or another size than the files'.
            DataError: a file that cannot be used, or that lacks items of the data.
        """
        if not config.items:
            raise ConfigError("a file of item vectors", "none", "give one with --set cfae.items=items.npy")
        ids, vectors = read_vectors(config.items, "item_id")
        vectors = vectors[_rows(ids, known.item_ids, config.items)]
        if config.unit:
            vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        size = vectors.shape[1]
        if config.dim not in (0, size):
            raise ConfigError(f"vectors of size {config.dim} in {config.items}", f"size {size}", "leave cfae.dim out")
        config = type(config)(dim=size, items=config.items, users=config.users, unit=config.unit)
        model, log = cls(len(vectors), config), dict[str, float]()
        model.item_vectors.copy_(torch.as_tensor(vectors))
        if config.users:
            fold_in, log = _learn_fold_in(config, known, vectors)
            model.fold_in.copy_(torch.as_tensor(fold_in))
        return model, config, log

    def encode(self, x: Bags) -> torch.Tensor:
        """Embeddings (B, d_embed); an empty bag gives zeros."""
        return F.embedding_bag(x.items, self.item_vectors, x.offsets, mode="mean") @ self.fold_in

    def decode(self, y: torch.Tensor) -> torch.Tensor:
        """Scores (B, n_items) of embeddings (B, d_embed)."""
        return y @ self.item_vectors.T


def read_vectors(path: str, id_column: str) -> tuple[np.ndarray, np.ndarray]:
    """Ids (n,) as text and vectors (n, d) float64 of a file.

    Raises:
        DataError: not there, not readable, ids missing or repeated, anything but finite numbers in the vectors.
    """
    file = Path(path).expanduser()
    if file.suffix not in (".npy", ".csv", ".parquet"):
        raise DataError("vectors as .npy, .csv or .parquet", f"{file.name}", "save them as one of these")
    try:
        if file.suffix == ".npy":
            ids, vectors = _ids_beside(file, id_column), np.load(file, allow_pickle=False)
        else:
            ids, vectors = _columns(file, id_column)
        vectors = vectors.astype(np.float64, casting="same_kind") if vectors.dtype.kind in "fiu" else None
    except (
        OSError,
        ValueError,
    ) as error:  # what NumPy, pandas and Arrow raise for files that are cut or something else
        raise DataError(
            f"readable vectors in {path}", str(error).splitlines()[0], "check or re-export the file"
        ) from error
    if vectors is None or vectors.ndim != 2 or vectors.shape[1] < 2:
        shape = "no numbers" if vectors is None else f"an array of shape {vectors.shape}"
        raise DataError(f"real numbers of shape (rows, at least 2) in {path}", shape, "save one row an id")
    if len(ids) != len(vectors):
        raise DataError(f"an id for each of the {len(vectors)} rows of {path}", f"{len(ids)} ids", "write both at once")
    if not np.isfinite(vectors).all():
        row = int(np.flatnonzero(~np.isfinite(vectors).all(1))[0])
        raise DataError(
            f"finite numbers in {path}", f"NaN or infinity for {id_column} '{ids[row]}'", "repair the vectors"
        )
    repeated = pd.Index(ids)[pd.Index(ids).duplicated()]
    if len(repeated):
        raise DataError(f"each {id_column} once in {path}", f"'{repeated[0]}' more than once", "keep one row an id")
    return ids, vectors


def _ids_beside(file: Path, id_column: str) -> np.ndarray:
    names = file.with_suffix(".ids.txt")
    if not names.exists():
        raise DataError(
            f"{names.name} beside {file.name}, one {id_column} a line in the order of its rows",
            "no such file",
            "write it, or save the vectors as .csv or .parquet with a column of ids",
        )
    return np.array(names.read_text(encoding="utf-8").splitlines(), dtype=object)


def _columns(file: Path, id_column: str) -> tuple[np.ndarray, np.ndarray]:
    if file.suffix == ".parquet":
        frame = pd.read_parquet(file)
    else:
        frame = pd.read_csv(file, dtype={id_column: str}, keep_default_na=False, na_values={})
    if id_column not in frame:
        raise DataError(f"a column {id_column} in {file}", f"columns {', '.join(map(str, frame))}", "rename or add it")
    vectors = frame.drop(columns=id_column)
    return frame[id_column].astype(str).to_numpy(object), vectors.to_numpy() if len(vectors.columns) else np.zeros(
        (len(frame), 0)
    )


def _rows(ids: np.ndarray, wanted: np.ndarray, path: str) -> np.ndarray:
    """Row of every wanted id.

    Raises:
        DataError: one that is not there.
    """
    rows = pd.Index(ids).get_indexer(wanted)
    missing = wanted[rows < 0]
    if len(missing):
        raise DataError(
            f"a vector for each of the {len(wanted):,} items of the data in {path}",
            f"none for {len(missing):,} of them, e.g. '{missing[0]}'",
            "add them, or leave those items out of the interactions",
        )
    return rows


def _learn_fold_in(config: EmbeddingsConfig, known: Known, items: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
    """B (d, d), and how well it does on validation users with vectors."""
    ids, vectors = read_vectors(config.users, "user_id")
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
    return solutions[best], {
        "users_with_vectors": len(u),
        "ridge": float(RIDGES[best]),
        "cosine_to_user_vectors": float(closeness[best]),
    }


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
