"""The steering engine: one turn of a dial against decoding again, MultVAE's decoder, and steering everybody at once.

    python benchmarks/engine.py             40,857 and 1,000,000 items, d 512, 4096 neurons; 100,000 users steered
    python benchmarks/engine.py --quick     40,857 items and 2,000 users

Weights are random: nothing here depends on what a model has learnt. A turn is the blend, the new list of 20, where its
items stood and where those of the old list stand now, with another amount each time; the old list is ranked once.
Every second dial is a concept of five neurons; two dials bring more and take turns, all others push away. Decoding
again is ``steered_scores`` and a sort of all scores in each hand, as it goes without the engine. Turns run on one
thread; besides the wall clock, that thread's processor time is told, which is the same on a quiet machine and does not
count what others do on a busy one. The ratio is that of processor times.
"""

import resource
import sys
import time

import numpy as np
import scipy.sparse as sp
import torch
from _report import median_ms, report

from knobs_core.base.ranking import ranking
from knobs_core.data.planted import planted_likes
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.nested import Nested
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from knobs_core.steering.batch import steer_all
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from knobs_core.steering.recommend import ReferenceRanking
from knobs_core.steering.spread import reach_of, steered_scores
from knobs_core.steering.turns import deal_first

DIM, N_ITEMS = 512, 40_857


def models(n_items: int) -> Nested:
    generator = torch.Generator().manual_seed(0)
    return Nested(
        ELSA(n_items, ELSAConfig(dim=DIM), generator), TopKSAE(DIM, TopKConfig(width_ratio=8, k=32), generator)
    )


def dials_of(z: np.ndarray, n: int, turn: int) -> list[Dial]:
    rng = np.random.default_rng(n)
    dials = []
    for i in range(n):
        neurons = rng.choice(len(z), 5 if i % 2 else 1, replace=False).tolist()
        amount = 0.2 + 0.01 * (turn % 50) if i < 2 else -(0.5 + 0.01 * (turn % 50)) / n
        dials.append(Dial({j: 1 / len(neurons) for j in neurons}, amount))
    return dials


def turns(n_items: int) -> list[dict]:
    torch.set_num_threads(1)
    nested = models(n_items)
    engine = Engine(nested, memory=2**30)
    history = sp.csr_matrix(
        (np.ones(80, np.float32), np.random.default_rng(1).choice(n_items, 80, replace=False), [0, 80]), (1, n_items)
    )
    person = engine.taste(history)
    standing = ReferenceRanking(person.base, person.seen)
    rows = []
    for n in (4, 16, 64):
        turn = iter(range(10_000))

        def blended(n: int = n, turn=turn):
            return engine.hand_scores(person, dials_of(person.z, n, next(turn)))

        def engine_turn(n: int = n, turn=turn):
            return engine.recommend(person, dials_of(person.z, n, next(turn)), reference=standing)

        def decoded(n: int = n, turn=turn):
            dials, encoded = dials_of(person.z, n, next(turn)), nested.encode(history)
            reach = reach_of(nested.scores(encoded), history)
            held, scores = steered_scores(nested, encoded.y, reach, dials)
            lists = [ranking(one[0], person.seen)[:20] for one in scores]
            return deal_first(lists, [hand.pace for hand in held], 20)

        big = n_items > 100_000
        began = time.perf_counter()
        engine_turn()
        first = time.perf_counter() - began
        row = {"what": f"{n_items:,} items, {n} dials", "first turn ms": round(first * 1e3, 1)}
        for name, clock in (("wall", time.perf_counter), ("cpu", time.thread_time)):
            making = median_ms(lambda n=n, turn=turn: dials_of(person.z, n, next(turn)), 50, clock=clock)
            row[f"blend {name} ms"] = round(median_ms(blended, 11 if big else 101, clock=clock) - making, 3)
            row[f"turn {name} ms"] = round(median_ms(engine_turn, 11 if big else 101, clock=clock) - making, 3)
            row[f"decode again {name} ms"] = round(median_ms(decoded, 3 if big else 9, 1, clock=clock) - making, 2)
        row["times"] = round(row["decode again cpu ms"] / row["turn cpu ms"], 1)
        rows.append(row)
    return rows


def multvae() -> dict:
    torch.set_num_threads(2)
    model = MultVAE(N_ITEMS, MultVAEConfig(dim=DIM), torch.Generator().manual_seed(0)).eval()
    y = torch.randn(1, DIM, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        decode = median_ms(lambda: model.decode(y), 21)
    return {"what": f"MultVAE {DIM}-{3 * DIM}-{N_ITEMS}, one decode, 2 threads", "turn wall ms": round(decode, 1)}


def everybody(n_users: int) -> dict:
    torch.set_num_threads(2)
    histories, _ = planted_likes(n_users, N_ITEMS, 78 * n_users)
    nested = models(N_ITEMS)
    dials = [Dial({3: 0.5, 4: 0.5}, 0.3), Dial({9: 1.0}, 0.1)]
    next(steer_all(nested, histories, dials))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    done = sum(len(block.items) for block in steer_all(nested, histories, dials))
    seconds = time.perf_counter() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "what": f"{done:,} users x {N_ITEMS:,} items, top 50, 2 threads",
        "users/s": round(done / seconds),
        "seconds": round(seconds, 1),
        "memory grown MiB": round(grown / 2**10),
    }


def main() -> None:
    quick = "--quick" in sys.argv
    rows = [multvae(), *turns(N_ITEMS)]
    report("engine", rows)  # so that nothing is lost while the long ones run
    if not quick:
        rows += turns(1_000_000)
        report("engine", rows)
    report("engine", [*rows, everybody(2_000 if quick else 100_000)])


if __name__ == "__main__":
    main()
