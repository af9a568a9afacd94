"""Where the map places people, and how it answers when they turn a knob.

    python benchmarks/placement.py                 the demo
    python benchmarks/placement.py BUNDLE ...      trained bundles

Lays out the items and the training users of a bundle and fits the placement to them, as a map is drawn. Test users,
whom neither has seen, then stand at rest and are steered. Prints

- the distance to where umap-learn's own transform places the same embeddings, beside the same with another seed, and
  the share of their 30 nearest points that both have in common;
- for 30 people under 12 themes of at least 10 titles, turned up in steps of 0.02: how far the marker has moved once the
  true cosine with rest has fallen to 0.9, and the largest step of each way.

Lengths are shares of the map's longer side.
"""

import os
import platform
import sys
import time

import numpy as np
import torch

from knobs_core import bundles, load_demo
from knobs_core.bundles.bundle import Bundle
from knobs_core.data.sparse import single_items
from knobs_core.maps.flat import Layout
from knobs_core.maps.layout import N_FITTED, N_USERS, fit_placement, known_items
from knobs_core.maps.network import Network, unit
from knobs_core.steering.spread import Reach, reach_of, steered_embedding

N_PEOPLE, N_THEMES, LEAST_TITLES = 30, 12, 10
STEP, FALLEN, SEEN, JUMP = 0.02, 0.9, 0.03, 0.1


def fit(loaded: Bundle) -> tuple[Layout, Network]:
    """A layout without the test users and the network that places on it."""
    nested, train = loaded.nested, loaded.interactions.matrix[loaded.split().train]
    items = nested.embeddings(single_items(loaded.interactions.n_items))[known_items(train, N_FITTED)]
    fitted = unit(np.vstack([items, nested.embeddings(train[:N_USERS])]))
    began = time.perf_counter()
    layout = Layout(fitted, seed=1)
    laid = time.perf_counter()
    layout.transform(fitted[:1] + 0.01)  # umap compiles this part when it is first used
    compiled = time.perf_counter()
    network = fit_placement(layout, fitted, nested, train, [knob.dial(1.0) for knob in loaded.knobs.values()], seed=1)
    print(f"  laid out in {laid - began:.1f} s, umap's transform compiled in {compiled - laid:.1f} s, "
          f"placement fitted in {time.perf_counter() - compiled:.1f} s")  # fmt: skip
    return layout, network


def agreement(name: str, layout: Layout, network: Network, y: np.ndarray) -> None:
    """The network against umap-learn's transform of the same embeddings."""
    layout.model.transform_seed = 1
    theirs = layout.transform(unit(y))
    layout.model.transform_seed = 2
    again = layout.transform(unit(y))
    for what, places in (("placed", network.place(y)), ("umap with another seed", again)):
        apart = np.linalg.norm(places - theirs, axis=1)
        near = [[nearest(layout.places, place) for place in some] for some in (places, theirs)]
        shared = np.mean([len(np.intersect1d(*pair)) / 30 for pair in zip(*near, strict=True)])
        print(f"  {name} ({len(y)}), {what}: {np.median(apart):.1%} median, {np.quantile(apart, 0.95):.1%} at p95, "
              f"{shared:.0%} of the 30 nearest shared")  # fmt: skip


def nearest(places: np.ndarray, place: np.ndarray) -> np.ndarray:
    """The 30 points nearest to a place."""
    return np.argpartition(np.square(places - place).sum(1), 30)[:30]


def turning(loaded: Bundle, network: Network, y: torch.Tensor, reach: Reach) -> None:
    """How the marker answers to the dials of themes."""
    rng, titles = np.random.default_rng(0), loaded.interactions.tag_matrix()[1].getnnz(axis=1)
    themes = [one for one, n in zip(loaded.recipes, titles, strict=True) if one.recipe and n >= LEAST_TITLES]
    some = rng.choice(len(y), min(N_PEOPLE, len(y)), replace=False)
    amounts, reach = np.arange(0, 1 + STEP / 2, STEP), Reach(reach.up[some], reach.down[some])
    moved, jumps = [], []
    for theme in rng.choice(len(themes), min(N_THEMES, len(themes)), replace=False):
        steered = [steered_embedding(loaded.nested, y[some], reach, [themes[theme].dial(float(a))]) for a in amounts]
        ways = np.stack([unit(one) for one in steered])
        places = np.stack([network.place(one) for one in ways])
        jumps.extend(np.linalg.norm(np.diff(places, axis=0), axis=2).max(0))
        fallen = np.einsum("apd,pd->ap", ways, ways[0]) <= FALLEN
        for person in np.flatnonzero(fallen.any(0)):
            moved.append(np.linalg.norm(places[fallen[:, person].argmax(), person] - places[0, person]))
    print(f"  moved when the cosine has fallen to {FALLEN}: {np.median(moved):.1%} median, "
          f"{np.mean(np.array(moved) >= SEEN):.0%} of {len(moved)} ways by {SEEN:.0%} or more")  # fmt: skip
    print(f"  largest step of {STEP}: {max(jumps):.1%} of all, {np.median(jumps):.1%} of a way in the median, "
          f"{np.quantile(jumps, 0.9):.1%} at p90; {np.mean(np.array(jumps) > JUMP):.1%} beyond {JUMP:.0%}")  # fmt: skip


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    given = {path: lambda path=path: bundles.load(path) for path in sys.argv[1:]} or {"demo": load_demo}
    for name, load in given.items():
        print(name)
        loaded = load()
        layout, network = fit(loaded)
        inputs = loaded.split().test.inputs
        encoded = loaded.nested.encode(inputs)
        reach = reach_of(loaded.nested.scores(encoded), inputs)
        agreement("unseen users", layout, network, encoded.y.numpy())
        themes = [one for one in loaded.recipes if one.recipe][:20]
        steered = [steered_embedding(loaded.nested, encoded.y, reach, [one.dial(0.4)]) for one in themes]
        agreement("steered by 0.4", layout, network, np.concatenate(steered)[::7])
        turning(loaded, network, encoded.y, reach)


if __name__ == "__main__":
    main()
