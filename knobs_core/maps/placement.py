"""Where people and items lie on a drawn map, and where somebody goes as dials turn; the formula is in ``layout.py``."""

import dataclasses
import hashlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from knobs_core.steering import Dial

K = 15  # neighbours, while drawing and while placing
ALPHAS = (0.2, 0.4, 0.6, 0.8)  # the paper's steps


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


def dial_path(dials: Sequence[Dial]) -> list[list[Dial]]:
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
