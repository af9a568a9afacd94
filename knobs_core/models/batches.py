"""Random batches: rows in random order, and random parts of histories."""

from collections.abc import Iterable

import numpy as np
import scipy.sparse as sp

from knobs_core.data import keep_entries


def shuffled(n: int, batch_size: int, rng: np.random.Generator) -> Iterable[np.ndarray]:
    """Row numbers 0..n-1 in random order, in batches."""
    order = rng.permutation(n)
    return (order[start : start + batch_size] for start in range(0, n, batch_size))


def sub_histories(matrix: sp.csr_matrix, rng: np.random.Generator) -> sp.csr_matrix:
    """Random parts of histories (n, n_items): each like kept with a probability p ~ U(0.1, 1) drawn anew per user.

    A user keeps at least one like. This shows the SAE the short and partial histories it will meet, which full training
    histories never do.
    """
    counts = np.diff(matrix.indptr)
    keep = rng.random(matrix.nnz) < np.repeat(rng.uniform(0.1, 1, len(counts)), counts)
    spare = matrix.indptr[:-1] + (rng.random(len(counts)) * counts).astype(np.int64)
    kept = np.diff(np.concatenate(([0], np.cumsum(keep)))[matrix.indptr])
    keep[spare[(kept == 0) & (counts > 0)]] = True
    return keep_entries(matrix, keep)
