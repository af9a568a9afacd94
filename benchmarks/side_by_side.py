"""Concurrent visitors: 1, 5 and 20 steering sessions side by side, against the same work one after the other.

    python benchmarks/side_by_side.py

Sessions are threads of one process that share one engine, as Streamlit runs them, each turning eight dials of its own
person 40 times: scores, both lists, ranks. 40,857 items, d 512. Once with one torch thread a session, as the app sets
it, and once with torch's own choice. MultVAE, which decodes at every turn, likewise with 5 turns.
"""

import sys
import threading
import time

import numpy as np
import torch
from _report import report
from engine import N_ITEMS, dials_of, models

from knobs_core.data.planted import planted_likes
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.nested import Nested
from knobs_core.steering.engine import Engine
from knobs_core.steering.recommend import ReferenceRanking

SESSIONS = (1, 5, 20)


def session(engine: Engine, person, seed: int, n_turns: int, waits: list[float]) -> None:
    standing = ReferenceRanking(person.base, person.seen)
    for turn in range(n_turns):
        began = time.perf_counter()
        dials = dials_of(person.z, 8, seed + turn)
        engine.recommend(person, dials, reference=standing)
        waits.append(time.perf_counter() - began)


def measure(name: str, engine: Engine, people: list, n_turns: int) -> list[dict]:
    session(engine, people[0], 0, 2, [])
    rows = []
    for n in SESSIONS:
        alone: list[float] = []
        began = time.perf_counter()
        for i in range(n):
            session(engine, people[i], i, n_turns, alone)
        one_by_one = time.perf_counter() - began
        waits: list[float] = []
        visitors = [threading.Thread(target=session, args=(engine, people[i], i, n_turns, waits)) for i in range(n)]
        began = time.perf_counter()
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        together = time.perf_counter() - began
        rows.append(
            {
                "what": name,
                "sessions": n,
                "torch threads": torch.get_num_threads(),
                "one by one s": round(one_by_one, 3),
                "together s": round(together, 3),
                "together / one by one": round(together / one_by_one, 2),
                "turn ms, median": round(float(np.median(waits)) * 1e3, 2),
                "turn ms, p95": round(float(np.quantile(waits, 0.95)) * 1e3, 2),
            }
        )
    return rows


def main() -> None:
    histories, _ = planted_likes(max(SESSIONS), N_ITEMS, 80 * max(SESSIONS))
    straight = models(N_ITEMS)
    generator = torch.Generator().manual_seed(0)
    bent = Nested(MultVAE(N_ITEMS, MultVAEConfig(dim=512), generator), straight.sae)
    rows, own = [], torch.get_num_threads()
    for n_threads in dict.fromkeys((1, own)):
        torch.set_num_threads(n_threads)
        for name, nested, n_turns in (("ELSA", straight, 40), ("MultVAE", bent, 5)):
            engine = Engine(nested)
            people = [engine.taste(histories[row]) for row in range(max(SESSIONS))]
            if "--quick" not in sys.argv or name == "ELSA":
                rows += measure(name, engine, people, n_turns)
    report("side_by_side", rows)


if __name__ == "__main__":
    main()
