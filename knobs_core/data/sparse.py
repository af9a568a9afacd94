"""Small things about CSR matrices that several places need, and how those are cut that are mapped from disk."""

import mmap
import tempfile

import numpy as np
import scipy.sparse as sp

BLOCK = 2**16  # rows looked at at once


def keep_entries(matrix: sp.csr_matrix, keep: np.ndarray) -> sp.csr_matrix:
    """The CSR matrix with only those of its stored entries where ``keep`` (nnz,) is true; the shape stays."""
    indptr = np.concatenate(([0], np.cumsum(keep)))[matrix.indptr]
    return sp.csr_matrix((matrix.data[keep], matrix.indices[keep], indptr), shape=matrix.shape)


def shuffled_places(matrix: sp.csr_matrix, rng: np.random.Generator) -> np.ndarray:
    """The place (nnz,) of each stored entry in a random order of its row, from 0."""
    places = np.empty(matrix.nnz, np.int64)
    for start in range(0, matrix.shape[0], BLOCK):
        ends = matrix.indptr[start : start + BLOCK + 1]
        counts, firsts = np.diff(ends), ends[:-1] - ends[0]
        n = int(ends[-1] - ends[0])
        shuffled = np.lexsort((rng.random(n), np.repeat(np.arange(len(counts)), counts)))
        places[ends[0] + shuffled] = np.arange(n) - np.repeat(firsts, counts)
    return places


def column_counts(matrix: sp.csr_matrix, rows: np.ndarray | None = None) -> np.ndarray:
    """Stored entries (n_columns,) of each column, int64. rows: of these rows alone."""
    counts = np.zeros(matrix.shape[1], np.int64)
    n = matrix.shape[0] if rows is None else len(rows)
    for start in range(0, n, BLOCK):
        part = slice(start, start + BLOCK) if rows is None else rows[start : start + BLOCK]
        counts += np.bincount(matrix[part].indices, minlength=len(counts))
    return counts


def most_liked(likes: sp.csr_matrix, n: int) -> np.ndarray:
    """Columns of the n most liked items of (n_users, n_items), the most liked first."""
    return np.argsort(-column_counts(likes), kind="stable")[:n]


def taken(matrix: sp.csr_matrix, rows: np.ndarray) -> sp.csr_matrix:
    """Some rows of a matrix. Where it is mapped from disk, so is what is taken: from a file without a name."""
    if not is_mapped(matrix.indices):
        return matrix[rows]
    counts = np.diff(matrix.indptr)[rows]
    indptr = np.concatenate(([0], np.cumsum(counts))).astype(matrix.indptr.dtype)
    indices, data = (_nameless(array.dtype, int(indptr[-1])) for array in (matrix.indices, matrix.data))
    for start in range(0, len(rows), BLOCK):
        part, place = matrix[rows[start : start + BLOCK]], slice(*indptr[[start, min(start + BLOCK, len(rows))]])
        indices[place], data[place] = part.indices, part.data
    found = sp.csr_matrix((data, indices, indptr), shape=(len(rows), matrix.shape[1]))
    found.has_sorted_indices = found.has_canonical_format = True
    return found


def is_mapped(array: np.ndarray) -> bool:
    """Whether an array, or what it is a view of, lies on disk."""
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    return isinstance(base, mmap.mmap)


def _nameless(kind: np.dtype, n: int) -> np.ndarray:
    """An array (n,) in a file that vanishes with it."""
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, kind, "w+", shape=(n,)) if n else np.empty(0, kind)


def single_items(n_items: int) -> sp.csr_matrix:
    """Interactions (n_items, n_items) of imagined users who like one item each."""
    return sp.identity(n_items, dtype=np.float32, format="csr")
