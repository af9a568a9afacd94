"""Dials at random."""

import numpy as np

from knobs_core.steering.dials import Dial


def random_dials(rng, code, n, d_embed=0):
    """Dials whose recipes share neurons, half of them the person's active ones; some with a rest of size d_embed."""
    dials = []
    for _ in range(n):
        pool = np.flatnonzero(code) if rng.random() < 0.5 else np.arange(len(code))
        neurons = rng.choice(pool, min(len(pool), rng.integers(1, 6)), replace=False)
        weights = rng.random(len(neurons)) + 0.1
        recipe = dict(zip(neurons.tolist(), (weights / weights.sum()).tolist(), strict=True))
        rest = rng.normal(size=d_embed).astype(np.float32) / 10 if d_embed and rng.random() < 0.5 else None
        dials.append(Dial(recipe, rng.choice([rng.uniform(-1, 1), -1.0, 0.0, 0.9]), rest=rest))
    return dials
