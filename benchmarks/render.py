"""A recipe rendered for everybody: readers a second and peak memory, beside steering the same readers without rules.

    python benchmarks/render.py                      100,000 readers x 40,857 items, some minutes on one core
    python benchmarks/render.py --readers 5000

Likes are generated in the shape of the Million Song Dataset (75 a reader); weights are random and untrained, on which
none of this depends: ELSA of 512 dimensions with 4,096 neurons of which 32 are active. A list has 20 rows. Two recipes:
one with a dial up, one down, a pin, a ban and a pool from a year on, and the same with a quota of decades, for which
rows are chosen one by one. The peer is ``steer_all`` for the same dials, which ranks 80 items for each reader: what a
model costs, and what no rule and no file can save. One thread; each row in a process of its own, whose peak memory
(max RSS) counts data and models, too: the process that only makes them is the first row.
"""

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from _report import report
from engine import DIM, N_ITEMS, models

from knobs_core.bundles import Bundle
from knobs_core.bundles.manifest import FileRecord, Manifest, ModelRecord, SourceRecord
from knobs_core.concepts.recipes import ConceptRecipe
from knobs_core.concepts.tfidf import ConceptMap
from knobs_core.data import DataConfig, Interactions
from knobs_core.data.planted import planted_likes
from knobs_core.lists import recipe_of, render
from knobs_core.models import InputsConfig
from knobs_core.steering import steer_all

LIKES, LENGTH, RANKED = 75, 20, 80
RECIPE = {
    "slug": "evening",
    "length": LENGTH,
    "dials": [{"knob": "loud", "amount": 0.3}, {"knob": "slow", "amount": -0.4}],
    "pins": [{"item": "i7", "place": 3}],
    "bans": ["i9"],
    "pool": {"first": 1965},
}
QUOTA = {"quotas": [{"of": "decade", "most": 3, "window": 10}]}


def bundle_of(readers: int) -> Bundle:
    """A bundle of generated likes and untrained models."""
    likes, _ = planted_likes(readers, N_ITEMS, LIKES * readers)
    number = np.arange(N_ITEMS)
    items = pd.DataFrame({"title": [f"Title {i}" for i in number], "genres": "", "image_url": ""})
    items["year"] = pd.array(1950 + number % 70, dtype="Int64")
    ids = [np.array([f"{letter}{i}" for i in range(n)], object) for letter, n in (("u", readers), ("i", N_ITEMS))]
    tags = pd.DataFrame({"item": [0, 1], "tag": ["loud", "slow"], "weight": [1.0, 1.0]})
    nothing = ModelRecord(name="generated", config={}, training={})
    manifest = Manifest(
        source=SourceRecord(name="generated", checksum=""),
        seed=0,
        data=DataConfig(),
        cfae=nothing,
        sae=nothing,
        inputs=InputsConfig(),
        versions={},
        metrics={},
        files={"none": FileRecord(bytes=0, sha256="")},
    )
    nested = models(N_ITEMS)
    concepts = ConceptMap(["loud", "slow"], np.zeros((2, 8 * DIM)))
    recipes = [ConceptRecipe({1: 0.5, 2: 0.3, 3: 0.2}), ConceptRecipe({4: 0.6, 5: 0.4})]
    return Bundle(manifest, Interactions(likes, *ids, items, tags), nested, concepts, recipes, [], [])


def _child(pipe, what: str, readers: int) -> None:
    torch.set_num_threads(1)
    bundle = bundle_of(readers)
    began, cpu, size = time.perf_counter(), time.process_time(), 0
    if what == "steering alone":
        dials = bundle.knobs.dials({dial["knob"]: dial["amount"] for dial in RECIPE["dials"]})
        for _ in steer_all(bundle.nested, bundle.interactions.matrix, dials, RANKED):
            pass
    elif what != "data and models":
        recipe = recipe_of(RECIPE | (QUOTA if "quota" in what else {}))
        with tempfile.TemporaryDirectory() as folder:
            done = render(bundle, recipe, Path(folder) / "lists.parquet")
            assert done.rows == LENGTH * readers
            size = (Path(folder) / "lists.parquet").stat().st_size
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    row = {
        "what": what,
        "readers": readers,
        "peak MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10),
    }
    if what != "data and models":
        row |= {"s": round(seconds, 1), "readers/s": round(readers / seconds), "processor s": round(cpu, 1)}
    pipe.send(row | ({"file MiB": round(size / 2**20, 1)} if size else {}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--without-quota", action="store_true", help="Leave the recipe with a quota out.")
    readers, without = vars(parser.parse_args()).values()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    context, rows = multiprocessing.get_context("spawn"), []
    for what in ("data and models", "steering alone", "rendering", *(() if without else ("rendering, a quota",))):
        here, there = context.Pipe()
        process = context.Process(target=_child, args=(there, what, readers))
        process.start()
        there.close()
        rows.append(here.recv())
        process.join()
        if what.startswith("rendering"):
            rows[-1]["times steering"] = round(rows[-1]["processor s"] / rows[1]["processor s"], 2)
        report("render", rows)


if __name__ == "__main__":
    main()
