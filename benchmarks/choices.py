"""Which SAE a new bundle should get: every variant on several data sets and seeds.

    python benchmarks/choices.py [SOURCE ...]        beside demo and a planted set

For each SAE at k 16 and 32 the mean and spread over three seeds of: what is kept of the CFAE's nDCG@20 and Recall@20
through the code, cosine, mean non-zeros, and the share of neurons that are dead on users and on single items.
Prints a table; docs/decisions/0009-topk-with-k-32.md has the last results and what was concluded.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

from knobs_core import bundles
from knobs_core.data.planted import planted

SEEDS = (1, 2, 3)
KINDS = {
    "topk": ("topk", {}),
    "topk, from chance, no resampling": ("topk", {"start": "random", "lr": 0.001, "decay": 0, "resample_every": 0}),
    "batchtopk": ("batchtopk", {}),
    "matryoshka": ("matryoshka", {}),
}


def plant(folder: Path) -> str:
    tables = planted(n_users=2_000, n_items=1_000, n_concepts=40, mean_likes=30)
    for name in ("interactions", "items", "tags"):
        getattr(tables, name).to_parquet(folder / f"{name}.parquet")
    return str(folder)


def measure(source: str, kind: str, k: int, seed: int) -> tuple[float, ...]:
    sae, changes = KINDS[kind]
    metrics = bundles.train(source, sae=sae, overrides={"sae": {"k": k, **changes}}, seed=seed).manifest.metrics
    neurons, nested, retained = (metrics[name] for name in ("neurons", "nested", "retained"))
    dead = (neurons[name] / neurons["total"] for name in ("dead_on_users", "dead_on_items"))
    return retained["ndcg@20"], retained["recall@20"], nested["cosine"], nested["l0"], *dead


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sources = [*sys.argv[1:], "demo", plant(Path(folder))]
        print("data | SAE | k | kept nDCG | kept Recall | cosine | non-zeros | dead on users | dead on items")
        for source in sources:
            for k in (16, 32):
                for kind in KINDS:
                    rows = np.array([measure(source, kind, k, seed) for seed in SEEDS])
                    cells = (f"{m:.3f} ± {s:.3f}" for m, s in zip(rows.mean(0), rows.std(0), strict=True))
                    name = "planted" if source.startswith(folder) else Path(source).stem
                    print(" | ".join([name, kind, str(k), *cells]), flush=True)


if __name__ == "__main__":
    main()
