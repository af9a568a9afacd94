"""The map: items, people and neurons in two dimensions, and a quick place for whoever moves.

Items and a sample of users are laid out by UMAP on cosine distances, once, when the map is drawn; live neurons likewise
by the directions of their decoder rows, on a map of their own. A new or steered embedding y is then placed among its
k = 15 nearest landmarks, as UMAP's own transform begins (its last step, a stochastic refinement, is left out):

    place(y) = sum_j w_j p_j / sum_j w_j        d_j = 1 - cos(y, landmark j), ascending;  p_j where it lies on the map
    w_j = exp(-d_j / sigma)                     sigma such that sum_{j > 1} exp(-d_j / sigma) = log2 k

Trustworthiness (Venna and Kaski 2001) counts how far points that are close on the map are from being neighbours in
truth: T = 1 - 2 / (n k (2n - 3k - 1)) sum_i sum_{j in U_k(i)} (r(i, j) - k), 1 at best. Lengths are shares of the
map's longer side, which holds 99 in 100 points.

McInnes, Healy and Melville 2018, "UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction".
"""

import warnings

import numpy as np
import scipy.sparse as sp

from knobs_core.base import DataError, ProgressCallback, Stage, require, silent
from knobs_core.data import single_items
from knobs_core.maps.placement import K, Projection, unit
from knobs_core.models import Nested

MIN_DIST = 0.1
N_USERS, N_FITTED, N_LANDMARKS = 2_000, 60_000, 8_000
STRAY = 0.005  # share of points, at each end of an axis, that may lie outside of [0, 1]
N_JUDGED = 1_000  # points whose neighbourhoods are compared for the trustworthiness
STAGE = "Drawing the map"


def draw_layout(
    nested: Nested,
    likes: sp.csr_matrix,
    alive: np.ndarray,
    seed: int,
    progress: ProgressCallback = silent,
) -> Projection:
    """Draw the map of a trained model; takes seconds to minutes and imports umap.

    Args:
        likes: (n_users, n_items) interactions.
        alive: (d_sae,) bool, neurons to be shown.

    Raises:
        DataError: too few items and users to draw anything.
    """
    if sum(likes.shape) <= 2 * K:
        raise DataError(f"more than {2 * K} items and users for a map", f"{sum(likes.shape)}", "train on more data")
    rng, stage = np.random.default_rng(seed), Stage(STAGE, progress)
    stage(0, 4, "gathering items and people")
    items = unit(nested.embeddings(single_items(likes.shape[1])))
    users = np.sort(rng.permutation(likes.shape[0])[:N_USERS])
    people = unit(nested.embeddings(likes[users]))
    # Of a very large catalogue the most liked items are drawn and the others placed among them.
    popular = np.argsort(-likes.getnnz(axis=0), kind="stable")[: N_FITTED - len(people)]
    fitted = np.vstack([items[popular], people])
    stage(1, 4, f"arranging {len(fitted):,} items and people")
    places = _umap(fitted, seed)
    stage(2, 4, "arranging the knobs")
    neurons = np.full((len(alive), 2), np.nan, np.float32)
    neurons[alive] = _umap(unit(nested.sae.w_dec.detach().cpu())[alive], seed)
    stage(3, 4, "measuring how far to trust it")
    kept = rng.permutation(len(popular))[: N_LANDMARKS - len(people)]
    kept = np.sort(np.concatenate([kept, np.arange(len(popular), len(fitted))]))
    everything = np.full((len(items), 2), np.nan, np.float32)
    everything[popular] = places[: len(popular)]
    drawn = Projection(
        fitted[kept], places[kept], everything, neurons, trustworthiness(fitted, places, seed), len(people)
    )
    left = np.setdiff1d(np.arange(len(items)), popular)
    for start in range(0, len(left), 4096):
        part = left[start : start + 4096]
        everything[part] = drawn.place(items[part])
    stage(4, 4, f"trustworthiness {drawn.trustworthiness:.3f}")
    return drawn


def _umap(vectors: np.ndarray, seed: int) -> np.ndarray:
    """UMAP layout (n, 2) of unit vectors (n, d), moved and scaled into [0, 1] but for a few strays."""
    if len(vectors) < 8:  # too few for a neighbourhood graph
        angle = np.arange(len(vectors)) * 2 * np.pi / max(len(vectors), 1)
        return np.stack([0.5 + np.cos(angle) / 3, 0.5 + np.sin(angle) / 3], axis=1).astype(np.float32)
    umap = require("umap", "drawing a map")  # takes seconds and stays out of the app
    from sklearn.neighbors import NearestNeighbors

    k = min(K, len(vectors) - 1)
    # Neighbours are found exactly here: of few points umap would compute each distance by a call of its own.
    squares, nearest = (
        NearestNeighbors(n_neighbors=k - 1, algorithm="brute", metric="sqeuclidean").fit(vectors).kneighbors()
    )
    near = np.column_stack([np.arange(len(vectors)), nearest]).astype(np.int32)
    distances = np.column_stack([np.zeros(len(vectors)), squares / 2]).astype(np.float32)  # 1 - cosine
    model = umap.UMAP(
        n_neighbors=k, min_dist=MIN_DIST, metric="cosine", random_state=seed, n_jobs=1, init="pca",
        precomputed_knn=(near, distances),
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="precomputed_knn", category=UserWarning)  # transform() is not needed
        places = model.fit_transform(vectors)
    low, high = np.quantile(places, (STRAY, 1 - STRAY), axis=0)  # a few strays would make everything else small
    middle, side = (low + high) / 2, max((high - low).max(), 1e-12)
    return ((places - middle) / side + 0.5).astype(np.float32)


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
