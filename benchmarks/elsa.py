"""ELSA: time to the validation nDCG@20 that the package elsarec and the plain dense form reach.

    python benchmarks/elsa.py --size demo|million|paper [--seconds 60] [--dim N]

Each contender trains on the same users for at most so many seconds, evaluation not counted, on nDCG@20 of the same
validation users:
    ours           the Gram form from the spectral start, batch size and learning rate for that size (``OURS``)
    ours, random   the same from a random start, with its own (``RANDOM``)
    elsarec        its model and train step with its defaults (NAdam 0.1), batches of 1024 made dense as its loader does
    dense, paper   xhat = ReLU(x A A^T - x) over all items, batch 1024, Adam 3e-4, rows kept at unit length
A contender that is slower than the limit is followed as far as it comes. Each runs in a process of its own, whose peak
memory is told. Then: how long ours took to what each other one reached at its best. Peers come with
``pip install -e ".[bench]"``.
"""

import argparse
import importlib.metadata
import importlib.util
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from _report import report
from torch.nn import functional as F

from knobs_core import data
from knobs_core.base.ranking import top_k
from knobs_core.data.planted import planted_likes
from knobs_core.evaluation.metrics import ndcg_at_k
from knobs_core.models.batches import shuffled
from knobs_core.models.cfae.bags import to_bags
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.fit import Adam

DIMS = {"demo": 128, "million": 256, "paper": 512}
OURS = {"demo": (128, 0.01), "million": (512, 0.01), "paper": (4096, 0.001)}  # batch size, learning rate
RANDOM = {**OURS, "paper": (2048, 0.003)}
PARTS = ("likes.npz", "shown.npz", "hidden.npz")
N_JUDGES = {"demo": None, "million": None, "paper": 2000}  # validation users


def write(size: str, folder: Path) -> None:
    """Training users, and inputs and targets of the validation users, for the processes to read."""
    if size == "demo":
        matrix = data.load_data("demo").matrix
    elif size == "million":
        matrix, _ = planted_likes(6_000, 3_500, 1_000_000, n_concepts=40, noise=0.01)
    else:
        matrix, _ = planted_likes()
    split, n = data.split_users(matrix, 42), N_JUDGES[size]
    for name, part in zip(PARTS, (matrix[split.train], split.val.inputs[:n], split.val.targets[:n]), strict=True):
        sp.save_npz(folder / name, part, compressed=False)


def ndcg(vectors: torch.Tensor, shown: sp.csr_matrix, hidden: sp.csr_matrix) -> float:
    """Mean nDCG@20 of the scores y A^T, for unit rows A, in blocks."""
    values = []
    with torch.inference_mode():
        for start in range(0, shown.shape[0], 500):
            inputs, targets = (m[start : start + 500] for m in (shown, hidden))
            bags = to_bags(inputs)
            y = F.embedding_bag(bags.items, vectors, bags.offsets, mode="sum")
            values.append(ndcg_at_k(top_k(y @ vectors.T, inputs, 20), targets))
    return float(np.nanmean(np.concatenate(values)))


Trainer = Iterator[torch.Tensor]  # after each step: unit item vectors


def gram(likes: sp.csr_matrix, dim: int, batch: int, lr: float, start: str) -> Trainer:
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    model = ELSA(likes.shape[1], ELSAConfig(dim=dim, start=start), generator)
    model.start(likes, generator)
    optimizer = Adam(model.parameters(), lr)
    while True:
        for rows in shuffled(likes.shape[0], batch, rng):
            optimizer.zero_grad()
            model.loss(to_bags(likes[rows])).backward()
            model.before_step()
            optimizer.step()
            model.after_step()
            yield model.item_vectors.detach()


def dense(likes: sp.csr_matrix, dim: int, batch: int = 1024, lr: float = 3e-4) -> Trainer:
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    bound = np.sqrt(6 / dim)
    vectors = torch.nn.Parameter(
        F.normalize(torch.empty(likes.shape[1], dim).uniform_(-bound, bound, generator=generator))
    )
    optimizer = torch.optim.Adam([vectors], lr=lr, betas=(0.9, 0.99))
    while True:
        for rows in shuffled(likes.shape[0], batch, rng):
            x = torch.from_numpy(likes[rows].toarray())
            optimizer.zero_grad()
            xhat = F.relu(x @ vectors @ vectors.T - x)
            (F.normalize(xhat) - F.normalize(x)).square().sum(1).mean().backward()
            with torch.no_grad():
                vectors.grad -= (vectors.grad * vectors).sum(1, keepdim=True) * vectors
                optimizer.step()
                vectors.copy_(F.normalize(vectors))
            yield vectors.detach()


