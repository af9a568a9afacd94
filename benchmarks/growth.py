"""Cost as work grows: time and memory of each stage for more items, more users and more neurons, and where it ends.

    python benchmarks/growth.py

Each size runs in a process of its own for a moment; one thing grows while the others stay at 10,000 items, 10,000 users
with 10 likes each, d 128 and 1,000 neurons. Stages: making the data; an epoch of ELSA (20 steps of 512 users measured
and scaled up to all users, hence "~"); an epoch of the SAE over users and items (20 steps of 1024, likewise); codes of
all single items; the map of 100 tags; one turn of 16 dials. The line after each three extrapolates peak memory in a
straight line from the last two sizes to the machine's memory: an estimate, not a measurement.
"""

import multiprocessing
import resource
import time

import numpy as np
import scipy.sparse as sp
import torch
from _report import hardware, median_ms, report
from engine import dials_of

from knobs_core.concepts.tfidf import concept_map
from knobs_core.data.planted import planted_likes
from knobs_core.data.sparse import single_items
from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.fit import Adam
from knobs_core.models.nested import Nested
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from knobs_core.steering.engine import Engine
from knobs_core.steering.recommend import ReferenceRanking

DIM, STEPS = 128, 20
GROWTH = {
    "items": (10_000, 100_000, 1_000_000),
    "users": (10_000, 100_000, 1_000_000),
    "neurons": (1_000, 10_000, 100_000),
}
USUAL = {"items": 10_000, "users": 10_000, "neurons": 1_000}


def steps(model: torch.nn.Module, batches: list) -> float:
    """Seconds a step, the first not counted."""
    optimizer, seconds = Adam(model.parameters(), 1e-3), []
    for batch in batches:
        began = time.perf_counter()
        optimizer.zero_grad()
        model.loss(batch).backward()
        model.before_step()
        optimizer.step()
        model.after_step()
        seconds.append(time.perf_counter() - began)
    return float(np.mean(seconds[1:]))


def stages(items: int, users: int, neurons: int) -> dict:
    torch.set_num_threads(2)
    generator, rng = torch.Generator().manual_seed(0), np.random.default_rng(0)
    row: dict = {}

    def done(name: str, began: float) -> None:
        row[name] = round(time.perf_counter() - began, 2)

    began = time.perf_counter()
    likes, concept = planted_likes(users, items, 10 * users, n_concepts=100)
    done("data s", began)
    cfae = ELSA(items, ELSAConfig(dim=DIM), generator)
    seconds = steps(cfae, [to_bags(likes[rng.choice(users, 512, replace=False)]) for _ in range(STEPS)])
    row["~ELSA epoch s"] = round(seconds * users / 512, 2)
    sae = TopKSAE(DIM, TopKConfig(width_ratio=neurons / DIM, k=32), generator)
    with torch.no_grad():
        batches = [cfae.encode(to_bags(likes[rng.choice(users, 1024, replace=False)])) for _ in range(STEPS)]
    row["~SAE epoch s"] = round(steps(sae, batches) * (users + items) / 1024, 2)
    nested = Nested(cfae, sae)
    began = time.perf_counter()
    codes = nested.codes(single_items(items))
    done("item codes s", began)
    began = time.perf_counter()
    tag_items = sp.csr_matrix((np.ones(items, np.float32), (concept, np.arange(items))), shape=(100, items))
    concept_map([f"concept {n}" for n in range(100)], tag_items, codes)
    done("map s", began)
    torch.set_num_threads(1)
    engine = Engine(nested)
    person = engine.taste(likes[0])
    standing, dials = ReferenceRanking(person.base, person.seen), dials_of(person.z, 16, 0)
    row["turn ms"] = round(median_ms(lambda: engine.recommend(person, dials, reference=standing), 9), 2)
    row["peak MiB"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
    return row


def _child(pipe, sizes: dict) -> None:
    pipe.send(stages(**sizes))


def main() -> None:
    context, rows = multiprocessing.get_context("spawn"), []
    memory = hardware()["memory_gib"] * 1024
    for what, sizes in GROWTH.items():
        peaks = []
        for size in sizes:
            here, there = context.Pipe()
            process = context.Process(target=_child, args=(there, {**USUAL, what: size}))
            process.start()
            there.close()
            try:
                row = here.recv()
                peaks.append(row["peak MiB"])
            except EOFError:
                row = {"peak MiB": "out of memory"}
            process.join()
            rows.append({what: f"{size:,}", **row})
            show(rows)  # after each, so that nothing is lost
        if len(peaks) == len(sizes):
            slope = max(peaks[-1] - peaks[-2], 1) / (sizes[-1] - sizes[-2])
            end = sizes[-1] + (memory - peaks[-1]) / slope
            rows.append({what: f"extrapolated end: {end:.1e}", "peak MiB": memory})
            show(rows)


def show(rows: list[dict]) -> None:
    columns = dict.fromkeys([*GROWTH, *(column for row in rows for column in row)])
    report("growth", [{column: row.get(column) for column in columns} for row in rows])


if __name__ == "__main__":
    main()
