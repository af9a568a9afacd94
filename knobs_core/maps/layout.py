"""The map: items, people and neurons in two dimensions, and a quick place for whoever moves.

Items and a sample of users are laid out by UMAP (``flat.py``) on cosine distances, once, when the map is drawn; live
neurons likewise by the directions of their decoder rows, on a map of their own. umap-learn's transform then places
people at rest and under dials among them, and a small network (``network.py``) learns from all of these where somebody
with any embedding stands, so that neither umap nor its seconds are needed once the map is drawn.

Trustworthiness (Venna and Kaski 2001) counts how far points that are close on the map are from being neighbours in
truth: T = 1 - 2 / (n k (2n - 3k - 1)) sum_i sum_{j in U_k(i)} (r(i, j) - k), 1 at best.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from knobs_core.base import ProgressCallback, Stage, silent
from knobs_core.data import single_items
from knobs_core.maps.flat import FEW, K, Layout
from knobs_core.maps.network import Network, fit_network, unit
from knobs_core.maps.placement import Projection
from knobs_core.maps.ways import ways
from knobs_core.models import Nested
from knobs_core.steering import Dial

N_USERS, N_FITTED, N_WAYS = 2_000, 60_000, 12_000
FEWEST_WAYS, WAYS_A_POINT = 1_000, 5  # of a map with few points
LEAST_LIKES = 5  # of an item that is laid out
N_JUDGED = 1_000  # points whose neighbourhoods are compared for the trustworthiness
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
    """
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


def fit_placement(
    layout: Layout, fitted: np.ndarray, nested: Nested, likes: sp.csr_matrix, dials: Sequence[Dial], seed: int
) -> Network:
    """A network that places as a layout of the fitted vectors (n, d) does, also people under dials."""
    n_ways = min(N_WAYS, max(FEWEST_WAYS, WAYS_A_POINT * len(fitted)))
    rest, steered = ways(nested, likes, dials, n_ways, np.random.default_rng(seed))
    moving = unit(np.vstack([rest, steered]))
    places = np.vstack([layout.places, layout.transform(moving)])
    return fit_network(np.vstack([fitted, moving]), places, rest, steered, seed)


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
