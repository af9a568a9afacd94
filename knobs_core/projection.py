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

import dataclasses
import hashlib
import warnings
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.errors import DataError
from knobs_core.nested import Nested
from knobs_core.sparse import single_items
from knobs_core.steering import Dial
from knobs_core.training import Progress, ProgressCallback

K = 15  # neighbours, while drawing and while placing
MIN_DIST = 0.1
N_USERS, N_FITTED, N_LANDMARKS = 2_000, 60_000, 8_000
STRAY = 0.005  # share of points, at each end of an axis, that may lie outside of [0, 1]
N_JUDGED = 1_000  # points whose neighbourhoods are compared for the trustworthiness
ALPHAS = (0.2, 0.4, 0.6, 0.8)  # the paper's steps
STAGE = "Drawing the map"


@dataclasses.dataclass(frozen=True)
class Projection:
    """A drawn map.

    landmarks: (m, d_embed) float32 unit vectors, items and users; landmark_places: (m, 2) where they lie
    items: (n_items, 2); neurons: (d_sae, 2), NaN for dead ones; in [0, 1] but for a few strays
    trustworthiness: of items and users together, in [0, 1]; n_users: how many of them helped to draw it
    """

    landmarks: np.ndarray
    landmark_places: np.ndarray
    items: np.ndarray
    neurons: np.ndarray
    trustworthiness: float
    n_users: int

    @cached_property
    def id(self) -> str:
        """Short hash of where everything lies."""
        return hashlib.sha256(self.items.tobytes() + self.neurons.tobytes()).hexdigest()[:12]

    def place(self, y: np.ndarray | torch.Tensor) -> np.ndarray:
        """Places (B, 2) of embeddings (B, d_embed) near their neighbours on the map; needs no umap."""
        similar = torch.as_tensor(unit(y)) @ torch.as_tensor(self.landmarks).T
        near = similar.topk(min(K, similar.shape[1]), dim=1)
        weights = membership((1 - near.values).clamp_min(0).double().numpy())
        return np.einsum("bk,bkd->bd", weights, self.landmark_places[near.indices.numpy()])


def unit(vectors: np.ndarray | torch.Tensor) -> np.ndarray:
    """Rows (B, d) brought to length 1, as float32."""
    vectors = np.asarray(vectors, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def membership(distances: np.ndarray) -> np.ndarray:
    """Weights (B, k) of neighbours at ascending distances (B, k), each row of sum 1; sigma is found by bisection."""
    others, target = distances[:, 1:], np.log2(distances.shape[1])
    low, high = np.zeros(len(distances)), np.full(len(distances), 1e3)
    for _ in range(48):
        sigma = (low + high) / 2
        too_wide = np.exp(-others / sigma[:, None]).sum(1) > target
        low, high = np.where(too_wide, low, sigma), np.where(too_wide, sigma, high)
    sigma = np.maximum(sigma, 1e-3 * distances.mean(1))
    weights = np.exp(-distances / np.maximum(sigma, 1e-12)[:, None])
    return weights / weights.sum(1, keepdims=True)


def draw(
    nested: Nested,
    likes: sp.csr_matrix,
    alive: np.ndarray,
    seed: int,
    report: ProgressCallback = lambda progress: None,
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
    rng = np.random.default_rng(seed)
    report(Progress(STAGE, 0, 4, "gathering items and people"))
    items = unit(nested.embeddings(single_items(likes.shape[1])))
    users = np.sort(rng.permutation(likes.shape[0])[:N_USERS])
    people = unit(nested.embeddings(likes[users]))
    # Of a very large catalogue the most liked items are drawn and the others placed among them.
    popular = np.argsort(-likes.getnnz(axis=0), kind="stable")[: N_FITTED - len(people)]
    fitted = np.vstack([items[popular], people])
    report(Progress(STAGE, 1, 4, f"arranging {len(fitted):,} items and people"))
    places = _umap(fitted, seed)
    report(Progress(STAGE, 2, 4, "arranging the knobs"))
    neurons = np.full((len(alive), 2), np.nan, np.float32)
    neurons[alive] = _umap(unit(nested.sae.w_dec.detach().cpu())[alive], seed)
    report(Progress(STAGE, 3, 4, "measuring how far to trust it"))
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
    report(Progress(STAGE, 4, 4, f"trustworthiness {drawn.trustworthiness:.3f}"))
    return drawn


def _umap(vectors: np.ndarray, seed: int) -> np.ndarray:
    """UMAP layout (n, 2) of unit vectors (n, d), moved and scaled into [0, 1] but for a few strays."""
    if len(vectors) < 8:  # too few for a neighbourhood graph
        angle = np.arange(len(vectors)) * 2 * np.pi / max(len(vectors), 1)
        return np.stack([0.5 + np.cos(angle) / 3, 0.5 + np.sin(angle) / 3], axis=1).astype(np.float32)
    import umap  # takes seconds and stays out of the app
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


def way(dials: Sequence[Dial]) -> list[list[Dial]]:
    """Settings of the dials on the way from rest: all at rest, then in their proportions with the one that is turned
    furthest at .2, .4, .6 and .8; all at rest alone where none is turned."""
    furthest = max((abs(dial.amount) for dial in dials), default=0)
    alphas = ALPHAS if furthest else ()
    return [[]] + [
        [dataclasses.replace(dial, amount=alpha * dial.amount / furthest) for dial in dials] for alpha in alphas
    ]


def nearing(before: np.ndarray, now: np.ndarray, seen: np.ndarray, n: int) -> np.ndarray:
    """The n unseen items whose cosine (n_items,) has risen most, those that fell or stayed left out."""
    gain = now - before
    gain[seen] = 0
    best = np.argsort(-gain, kind="stable")[:n]
    return best[gain[best] > 0]
