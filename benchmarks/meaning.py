"""How good the models are, and how far their neurons mean something, on several data sets and seeds.

    python benchmarks/meaning.py [SOURCE ...] [--seeds 42 1 2]        demo where no source is given

For each source, split and trained anew for every seed: ELSA and DLAE with default settings, beside EASE, whose lambda
is chosen on validation users, and popularity. A cell is the mean over seeds [least to most].

    nDCG@20, Recall@20    on test users                       of EASE    nDCG@20 over that of EASE with the same seed
    kept                  nDCG@20 through the code, k 32, over that of the recommender alone
    cosine                of embeddings with what the code rebuilds of them
    dead                  neurons that no user's full history activates; that no single item activates
    come back             share of neurons found again when a second SAE is trained (cosine 0.7); weighted by use
    named                 neurons whose name held on titles that it was not chosen by (``concepts/labels.py``)
    precision             of those names on such titles, 0 for chance and 1 for perfect
    seconds               to train a bundle with its names and measured knobs; of EASE, all lambdas
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from _report import report

from knobs_core import bundles
from knobs_core.base import top_k
from knobs_core.bundles import evaluate
from knobs_core.data import Interactions, load_data, split_users
from knobs_core.evaluation.baselines import MAX_ITEMS, chosen_ease
from knobs_core.evaluation.metrics import ndcg_at_k, recall_at_k

Figures = dict[str, float]
MODELS = ("elsa", "dlae")
DIGITS = {"named": 0, "dead on users": 0, "dead on items": 0, "seconds": 1}  # 3 for all others


def ease(data: Interactions, seed: int) -> Figures:
    split, began = split_users(data.matrix, seed), time.perf_counter()
    weights, _ = chosen_ease(data.matrix[split.train], split.val)
    seconds, test = time.perf_counter() - began, split.test
    ranked = top_k(torch.as_tensor(test.inputs @ weights), test.inputs, 20)
    measured = {
        name: np.nanmean(of(ranked, test.targets)) for name, of in (("ndcg", ndcg_at_k), ("recall", recall_at_k))
    }
    return {"nDCG@20": float(measured["ndcg"]), "Recall@20": float(measured["recall"]), "seconds": seconds}


def knobs(data: Interactions, cfae: str, seed: int) -> tuple[Figures, Figures]:
    """Figures of a trained bundle, and of popularity for the same test users."""
    began = time.perf_counter()
    bundle = bundles.train(data, cfae, seed=seed, device="cpu")
    seconds, metrics, again = time.perf_counter() - began, bundle.manifest.metrics, evaluate.stability(bundle)
    names = [label.held_out for label in bundle.labels if label.tags]
    return {
        **_accuracy(metrics["cfae"]),
        "kept": metrics["retained"]["ndcg@20"],
        "cosine": metrics["nested"]["cosine"],
        "dead on users": metrics["neurons"]["dead_on_users"],
        "dead on items": metrics["neurons"]["dead_on_items"],
        "come back": again["matched"],
        "by use": again["matched_by_use"],
        "named": len(names),
        "precision": float(np.mean(names)) if names else float("nan"),
        "seconds": seconds,
    }, _accuracy(metrics["popularity"])


def _accuracy(values: Figures) -> Figures:
    return {"nDCG@20": values["ndcg@20"], "Recall@20": values["recall@20"]}


def row(source: str, model: str, runs: list[Figures]) -> dict[str, object]:
    cells = {}
    for name in runs[0]:
        values, digits = np.array([run[name] for run in runs]), DIGITS.get(name, 3)
        cells[name] = f"{values.mean():.{digits}f} [{values.min():.{digits}f} to {values.max():.{digits}f}]"
    return {"data": source, "model": model, **cells}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="*", default=["demo"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[42, 1, 2])
    asked = parser.parse_args()
    for source in asked.sources:
        data, name = load_data(source), Path(source).stem
        found: dict[str, list[Figures]] = {}
        for seed in asked.seeds:
            peer = ease(data, seed) if data.n_items <= MAX_ITEMS else None
            trained = {cfae: knobs(data, cfae, seed) for cfae in MODELS}
            models = {cfae: one for cfae, (one, _) in trained.items()} | {"popularity": trained["elsa"][1]}
            if peer:
                models["ease"] = peer
                for one in models.values():
                    one["of EASE"] = one["nDCG@20"] / peer["nDCG@20"]
            for model, one in models.items():
                found.setdefault(model, []).append(one)
            print(f"{name}, seed {seed}: done", flush=True)
        rows = [row(name, model, runs) for model, runs in found.items()]
        report(f"meaning_{name}", rows, f"seeds {', '.join(map(str, asked.seeds))}", figures=found)


if __name__ == "__main__":
    main()
