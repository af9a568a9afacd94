"""Where people and items lie on a drawn map, and where somebody goes as dials turn; how it is drawn: ``layout.py``."""

import dataclasses
import hashlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np
import torch

from knobs_core.maps.network import Network
from knobs_core.steering import Dial

ALPHAS = (0.2, 0.4, 0.6, 0.8)  # the paper's steps


@dataclasses.dataclass(frozen=True)
class Projection:
    """A drawn map.

    items: (n_items, 2); neurons: (d_sae, 2), NaN for dead ones; in [0, 1] or a little outside
    network: places people; see ``network.py``
    trustworthiness: of items and users together, in [0, 1]; n_users: how many of them helped to draw it
    """

    items: np.ndarray
    neurons: np.ndarray
    network: Network
    trustworthiness: float
    n_users: int

    @cached_property
    def id(self) -> str:
        """Short hash of where everything lies and goes."""
        arrays = (self.items, self.neurons, *self.network.arrays().values())
        return hashlib.sha256(b"".join(one.tobytes() for one in arrays)).hexdigest()[:12]

    def place(self, y: np.ndarray | torch.Tensor) -> np.ndarray:
        """Places (B, 2) of embeddings (B, d_embed) on the map, also of steered ones; needs no umap."""
        return self.network.place(np.asarray(y, np.float32))


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
