"""How people use neurons: how many activate each, and how strongly. Worked out in blocks of people, so that the codes
of all of them are never there at once.

A quantile needs all activations of a neuron in order. Where they come in blocks, three rounds find it all the same: the
first finds each neuron's highest activation, the second counts in narrow bins below it, and the third collects what is
in the bins where the quantile lies.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

N_BINS, SHARE = 16, 0.95
NARROW = 2**22  # bins of all neurons together that the quantile is looked for in


class Usage(NamedTuple):
    """What the full histories of people do to each neuron (d_sae,).

    n_users: how many activate it; reach: the 95th percentile of their activations; peak: the highest
    histogram: (d_sae, 16) how many of them fall into each of 16 equal bins from 0 to the peak
    """

    n_users: np.ndarray
    reach: np.ndarray
    peak: np.ndarray
    histogram: np.ndarray


def usage(codes: Callable[[], Iterable[sp.csr_matrix]]) -> Usage:
    """Usage from codes of full histories. codes: gives them block by block, (n, d_sae) each, anew at every call."""
    n_users, peak = _first_round(codes())
    histogram = np.zeros((len(peak), N_BINS), np.int64)
    width = max(64, NARROW // len(peak))
    narrow = np.zeros(len(peak) * width, np.int64)
    for part in codes():
        narrow += np.bincount(_bins(part, peak, width) + part.indices * np.int64(width), minlength=len(narrow))
        for neuron, some in _by_neuron(part):
            histogram[neuron] += np.histogram(some, N_BINS, (0, peak[neuron]))[0]
    below = np.cumsum(narrow.reshape(-1, width), axis=1)
    rank = SHARE * np.maximum(n_users - 1, 0)  # np.quantile's: between the activations of two ranks, in a straight line
    low = np.floor(rank).astype(np.int64)
    ranks = np.stack([low, np.minimum(low + 1, np.maximum(n_users - 1, 0))])
    bins = [(below <= one[:, None]).sum(1).clip(max=width - 1) for one in ranks]  # in which each rank is
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    for part in codes():
        at = _bins(part, peak, width)
        wanted = (at == bins[0][part.indices]) | (at == bins[1][part.indices])
        kept.append((part.indices[wanted], part.data[wanted]))
    neurons, values = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    order = np.lexsort((values, neurons))
    starts = np.searchsorted(neurons[order], np.arange(len(peak)))
    before = np.concatenate([np.zeros((len(peak), 1), np.int64), below], axis=1)[np.arange(len(peak)), bins[0]]
    found = (
        values[order[np.minimum(starts + ranks - before, len(order) - 1)]].astype(np.float64) if len(order) else ranks
    )
    reach = np.where(n_users > 0, found[0] + (found[1] - found[0]) * (rank - low), 0.0)
    return Usage(n_users, reach, peak, histogram)


def usage_of(codes: sp.csr_matrix) -> Usage:
    """Usage from codes (n_users, d_sae) that are all there."""
    n_users, peak = _first_round([codes])
    reach, histogram = np.zeros(len(peak)), np.zeros((len(peak), N_BINS), np.int64)
    for neuron, active in _by_neuron(codes):
        reach[neuron] = np.quantile(active, SHARE)
        histogram[neuron] = np.histogram(active, N_BINS, (0, peak[neuron]))[0]
    return Usage(n_users, reach, peak, histogram)


def _first_round(codes: Iterable[sp.csr_matrix]) -> tuple[np.ndarray, np.ndarray]:
    """How many activate each neuron (d_sae,), and its highest activation."""
    n_users, peak = np.zeros(1, np.int64), np.zeros(1, np.float32)
    for part in codes:
        n_users = n_users + part.getnnz(axis=0)
        peak = np.maximum(peak, part.max(axis=0).toarray()[0])
    return n_users, peak


def _bins(codes: sp.csr_matrix, peak: np.ndarray, width: int) -> np.ndarray:
    """The narrow bin of each activation (nnz,) among those of its neuron."""
    share = codes.data / peak[codes.indices]
    return np.minimum((share * width).astype(np.int64), width - 1)


def _by_neuron(codes: sp.csr_matrix) -> Iterable[tuple[int, np.ndarray]]:
    """Each neuron that somebody activates, with the activations."""
    columns = codes.tocsc()
    parts = ((j, columns.data[slice(*columns.indptr[j : j + 2])]) for j in range(codes.shape[1]))
    return ((j, active) for j, active in parts if len(active))
