"""A flat layout of vectors by UMAP, with umap-learn's own transform for others; it imports umap, which takes seconds.

Lengths are shares of the layout's longer side, which lies across and holds 24 in 25 points; the others are drawn in to
its edge. McInnes, Healy and Melville 2018, "UMAP: Uniform Manifold Approximation and Projection for Dimension
Reduction".
"""

import warnings
from typing import Any

import numpy as np

from knobs_core.base import require

K, MIN_DIST = 15, 0.1  # neighbours and least distance, as umap has them by default
FEW = 8  # different points that are too few for a graph of neighbours
STRAY = 0.02  # share of points, at each end of an axis, that may lie outside of [0, 1]
MARGIN = 0.03  # of the side, into which whatever lies outside is drawn in
BLOCK = 8_192  # points that umap's transform takes at once


class Layout:
    """A UMAP layout of unit vectors. places: (n, 2), in [0, 1] or up to MARGIN outside; model: the fitted UMAP.

    Neighbours are found exactly here, for the fit and for the transform: of few points umap would compute each distance
    by a call of its own, of many it would only find about the nearest. Where too few vectors differ for UMAP, their two
    principal components take its place.
    """

    def __init__(self, vectors: np.ndarray, seed: int):
        if _different(vectors, seed) < FEW:
            self.model: Any = _Principal(vectors)
            raw = self.model.transform(vectors)
        else:
            self.model, raw = _umap(vectors, seed)
        self._axes = _wide(raw)
        low, high = np.quantile(raw @ self._axes, (STRAY, 1 - STRAY), axis=0)
        self._middle, self._side = (low + high) / 2, max((high - low).max(), 1e-12)
        self.places = self._shares(raw)

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """Where the model's own transform places other unit vectors: (m, d) to (m, 2)."""
        blocks = [vectors[at : at + BLOCK] for at in range(0, len(vectors), BLOCK)]
        return np.vstack([np.empty((0, 2), np.float32), *(self._shares(self.model.transform(one)) for one in blocks)])

    def _shares(self, raw: np.ndarray) -> np.ndarray:
        """Shares of the side; what lies outside of [0, 1] is drawn in, the farther the more: else a few strays would
        take the width from all others."""
        shares = (raw @ self._axes - self._middle) / self._side + 0.5
        inside = np.clip(shares, 0, 1)
        return (inside + MARGIN * np.tanh((shares - inside) / MARGIN)).astype(np.float32)


def _umap(vectors: np.ndarray, seed: int) -> tuple[Any, np.ndarray]:
    """UMAP fitted to unit vectors (n, d), and their places (n, 2)."""
    umap = require("umap", "drawing a map")  # takes seconds and stays out of the app
    for slow in (umap.umap_.smooth_knn_dist, umap.umap_.compute_membership_strengths):
        slow.enable_caching()  # four seconds of compiling in every process else; numba keeps them on disk
    index, k = _Neighbours(vectors), min(K, len(vectors) - 1)
    model = umap.UMAP(
        n_neighbors=k, min_dist=MIN_DIST, metric="cosine", random_state=seed, n_jobs=1, init="pca",
        precomputed_knn=index.of_each(k),
    )  # fmt: skip
    with warnings.catch_warnings():  # umap accepts no index but its own, and so says that it has none
        warnings.filterwarnings("ignore", message="precomputed_knn", category=UserWarning)
        raw = model.fit_transform(vectors)
    model._knn_search_index = index
    return model, raw


class _Principal:
    """The two principal components of vectors (n, d)."""

    def __init__(self, vectors: np.ndarray):
        self._mean = vectors.mean(0)
        _, _, axes = np.linalg.svd(vectors - self._mean, full_matrices=False)
        self._axes = np.zeros((vectors.shape[1], 2), np.float32)
        self._axes[:, : len(axes[:2])] = axes[:2].T

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        return (vectors - self._mean) @ self._axes


def _different(vectors: np.ndarray, seed: int) -> int:
    """How many of the vectors (n, d) differ, as seen along a direction by lot."""
    seen = vectors @ np.random.default_rng(seed).standard_normal(vectors.shape[1])
    return len(np.unique(seen.round(4)))


def _wide(places: np.ndarray) -> np.ndarray:
    """Axes (2, 2) along which places (n, 2) lie wide and not tall, as screens do: a turn, the longest way across it."""
    _, _, axes = np.linalg.svd(places - places.mean(0), full_matrices=False)
    axes = axes * np.sign(axes[np.arange(2), np.abs(axes).argmax(1)])[:, None]  # of the two ways round always the same
    return axes.T


class _Neighbours:
    """The nearest of some unit vectors, found exactly, as umap asks for them: indices and 1 - cosine, ascending."""

    _angular_trees = True  # which umap asks of an index

    def __init__(self, vectors: np.ndarray):
        from sklearn.neighbors import NearestNeighbors

        self._search = NearestNeighbors(algorithm="brute", metric="sqeuclidean").fit(vectors)

    def of_each(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Of the vectors themselves, each its own first neighbour."""
        squares, nearest = self._search.kneighbors(n_neighbors=k - 1)
        near = np.column_stack([np.arange(len(nearest)), nearest])
        return near.astype(np.int32), np.column_stack([np.zeros(len(squares)), squares / 2]).astype(np.float32)

    def query(self, vectors: np.ndarray, k: int, epsilon: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Of other vectors; epsilon is for indices that only find about the nearest."""
        squares, nearest = self._search.kneighbors(vectors, k)
        return nearest.astype(np.int32), (squares / 2).astype(np.float32)
