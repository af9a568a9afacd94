"""The map: items, people and neurons in two dimensions, and a quick place for whoever moves.

Items and a sample of users are laid out by UMAP on cosine distances, once, when the map is drawn; live neurons likewise
by the directions of their decoder rows, on a map of their own. umap-learn's transform then places people at rest and
under dials among them, and a small network (``network.py``) learns from all of these where somebody with any embedding
stands, so that neither umap nor its seconds are needed once the map is drawn.

Trustworthiness (Venna and Kaski 2001) counts how far points that are close on the map are from being neighbours in
truth: T = 1 - 2 / (n k (2n - 3k - 1)) sum_i sum_{j in U_k(i)} (r(i, j) - k), 1 at best. Lengths are shares of the
map's longer side, which holds 24 in 25 points and has the others along its edge.

McInnes, Healy and Melville 2018, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction".
"""

import warnings
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from knobs_core.base import DataError, ProgressCallback, Stage, require, silent
from knobs_core.data import single_items
from knobs_core.maps.network import Network, fit_network, unit
from knobs_core.maps.placement import Projection
from knobs_core.maps.ways import ways
from knobs_core.models import Nested
from knobs_core.steering import Dial

K, MIN_DIST = 15, 0.1  # neighbours and least distance, as umap has them by default
FEW = 8  # points that are too few for a graph of neighbours
N_USERS, N_FITTED, N_WAYS = 2_000, 60_000, 12_000
LEAST_LIKES = 5  # of an item that is laid out
STRAY = 0.02  # share of points, at each end of an axis, that may lie outside of [0, 1]
MARGIN = 0.03  # of the side, into which whatever lies outside is drawn in
N_JUDGED = 1_000  # points whose neighbourhoods are compared for the trustworthiness
BLOCK = 8_192  # points that umap's transform takes at once
STAGE = "Drawing the map"


def draw_layout(
    nested: Nested,
    likes: sp.csr_matrix,
    alive: np.ndarray,
    dials: Sequence[Dial],
    seed: int,
    progress: ProgressCallback = silent,
) -> Projection:
    """Draw the map of a trained model; takes seconds to minutes and imports umap.

    Args:
        likes: (n_users, n_items) interactions.
        alive: (d_sae,) bool, neurons to be shown.
        dials: what people may turn, at any amount.

    Raises:
        DataError: too few items and users to draw anything.
    """
    if sum(likes.shape) <= 2 * K:
        raise DataError(f"more than {2 * K} items and users for a map", f"{sum(likes.shape)}", "train on more data")
    rng, stage = np.random.default_rng(seed), Stage(STAGE, progress)
    stage(0, 5, "gathering items and people")
    items = unit(nested.embeddings(single_items(likes.shape[1])))
    users = np.sort(rng.permutation(likes.shape[0])[:N_USERS])
    people = unit(nested.embeddings(likes[users]))
    popular = known_items(likes, N_FITTED - len(people))
    left = np.setdiff1d(np.arange(len(items)), popular)
    fitted = np.vstack([items[popular], people])
    stage(1, 5, f"arranging {len(fitted):,} items and people")
    layout = Layout(fitted, seed)
    stage(2, 5, "arranging the knobs")
    neurons = np.full((len(alive), 2), np.nan, np.float32)
    neurons[alive] = _neuron_places(unit(nested.sae.w_dec.detach().cpu())[alive], seed)
    stage(3, 5, "following people under their knobs")
    network = fit_placement(layout, fitted, nested, likes, dials, seed)
    stage(4, 5, "measuring how far to trust it")
    trust = trustworthiness(fitted, layout.places, seed)
    everything = np.empty((len(items), 2), np.float32)
    everything[popular] = layout.places[: len(popular)]
    everything[left] = layout.transform(items[left])
    stage(5, 5, f"trustworthiness {trust:.3f}")
    return Projection(everything, neurons, network, trust, len(people))


def known_items(likes: sp.csr_matrix, most: int) -> np.ndarray:
    """Items that are laid out, the most liked first: at most so many, and those few like only where most are such.

    The others are placed among them. Of items with few likes nobody knows where they belong; many of them would take
    the map's width, and leave little to people and to what these like.
    """
    counts = likes.getnnz(axis=0)
    order = np.argsort(-counts, kind="stable")[:most]
    liked = order[counts[order] >= LEAST_LIKES]
    return liked if len(liked) > 2 * K else order


