"""One graphics card: training at the paper's shape, and a turn of a dial, beside the same work on the processor.

    python benchmarks/gpu.py             128,621 x 40,857 likes, turns at 40,857 and 1,000,000 items; aim: eight minutes
    python benchmarks/gpu.py --quick     a fiftieth of the people and a tenth of the items
    python benchmarks/gpu.py --device cpu --quick    tries the script where there is no card; nothing is kept

Epochs are timed on the card alone, in each precision of its products: "highest" is single precision, "high" TF32, and
"medium" bfloat16, all with sums in single precision; what is trained is otherwise what ``knobs train`` trains. The loss
beside each epoch is that of the validation users after it, so that a precision that loses something shows. The SAE
reads the embeddings of all training users by that ELSA. DLAE is not here: it has no epochs, is solved in closed form on
the processor, and is refused above 25,000 items.

A turn is one call of ``Engine.recommend`` with another amount each time, on one thread and on the card; both engines
hold the same weights. Beside its time stands whether both gave the same 20 titles in the same order, over all turns,
and where they did not, how far apart the scores of the titles that changed places are.
"""

import argparse
import time
from collections.abc import Callable, Iterator

import numpy as np
import scipy.sparse as sp
import torch
from _report import median_ms, report

from knobs_core.data import split_users
from knobs_core.data.planted import planted_likes
from knobs_core.models.batches import shuffled
from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig
from knobs_core.models.fit import Adam, Trainable
from knobs_core.models.nested import Nested
from knobs_core.models.sae.topk import TopKConfig, TopKSAE
from knobs_core.steering.batch import steer_all
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine

DIM, WIDTH_RATIO, K = 512, 16, 32  # an SAE of 8192 neurons
PRECISIONS = ("highest", "high", "medium")
BATCHES = {"ELSA": (1024, 4096), "MultVAE": (1024,), "SAE": (1024, 4096)}
LR = {"ELSA": 0.003, "MultVAE": 0.001, "SAE": 0.003}


