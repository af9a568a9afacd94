"""What processes that train together move, and what a step costs each of them, at n and 2n.

    python benchmarks/distributed.py                 one process, and two that torchrun starts, on this machine

ELSA with n items, the TopK SAE with n neurons: once as a copy on every rank, once in shards. Bytes are those of the
tensors that ranks sum or gather in a step (a ring sends 2 (P - 1) / P times as many for a sum), counted where torch
dispatches its collectives. Cpu is the time that the process itself has computed.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch
from _report import report
from torch.utils._python_dispatch import TorchDispatchMode

from knobs_core.models import Known, Ranks, joined
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.fit import Adam
from knobs_core.models.parallel import Part, spread_cfae, spread_sae
from knobs_core.models.sae import TopKConfig, TopKSAE

ITEMS, DIM, BATCH = 50_000, 64, 512
NEURONS, D_EMBED, K = 4_096, 128, 16
LIKES = 50  # of a user
WARM, STEPS = 3, 20


class Moved(TorchDispatchMode):
    """Counts the bytes of everything that ranks sum or gather."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        name = str(function)
        if any(word in name for word in ("all_reduce", "allreduce_", "all_gather_into_tensor")):
            given = args[0] if isinstance(args[0], torch.Tensor) else args[0][0]
            self.bytes += given.numel() * given.element_size()
        return function(*args, **(kwargs or {}))


def elsa(ranks: Ranks, n: int) -> dict[str, float]:
    """A step of ELSA with n items."""
    rng = np.random.default_rng(0)
    users = np.repeat(np.arange(4 * BATCH), LIKES)
    items = np.minimum(rng.zipf(1.3, len(users)) * rng.integers(1, 50, len(users)), n) - 1
    likes = sp.csr_matrix((np.ones(len(users), np.float32), (users, items)), (4 * BATCH, n))
    likes.data[:] = 1
    names = np.arange(n).astype(str)
    known = Known(likes, likes[:8], names, names[: 4 * BATCH], names[:8])
    model = ELSA(n, ELSAConfig(dim=DIM), torch.Generator().manual_seed(0))
    with spread_cfae(model, known, ranks, torch.device("cpu")) as spread:
        batches = [spread.batch(rows) for rows in np.array_split(rng.permutation(4 * BATCH), 4)]
        return measured(spread.model, lambda step: batches[step % 4])


def sae(ranks: Ranks, n: int, by_neurons: bool) -> dict[str, float]:
    """A step of a TopK SAE with n neurons."""
    y = torch.randn(4, BATCH, D_EMBED, generator=torch.Generator().manual_seed(0))
    config = TopKConfig(width_ratio=n / D_EMBED, k=K)
    model = TopKSAE(D_EMBED, config, torch.Generator().manual_seed(0))
    with spread_sae(model, ranks, by_neurons) as spread:
        mine, weight = ranks.share(BATCH)
        parts = [Part(one[mine], weight) if spread.in_parts else one for one in y]
        return measured(spread.model, lambda step: parts[step % 4])


def measured(model, batch: Callable[[int], object]) -> dict[str, float]:
    """Bytes and milliseconds of processor time of a step."""
    optimizer = Adam(model.parameters(), 1e-3)

    def step(number: int) -> None:
        optimizer.zero_grad()
        model.loss(batch(number)).backward()
        model.before_step()
        optimizer.step()
        model.after_step()

    with Moved() as moved:
        step(0)
    for number in range(WARM):
        step(number)
    began = time.process_time()
    for number in range(STEPS):
        step(number)
    return {"bytes": moved.bytes, "cpu": (time.process_time() - began) / STEPS * 1e3}


def cases(ranks: Ranks) -> list[dict[str, object]]:
    """All figures of one number of ranks, those of processor time the mean over the ranks."""
    rows = []
    work = {
        ("ELSA, items in shards", ITEMS): elsa,
        ("SAE, a copy each", NEURONS): lambda ranks, n: sae(ranks, n, False),
        ("SAE, neurons in shards", NEURONS): lambda ranks, n: sae(ranks, n, True),
    }
    for (name, size), one in work.items():
        for n in (size, 2 * size):
            found = one(ranks, n)
            cpu = float(ranks.total(torch.tensor(found["cpu"]))) / ranks.count
            row = {"model": name, "n": n, "ranks": ranks.count}
            rows.append({**row, "kB a step": round(found["bytes"] / 1e3, 1), "cpu ms a step": round(cpu, 1)})
    return rows


def main() -> None:
    if len(sys.argv) > 1:  # started by torchrun
        ranks = joined("cpu")
        rows = cases(ranks)
        ranks.leave()
        Path(sys.argv[1]).write_text(json.dumps(rows), encoding="utf-8")
        return
    torch.set_num_threads(1)
    alone = cases(joined("cpu"))
    with tempfile.NamedTemporaryFile() as file:
        torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
        subprocess.run([*torchrun, __file__, file.name], check=True)
        together = json.loads(Path(file.name).read_text(encoding="utf-8"))
    rows = [row for pair in zip(alone, together, strict=True) for row in pair]
    report(
        "distributed",
        rows,
        f"ELSA {DIM} dimensions, SAE {D_EMBED} -> n, k {K}; batch {BATCH}, one thread a process; float32, gloo.",
    )


if __name__ == "__main__":
    main()