class Layout:
    """A UMAP layout of unit vectors. places: (n, 2), in [0, 1] or up to MARGIN outside; model: the fitted UMAP.

    Neighbours are found exactly here, for the fit and for the transform: of few points umap would compute each distance
    by a call of its own, of many it would only find about the nearest.
    """

    def __init__(self, vectors: np.ndarray, seed: int):
        umap = require("umap", "drawing a map")  # takes seconds and stays out of the app
        index, k = _Neighbours(vectors), min(K, len(vectors) - 1)
        self.model = umap.UMAP(
            n_neighbors=k, min_dist=MIN_DIST, metric="cosine", random_state=seed, n_jobs=1, init="pca",
            precomputed_knn=index.of_each(k),
        )  # fmt: skip
        with warnings.catch_warnings():  # umap accepts no index but its own, and so says that it has none
            warnings.filterwarnings("ignore", message="precomputed_knn", category=UserWarning)
            raw = self.model.fit_transform(vectors)
        self.model._knn_search_index = index
        self._axes = _wide(raw)
        low, high = np.quantile(raw @ self._axes, (STRAY, 1 - STRAY), axis=0)
        self._middle, self._side = (low + high) / 2, max((high - low).max(), 1e-12)
        self.places = self._shares(raw)

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """Where umap-learn's own transform places other unit vectors: (m, d) to (m, 2)."""
        blocks = [vectors[at : at + BLOCK] for at in range(0, len(vectors), BLOCK)]
        return np.vstack([np.empty((0, 2), np.float32), *(self._shares(self.model.transform(one)) for one in blocks)])

    def _shares(self, raw: np.ndarray) -> np.ndarray:
        """Shares of the side; what lies outside of [0, 1] is drawn in, the farther the more: else a few strays would
        take the width from all others."""
        shares = (raw @ self._axes - self._middle) / self._side + 0.5
        inside = np.clip(shares, 0, 1)
        return (inside + MARGIN * np.tanh((shares - inside) / MARGIN)).astype(np.float32)


def fit_placement(
    layout: Layout, fitted: np.ndarray, nested: Nested, likes: sp.csr_matrix, dials: Sequence[Dial], seed: int
) -> Network:
    """A network that places as a layout of the fitted vectors (n, d) does, also people under dials."""
    rest, steered = ways(nested, likes, dials, N_WAYS, np.random.default_rng(seed))
    moving = unit(np.vstack([rest, steered]))
    places = np.vstack([layout.places, layout.transform(moving)])
    return fit_network(np.vstack([fitted, moving]), places, rest, steered, seed)


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


def _neuron_places(vectors: np.ndarray, seed: int) -> np.ndarray:
    """Places (n, 2) of neurons with decoder rows (n, d): on a circle where there are too few for UMAP."""
    if len(vectors) >= FEW:
        return Layout(vectors, seed).places
    angle = np.arange(len(vectors)) * 2 * np.pi / max(len(vectors), 1)
    return np.stack([0.5 + np.cos(angle) / 3, 0.5 + np.sin(angle) / 3], axis=1).astype(np.float32)


def trustworthiness(vectors: np.ndarray, places: np.ndarray, seed: int = 0, k: int = K) -> float:
    """Trustworthiness of places (n, 2) for unit vectors (n, d), over all points or a sample of 1,000 of them."""
    n = len(vectors)
    k = min(k, (n - 1) // 2)
    sample = np.random.default_rng(seed).permutation(n)[:N_JUDGED]
    penalty = 0.0
    for i in sample:
        close = np.square(places - places[i]).sum(1)
        close[i] = np.inf
        distance = 1 - vectors @ vectors[i]
        distance[i] = np.inf
        rank = (distance[None] < distance[np.argpartition(close, k)[:k], None]).sum(1) + 1
        penalty += np.maximum(rank - k, 0).sum()
    return float(1 - 2 * penalty / (len(sample) * k * (2 * n - 3 * k - 1)))