def elsarec(likes: sp.csr_matrix, dim: int, batch: int = 1024) -> Trainer:
    # By its place: its package is called as this file is.
    place = importlib.metadata.distribution("elsarec").locate_file("elsa/elsa.py")
    spec = importlib.util.spec_from_file_location("elsarec", place)
    package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    model = package.ELSA(likes.shape[1], dim, device=torch.device("cpu"))
    while True:
        for rows in shuffled(likes.shape[0], batch, rng):
            x = torch.from_numpy(likes[rows].toarray())
            model.train_step(x, x)
            yield F.normalize(model.get_items_embeddings())


def follow(trainer: Callable[..., Trainer], settings: dict, folder: Path, seconds: float) -> dict:
    """One contender's curve [(seconds, epochs, nDCG)], its milliseconds a step and its peak memory."""
    torch.set_num_threads(2)
    likes, *judges = (sp.load_npz(folder / name) for name in PARTS)
    start_memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    batch = settings["batch"]
    a_pass, spent, looks, curve, steps = -(-likes.shape[0] // batch), 0.0, 0.0, [], 0
    warm = torch.nn.Parameter(torch.zeros(8))  # what every optimiser imports and sets up once is nobody's time
    warm.square().sum().backward()
    torch.optim.Adam([warm]).step()
    training = trainer(likes, settings["dim"], **{k: v for k, v in settings.items() if k != "dim"})
    while spent < seconds:
        began = time.perf_counter()
        vectors = next(training)
        spent += time.perf_counter() - began
        steps += 1
        if spent >= looks or spent >= seconds:  # looked at more and more rarely: at each tenth more time
            curve.append((round(spent, 3), round(steps / a_pass, 2), ndcg(vectors, *judges)))
            looks = max(1.15 * spent, spent + 0.05)
    return {
        "curve": curve,
        "ms_a_step": 1e3 * spent / steps,
        "s_an_epoch": spent / steps * a_pass,
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10),
        "data_mib": round(start_memory / 2**10),
    }


def _child(pipe, *arguments) -> None:
    try:
        pipe.send(follow(*arguments))
    except ImportError as error:
        pipe.send({"missing": error.name})


def measured(*arguments) -> dict:
    """``follow`` in a process of its own, so that its peak memory is its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_child, args=(there, *arguments))
    process.start()
    result = here.recv()
    process.join()
    return result


def row(run: dict, ours: dict) -> dict:
    """A contender's line: its best, when, and when ours was as good."""
    seconds, epochs, best = max(run["curve"], key=lambda look: look[2])
    as_good = next((t for t, _, value in ours["curve"] if value >= best), None)
    return {
        "best nDCG@20": round(best, 4),
        "after s": seconds,
        "after epochs": epochs,
        "ours as good after s": as_good,
        "times": round(seconds / as_good, 1) if as_good else None,
        "s an epoch": round(run["s_an_epoch"], 2),
        "ms a step": round(run["ms_a_step"], 1),
        "peak MiB": run["peak_mib"],
        "of it data and libraries": run["data_mib"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=DIMS, default="demo")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--dim", type=int)
    options = parser.parse_args()
    size, dim = options.size, options.dim or DIMS[options.size]
    (batch, lr), (random_batch, random_lr) = OURS[size], RANDOM[size]
    contenders = {
        "ours": (gram, {"dim": dim, "batch": batch, "lr": lr, "start": "spectral"}),
        "ours, random": (gram, {"dim": dim, "batch": random_batch, "lr": random_lr, "start": "random"}),
        "elsarec": (elsarec, {"dim": dim, "batch": 1024}),
        "dense, paper": (dense, {"dim": dim, "batch": 1024}),
    }
    runs, rows = {}, []
    with tempfile.TemporaryDirectory() as folder:
        write(size, Path(folder))
        for name, contender in contenders.items():
            runs[name] = run = measured(*contender, Path(folder), options.seconds)
            rows.append(
                {"trained": name, **({"missing": run["missing"]} if "missing" in run else row(run, runs["ours"]))}
            )
            curves = {name: run.get("curve") for name, run in runs.items()}
            notes = f"d {dim}, at most {options.seconds:g} s of training each"
            report(f"elsa_{size}", rows, notes, curves=curves)  # after each, so that nothing is lost


if __name__ == "__main__":
    main()
