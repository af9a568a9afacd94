"""Random batches: rows in random order, and random parts of histories."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.data import keep_entries

EMBEDDED, VALIDATED = 2**15, 2**16  # users of whom parts are drawn at once, or the loss is taken


def mean_loss(loss: Callable[[Any], float | torch.Tensor], parts: Sequence[Any], sizes: Sequence[int]) -> float:
    """The loss of a batch that comes in parts of so many rows each."""
    if len(parts) == 1:
        return float(loss(parts[0]))
    return sum(float(loss(part)) * size for part, size in zip(parts, sizes, strict=True)) / sum(sizes)


def shuffled(n: int, batch_size: int, rng: np.random.Generator) -> Iterable[np.ndarray]:
    """Row numbers 0..n-1 in random order, in batches."""
    order = rng.permutation(n)
    return (order[start : start + batch_size] for start in range(0, n, batch_size))


def sub_histories(matrix: sp.csr_matrix, rng: np.random.Generator, size: int | None = None) -> Iterator[sp.csr_matrix]:
    """Random parts of histories (n, n_items): each like kept with a probability p ~ U(0.1, 1) drawn anew per user.

    A user keeps at least one like. This shows the SAE the short and partial histories it will meet, which full training
    histories never do.

    Args:
        rng: of PCG64, as ``default_rng`` gives it; it stands behind all draws once the first part was asked for.
        size: users at a time, all by default. What is drawn does not depend on it.
    """
    n, n_likes = matrix.shape[0], matrix.nnz
    kept, shares, spares = (_ahead(rng, draws) for draws in (0, n_likes, n_likes + n))  # one after the other
    rng.bit_generator.state = _ahead(rng, n_likes + 2 * n).bit_generator.state
    for start in range(0, n, size or max(n, 1)):
        part = matrix[start : start + size] if size else matrix
        counts = np.diff(part.indptr)
        keep = kept.random(part.nnz) < np.repeat(shares.uniform(0.1, 1, len(counts)), counts)
        spare = part.indptr[:-1] + (spares.random(len(counts)) * counts).astype(np.int64)
        left = np.diff(np.concatenate(([0], np.cumsum(keep)))[part.indptr])
        keep[spare[(left == 0) & (counts > 0)]] = True
        yield keep_entries(part, keep)


def _ahead(rng: np.random.Generator, draws: int) -> np.random.Generator:
    """The same generator, so many numbers from [0, 1) later; half a number that is left over stays so."""
    state: Any = rng.bit_generator.state
    ahead = np.random.PCG64()
    ahead.state = state
    ahead.advance(draws)
    moved: Any = ahead.state
    moved |= {name: state[name] for name in ("has_uint32", "uinteger")}
    ahead.state = moved
    return np.random.Generator(ahead)
