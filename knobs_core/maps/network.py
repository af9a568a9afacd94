"""The network that places an embedding y on the map: it reads the direction of y and answers small turns smoothly.

    place(y) = W_3 relu(W_2 relu(W_1 x + b_1) + b_2) + b_3          x = sqrt(d) y / |y|

It is fitted where UMAP has laid out or placed something: to items, people, and people under dials. Its loss is the mean
distance to these places, and a penalty on jumps, from which a marker would seem to be two:

    loss = mean |place(y_i) - p_i| + STEADY mean max(0, |place(way(u)) - place(way(u + STEP))| - FAR)

with way(u) = rest + u (steered - rest) from somebody's embedding at rest to theirs under a dial, u uniform in [0, 1].
The browser has the forward pass once more, in assets/map/place.js.
"""

import dataclasses
import math
from collections.abc import Iterator

import numpy as np
import torch
from torch.nn import functional as F

from knobs_core.base import threads_for
from knobs_core.models import Adam

HIDDEN, EPOCHS, BATCH, RATE = 128, 30, 256, 2e-3
RISING, FIRST, LAST = 0.3, 1 / 25, 1 / 25e4  # share of the steps in which they grow; the first and last to the largest
FEWEST_STEPS = 600  # of the optimizer, where there is little to fit
STEADY, STEP, FAR = 10.0, 0.03, 0.03  # FAR as a share of the map's side
SOFT = 1e-2  # of the map's side: a distance below which the loss is a square, as umap's own places waver by as much


@dataclasses.dataclass(frozen=True)
class Network:
    """Its layers, first to last: w1 (h, d_embed), b1 (h,), w2 (h, h), b2 (h,), w3 (2, h), b3 (2,), float32."""

    w1: np.ndarray
    b1: np.ndarray
    w2: np.ndarray
    b2: np.ndarray
    w3: np.ndarray
    b3: np.ndarray

    def arrays(self) -> dict[str, np.ndarray]:
        """The weights by name."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def place(self, y: np.ndarray) -> np.ndarray:
        """Places (B, 2) of embeddings (B, d_embed)."""
        hidden = np.maximum(scaled(y) @ self.w1.T + self.b1, 0)
        hidden = np.maximum(hidden @ self.w2.T + self.b2, 0)
        return hidden @ self.w3.T + self.b3


def unit(vectors: np.ndarray | torch.Tensor) -> np.ndarray:
    """Rows (B, d) brought to length 1, as float32."""
    vectors = np.asarray(vectors, np.float32)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


def scaled(y: np.ndarray | torch.Tensor) -> np.ndarray:
    """Directions of embeddings (B, d), of length sqrt(d): what the network reads."""
    return unit(y) * np.float32(np.sqrt(y.shape[1]))


def fit_network(known: np.ndarray, places: np.ndarray, rest: np.ndarray, steered: np.ndarray, seed: int) -> Network:
    """Fit it to known embeddings (n, d) and their places (n, 2), without jumps on the ways from rest to steered (m, d).

    The same arguments give the same weights on one machine with the same number of threads.
    """
    with threads_for(HIDDEN * (known.shape[1] + HIDDEN)):
        return _fitted(known, places, rest, steered, torch.Generator().manual_seed(seed))


def _fitted(
    known: np.ndarray, places: np.ndarray, rest: np.ndarray, steered: np.ndarray, generator: torch.Generator
) -> Network:
    weights = _initial(known.shape[1], generator)
    x, targets = torch.as_tensor(scaled(known)), torch.as_tensor(places, dtype=torch.float32)
    begin, end = torch.as_tensor(unit(rest)), torch.as_tensor(unit(steered))
    optimizer = Adam(weights, RATE, beta2=0.999)
    a_pass = -(-len(x) // BATCH)
    n_passes = max(EPOCHS, -(-FEWEST_STEPS // a_pass))
    for step, batch in enumerate(_batches(len(x), n_passes, generator)):
        optimizer.lr, optimizer.beta1 = _pace(step, n_passes * a_pass)
        missed = _forward(weights, x[batch]) - targets[batch]
        loss = (missed.square().sum(1) + SOFT**2).sqrt().mean()
        loss = loss + STEADY * _jumps(weights, begin, end, generator)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return Network(*(one.detach().numpy() for one in weights))


def _pace(step: int, n_steps: int) -> tuple[float, float]:
    """Step size and first beta of a step, from 0: along cosines up to RATE and down, the beta the other way round.

    Smith and Topin 2018, "Super-convergence: very fast training of neural networks using large learning rates".
    """
    top, end = RISING * n_steps - 1, n_steps - 1
    rises, far = step <= top, step / top if step <= top else (step - top) / (end - top)
    near = (1 + math.cos(math.pi * (1 - far if rises else far))) / 2  # 1 at the largest step, 0 at either end
    low = FIRST if rises else LAST
    return RATE * (low + (1 - low) * near), 0.95 - 0.1 * near


def _initial(d_embed: int, generator: torch.Generator) -> list[torch.Tensor]:
    """Layers of He's normal distribution; places begin in the middle of the map."""
    weights = []
    for rows, columns in ((HIDDEN, d_embed), (HIDDEN, HIDDEN), (2, HIDDEN)):
        weights += [torch.randn(rows, columns, generator=generator) * (2 / columns) ** 0.5, torch.zeros(rows)]
    weights[4] *= 0.1
    weights[5] += 0.5
    return [one.requires_grad_() for one in weights]


def _batches(n: int, n_passes: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
    for _ in range(n_passes):
        yield from torch.randperm(n, generator=generator).split(BATCH)


def _forward(weights: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    w1, b1, w2, b2, w3, b3 = weights
    return F.linear(F.relu(F.linear(F.relu(F.linear(x, w1, b1)), w2, b2)), w3, b3)


def _jumps(
    weights: list[torch.Tensor], begin: torch.Tensor, end: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """How far steps at random places of some ways go beyond FAR, in the mean."""
    chosen = torch.randint(len(begin), (BATCH // 2,), generator=generator)
    share = torch.rand(len(chosen), 1, generator=generator)
    begin, way = begin[chosen], end[chosen] - begin[chosen]
    steps = torch.cat([begin + share * way, begin + (share + STEP) * way])
    here, there = _forward(weights, F.normalize(steps) * begin.shape[1] ** 0.5).chunk(2)
    return F.relu(((here - there).square().sum(1) + 1e-8).sqrt() - FAR).mean()
