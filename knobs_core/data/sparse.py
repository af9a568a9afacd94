"""Small things about CSR matrices that several places need."""

import numpy as np
import scipy.sparse as sp


def keep_entries(matrix: sp.csr_matrix, keep: np.ndarray) -> sp.csr_matrix:
    """The CSR matrix with only those of its stored entries where ``keep`` (nnz,) is true; the shape stays."""
    indptr = np.concatenate(([0], np.cumsum(keep)))[matrix.indptr]
    return sp.csr_matrix((matrix.data[keep], matrix.indices[keep], indptr), shape=matrix.shape)


def shuffled_places(matrix: sp.csr_matrix, rng: np.random.Generator) -> np.ndarray:
    """The place (nnz,) of each stored entry in a random order of its row, from 0."""
    counts = np.diff(matrix.indptr)
    shuffled = np.lexsort((rng.random(matrix.nnz), np.repeat(np.arange(len(counts)), counts)))
    places = np.empty(matrix.nnz, np.int64)
    places[shuffled] = np.arange(matrix.nnz) - np.repeat(matrix.indptr[:-1], counts)
    return places


def single_items(n_items: int) -> sp.csr_matrix:
    """Interactions (n_items, n_items) of imagined users who like one item each."""
    return sp.identity(n_items, dtype=np.float32, format="csr")
