"""What the attacks on bundles begin with: two of the same data and shapes, each with a map and an owner's name."""

import dataclasses

import numpy as np

from knobs_core import bundles
from knobs_core.data import Interactions
from knobs_core.data.planted import planted
from knobs_core.maps import Network, Projection

TINY = {"cfae": {"dim": 8, "epochs": 2}, "sae": {"k": 4, "width_ratio": 2, "epochs": 2}}
N_NEURONS, N_HIDDEN = 16, 4


def tables():
    """Likes of 80 people, 40 items and their tags."""
    return planted(n_users=80, n_items=40, n_concepts=4, mean_likes=10)


def two_bundles():
    """Two bundles, trained with seeds 1 and 2."""
    given = tables()
    data = Interactions.from_frames(given.interactions, given.items, given.tags)
    made = (bundles.train(data, "elsa", overrides=TINY, seed=seed, device="cpu") for seed in (1, 2))
    return [mapped(bundle, seed=1).with_names({"#3": "Rainy days"}) for bundle in made]


def mapped(bundle, seed):
    """The bundle with a map drawn by chance, which takes no time."""
    rng = np.random.default_rng(seed)
    d_embed, n = bundle.nested.cfae.d_embed, N_HIDDEN
    shapes = {"w1": (n, d_embed), "b1": n, "w2": (n, n), "b2": n, "w3": (2, n), "b3": 2}
    network = Network(**{name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()})
    items, neurons = (rng.random((n, 2), np.float32) for n in (bundle.interactions.n_items, N_NEURONS))
    neurons[[not label.alive for label in bundle.labels]] = np.nan
    return dataclasses.replace(bundle, projection=Projection(items, neurons, network, 0.9, n_users=80))
