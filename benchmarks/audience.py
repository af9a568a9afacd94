"""An audience while a hand is on a dial: a frame against a loop of ``list_for``, and what takes seconds, not frames.

    python benchmarks/audience.py [BUNDLE]      500 readers of the demo, or of a bundle, and of 40,857 generated items

A frame makes all lists with three dials turned, two quotas and two pins, and compares them with those at rest: lists,
exposures, lists without hidden likes, and all of it for every segment. The plain way makes each reader's list by
``list_for``, whose taste is there already, and compares nothing. Each frame has another amount. One thread; besides the
wall clock, processor time is told, which does not count what others do. The large bundle has the demo's knobs on random
weights. Thresholds and solvers are those of the demo alone.
"""

import dataclasses
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from _report import report

from knobs_core import bundles
from knobs_core.audience import Audience, Keep, Reaches, compare, draw, solve, sweep
from knobs_core.data import Interactions
from knobs_core.data.planted import planted_likes
from knobs_core.lists import ListRecipe, Pin, Quota, Rules, Turn, list_for
from knobs_core.models import Nested
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig

N_ITEMS, FRAMES, ALONE = 40_857, 40, 40


def recipe_of(bundle: bundles.Bundle, amount: float, turned: int = 3, quotas: bool = True) -> ListRecipe:
    ids = bundle.interactions.item_ids
    turns = (("horror", amount), ("sci-fi", 0.3), ("comedy", -0.5))
    return ListRecipe(
        slug="noir",
        dials=tuple(Turn(knob=knob, amount=value) for knob, value in turns[:turned]),
        pins=(Pin(item=str(ids[100]), place=2), Pin(item=str(ids[7]), place=9)),
        quotas=(Quota(of="decade", most=3, window=6), Quota(of="genre", value="Drama", most=8)) if quotas else (),
    )


def large(demo: bundles.Bundle) -> bundles.Bundle:
    """The demo's knobs on 40,857 items and 2,000 users, with random weights."""
    likes, _ = planted_likes(2_000, N_ITEMS, 160_000)
    data, source = demo.interactions, np.arange(N_ITEMS) % demo.interactions.n_items
    number, tags = np.arange(N_ITEMS), data.tags.set_index("item")
    tags = tags.loc[source[np.isin(source, tags.index)]].reset_index()
    items = data.items.iloc[source].reset_index(drop=True)
    columns = np.repeat(number, np.bincount(data.tags["item"], minlength=data.n_items)[source])
    made = Interactions(
        likes,
        np.arange(2_000).astype(str).astype(object),
        number.astype(str).astype(object),
        items,
        tags.assign(item=columns),
        data.source,
    )
    generator = torch.Generator().manual_seed(0)
    nested = Nested(ELSA(N_ITEMS, ELSAConfig(dim=demo.nested.cfae.d_embed), generator), demo.nested.sae)
    return dataclasses.replace(demo, interactions=made, nested=nested)


def times(work: Callable[[int], object], repeat: int) -> dict[str, np.ndarray]:
    """Wall and processor milliseconds of each call, after two that do not count."""
    found: dict[str, list[float]] = {"wall": [], "cpu": []}
    for turn in range(repeat + 2):
        wall, cpu = time.perf_counter(), time.process_time()
        work(turn)
        found["wall"].append(time.perf_counter() - wall)
        found["cpu"].append(time.process_time() - cpu)
    return {name: np.array(values[2:]) * 1e3 for name, values in found.items()}


def frames(name: str, bundle: bundles.Bundle, size: int) -> dict:
    began = time.process_time()
    audience = Audience(bundle, draw(bundle, size))
    ready = time.process_time() - began
    before = audience.lists(recipe_of(bundle, 0.0, 0))

    def frame(turn: int) -> None:
        effect = compare(audience, before, audience.lists(recipe_of(bundle, 0.2 + 0.01 * (turn % 40))))
        assert effect.everybody
        assert effect.tested
        assert effect.segments

    readers = audience.readers
    ids, rng = bundle.interactions.item_ids, np.random.default_rng(0)
    some = [
        bundle.person(items=ids[readers.known[row].indices].tolist())
        for row in rng.choice(len(readers.rows), ALONE, replace=False)
    ]
    rules = Rules(bundle, recipe_of(bundle, 0.3))
    dials = rules.dials(recipe_of(bundle, 0.3).dials)
    one = times(lambda turn: list_for(some[turn % ALONE], rules, dials), ALONE)
    many = times(frame, FRAMES)
    plain = float(one["cpu"].mean()) * len(readers.rows)
    return {
        "what": f"{name}: {len(readers.rows)} readers x {bundle.interactions.n_items:,} items",
        "frame median ms": round(float(np.median(many["wall"])), 1),
        "frame p95 ms": round(float(np.quantile(many["wall"], 0.95)), 1),
        "frame cpu ms": round(float(np.median(many["cpu"])), 1),
        "loop of list_for cpu ms": round(plain),
        "times": round(plain / float(np.median(many["cpu"])), 1),
        "ready cpu s": round(ready, 1),
    }


def questions(bundle: bundles.Bundle) -> list[dict]:
    audience, item = Audience(bundle, draw(bundle)), str(bundle.interactions.item_ids[400])
    alone, others = recipe_of(bundle, 0.3, 0, quotas=False), recipe_of(bundle, 0.3, 3, quotas=False)
    goals = [Reaches(item, 0.2), Keep(0.6, 0.9)]
    asked = {
        "thresholds, a dial alone": lambda: sweep(audience, alone, "horror").thresholds(),
        "thresholds, three others turned": lambda: sweep(audience, others, "action").thresholds(),
        "thresholds, on a grid for two quotas": lambda: sweep(audience, recipe_of(bundle, 0.3), "action").thresholds(),
        "solve, one dial, exact": lambda: solve(audience, alone, goals),
        "solve, four dials, searched": lambda: solve(audience, others, goals),
    }
    rows = []
    for name, ask in asked.items():
        wall, cpu = time.perf_counter(), time.process_time()
        ask()
        rows.append(
            {"what": name, "s": round(time.perf_counter() - wall, 1), "cpu s": round(time.process_time() - cpu, 1)}
        )
    return rows


def main() -> None:
    torch.set_num_threads(1)
    demo = bundles.load(sys.argv[1]) if len(sys.argv) > 1 else bundles.load_demo()
    rows = [frames("demo", demo, 500), *questions(demo)]
    report("audience", rows)  # so that nothing is lost while the large one runs
    wide = large(demo)
    report("audience", [*rows, frames("generated", wide, 500), frames("generated", wide, 150)])


if __name__ == "__main__":
    main()