class Clock:
    """Seconds by the wall clock until the device has done what it was given."""

    def __init__(self, device: torch.device):
        self.device = device

    def __call__(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


def epoch(model: Trainable, optimizer: Adam, batches: Iterator) -> int:
    """One epoch as ``fit`` goes through it; its steps."""
    steps = 0
    model.train()
    for batch in batches:
        optimizer.zero_grad()
        model.loss(batch).backward()
        model.before_step()
        optimizer.step()
        model.after_step()
        steps += 1
    model.eval()
    return steps


def epochs(
    name: str,
    make: Callable[[], Trainable],
    batches: Callable[[int, np.random.Generator], Iterator],
    judge,
    clock: Clock,
) -> list[dict]:
    """A row for each precision and batch size: the second epoch, as the first one also sets the device up."""
    rows = []
    for precision in PRECISIONS:
        torch.set_float32_matmul_precision(precision)
        for batch_size in BATCHES[name]:
            model, rng = make(), np.random.default_rng(0)
            optimizer = Adam(model.parameters(), LR[name])
            epoch(model, optimizer, batches(batch_size, rng))
            began = clock()
            steps = epoch(model, optimizer, batches(batch_size, rng))
            seconds = clock() - began
            with torch.no_grad():
                loss = float(model.loss(judge))
            rows.append(
                {
                    "what": f"{name}, an epoch in batches of {batch_size}",
                    "precision": precision,
                    "seconds": round(seconds, 3),
                    "ms a step": round(1e3 * seconds / steps, 2),
                    "validation loss": round(loss, 5),
                }
            )
            print(rows[-1])
    torch.set_float32_matmul_precision("highest")
    return rows


def training(likes: sp.csr_matrix, device: torch.device) -> list[dict]:
    clock, split = Clock(device), split_users(likes, 42)
    train, shown = likes[split.train], split.val.inputs
    n_items = likes.shape[1]
    dim = min(DIM, n_items // 2)

    def bags(batch_size: int, rng: np.random.Generator) -> Iterator:
        return (to_bags(train[rows], device) for rows in shuffled(train.shape[0], batch_size, rng))

    def elsa() -> ELSA:
        return ELSA(n_items, ELSAConfig(dim=dim), torch.Generator().manual_seed(0)).to(device)

    def multvae() -> MultVAE:
        return MultVAE(n_items, MultVAEConfig(dim=dim), torch.Generator().manual_seed(0)).to(device)

    judge = to_bags(shown, device)
    rows = epochs("ELSA", elsa, bags, judge, clock)
    rows += epochs("MultVAE", multvae, bags, judge, clock)
    recommender = elsa()
    epoch(recommender, Adam(recommender.parameters(), LR["ELSA"]), bags(1024, np.random.default_rng(0)))

    def sae() -> TopKSAE:
        config = TopKConfig(width_ratio=WIDTH_RATIO, k=K)
        return TopKSAE(dim, config, torch.Generator().manual_seed(0)).to(device)

    nested = Nested(recommender, sae(), device)
    embeddings, judges = nested.embeddings(train).to(device), nested.embeddings(shown).to(device)

    def rows_of(batch_size: int, rng: np.random.Generator) -> Iterator:
        return (embeddings[torch.as_tensor(at, device=device)] for at in shuffled(len(embeddings), batch_size, rng))

    return rows + epochs("SAE", sae, rows_of, judges, clock)


def turns(n_items: int, device: torch.device) -> list[dict]:
    """A turn with 4 and with 16 dials on both devices, which hold the same weights."""
    torch.set_num_threads(1)

    def engine(where: torch.device | str) -> Engine:
        generator = torch.Generator().manual_seed(0)
        cfae = ELSA(n_items, ELSAConfig(dim=DIM), generator)
        return Engine(Nested(cfae, TopKSAE(DIM, TopKConfig(width_ratio=8, k=K), generator), where), memory=2**32)

    engines = {"processor": engine("cpu"), "card": engine(device)}
    likes = np.random.default_rng(1).choice(n_items, 80, replace=False)
    history = sp.csr_matrix((np.ones(80, np.float32), likes, [0, 80]), (1, n_items))
    people = {name: one.taste(history) for name, one in engines.items()}
    rows = []
    for n in (4, 16):

        def dials(turn: int, n: int = n) -> list[Dial]:
            amounts = [0.2 + 0.01 * (turn % 50), *[-(0.5 + 0.01 * (turn % 50)) / n] * (n - 1)]
            return [Dial({17 * i + 1: 1.0}, amount) for i, amount in enumerate(amounts)]

        row = {"what": f"{n_items:,} items, a turn with {n} dials"}
        for name, one in engines.items():
            turn = iter(range(10**6))
            clock = Clock(device if name == "card" else torch.device("cpu"))
            row[f"{name} ms"] = round(
                median_ms(
                    lambda one=one, name=name, turn=turn: one.recommend(people[name], dials(next(turn))), 31, 3, clock
                ),
                3,
            )
        row["times"] = round(row["processor ms"] / row["card ms"], 1)
        same, apart = 0, 0.0
        for turn in range(20):
            here, there = (engines[name].recommend(people[name], dials(turn)) for name in engines)
            same += bool((here.items == there.items).all())
            moved = here.items != there.items
            apart = max(apart, float(np.abs(here.scores[moved] - there.scores[moved]).max(initial=0)))
        row["same lists"] = f"{same} of 20"
        row["scores apart"] = apart
        rows.append(row)
        print(row)
    return rows


def everybody(likes: sp.csr_matrix, device: torch.device) -> dict:
    """Everybody's list with two dials turned, on the card."""
    generator = torch.Generator().manual_seed(0)
    dim = min(DIM, likes.shape[1] // 2)
    nested = Nested(
        ELSA(likes.shape[1], ELSAConfig(dim=dim), generator),
        TopKSAE(dim, TopKConfig(width_ratio=8, k=K), generator),
        device,
    )
    dials, clock = [Dial({3: 0.5, 4: 0.5}, 0.3), Dial({9: 1.0}, 0.1)], Clock(device)
    next(steer_all(nested, likes, dials))
    began = clock()
    done = sum(len(block.items) for block in steer_all(nested, likes, dials))
    seconds = clock() - began
    return {
        "what": f"{done:,} lists of 50 of {likes.shape[1]:,} items",
        "seconds": round(seconds, 1),
        "users/s": round(done / seconds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise SystemExit("expected a CUDA card; found none; run it with --device cpu --quick to try the script alone")
    card = torch.cuda.get_device_name(device) if device.type == "cuda" else "none: the processor in its place"
    kept = device.type == "cuda" and not options.quick
    began = time.perf_counter()
    likes, _ = planted_likes(2_600, 4_000, 200_000) if options.quick else planted_likes()
    rows: list[dict] = []
    for part in (
        lambda: turns(4_000 if options.quick else 40_857, device),
        lambda: [] if options.quick else turns(1_000_000, device),
        lambda: training(likes, device),
        lambda: [everybody(likes, device)],
    ):
        rows += part()
        minutes = (time.perf_counter() - began) / 60
        notes = f"{card}; CUDA {torch.version.cuda}; {minutes:.1f} minutes in all"
        if kept:
            report("gpu", rows, notes)  # after each part, so that nothing is lost
    print(notes)


if __name__ == "__main__":
    main()
