"""What dials do: upwards, downwards and several at once, on several data sets and seeds.

    python benchmarks/dials.py [SOURCE ...] [--seeds 42 1 2] [--cfae dlae elsa]        demo where no source is given

Each source is split and trained anew for every seed. A cell is the mean over seeds [least to most].

    up        held-out segment nDCG@20 where personal nDCG@20 is at least 95% of that at rest (``knobs steer-eval``):
              the dial, its ten neurons alone, the paper's neuron, the plain direction; themes of a person's hidden
              likes (oracle) and any themes (random); the dial over the plain direction
    down      every test user with every theme of at least 10 titles that holds a fifth of their list or more, at -0.5:
              the theme's share at rest and turned, lists in which it stays, nDCG@20 on likes outside the theme
    several   pairs of the 40 largest themes that share less than a tenth of their titles, on 40 test users: each alone
              at 0.4, both at 0.4 in turns, and both in one hand, their directions added, at 0.25, which costs about as
              much: share of the list that the lesser and the greater theme hold, that titles with both hold, and what
              is left of nDCG@20 on the person's likes
"""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from _report import report

from knobs_core import bundles
from knobs_core.base import first_n
from knobs_core.bundles import Bundle
from knobs_core.data import load_data
from knobs_core.evaluation import ndcg_at_k
from knobs_core.evaluation.tradeoff import tradeoff
from knobs_core.steering import Dial, raised

N, LEAST_TITLES, LEAST_SHARE, N_PEOPLE, N_PAIRS = 20, 10, 0.2, 40, 60
IN_TURNS, ADDED = 0.4, 0.25
METHODS = ("recipe", "ten", "representative", "direction")
Figures = dict[str, float]


def up(bundle: Bundle) -> Figures:
    found = tradeoff(bundle.nested, bundle.interactions, bundle.split(), only=METHODS)
    rows = {(row["method"], row["segments"]): row for row in found["summary"]}
    figures = {}
    for segments in ("oracle", "random"):
        figures |= {f"{segments} {method}": rows[method, segments]["segment_at_95"] for method in METHODS}
        figures[f"{segments} over direction"] = rows["recipe", segments]["over_direction"]
    return figures


def themes(bundle: Bundle) -> list[tuple[np.ndarray, Dial]]:
    """Members (n_items,) and dial, at 1, of every theme that is large enough, the largest first."""
    _, tag_items = bundle.interactions.tag_matrix()
    members = (tag_items > 0).toarray()
    order = np.argsort(-members.sum(1), kind="stable")
    return [
        (members[row], bundle.recipes[row].dial(1.0, key=str(row)))
        for row in order
        if bundle.recipes[row].recipe and members[row].sum() >= LEAST_TITLES
    ]


def down(bundle: Bundle) -> Figures:
    cases = np.array(list(_turned_down(bundle)))
    names = ("share at rest", "share at -0.5", "unmoved", "outside at rest", "outside at -0.5")
    return dict(zip(names, np.nanmean(cases, axis=0).tolist(), strict=True)) | {"cases": len(cases)}


def _turned_down(bundle: Bundle) -> Iterator[tuple[float, ...]]:
    users, large = bundle.split().test, themes(bundle)
    for row in range(users.inputs.shape[0]):
        taste = bundle.engine.taste(users.inputs[row])
        rest = bundle.engine.recommend(taste, n=N).items
        for theme, dial in large:
            if theme[rest].mean() < LEAST_SHARE:
                continue
            now = bundle.engine.recommend(taste, [Dial(dial.recipe, -0.5, rest=dial.rest)], N).items
            outside = sp.csr_matrix(users.targets[row].multiply(~theme))
            before, after = (float(ndcg_at_k(items[None], outside)[0]) for items in (rest, now))
            yield theme[rest].mean(), theme[now].mean(), float(theme[rest].sum() == theme[now].sum()), before, after


def several(bundle: Bundle, seed: int) -> Figures:
    rng, engine, users = np.random.default_rng(seed), bundle.engine, bundle.split().test
    large = themes(bundle)[:40]
    apart = [
        (one, other)
        for one in range(len(large))
        for other in range(one)
        if (large[one][0] & large[other][0]).sum() < 0.1 * min(large[one][0].sum(), large[other][0].sum())
    ]
    rows = []
    for row in rng.permutation(users.inputs.shape[0])[:N_PEOPLE]:
        taste = engine.taste(users.inputs[row])
        for pair in rng.permutation(len(apart))[: N_PAIRS // 10]:
            members, dials = zip(*(large[k] for k in apart[pair]), strict=True)
            dials = [replace(one, amount=IN_TURNS) for one in dials]
            alone = [engine.recommend(taste, [dial], N).items for dial in dials]
            # Both at b in one hand are one dial at 2 b along the mean of their directions.
            added = raised(taste.base, taste.reach.up, engine.dial_vectors(dials).mean(0), 2 * ADDED).cpu().numpy()
            added[taste.seen] = -np.inf
            own = np.mean([theme[items].mean() for theme, items in zip(members, alone, strict=True)])
            rest, turns = engine.recommend(taste, n=N).items, engine.recommend(taste, dials, N).items
            figures = [own, _found(rest, users.targets[row])]
            for items in (turns, first_n(added, N)):
                shares = sorted(theme[items].mean() for theme in members)
                figures += [*shares, (members[0] & members[1])[items].mean(), _found(items, users.targets[row])]
            rows.append(figures)
    each = ("lesser", "greater", "both", "nDCG")
    names = ["alone", "nDCG at rest", *(f"{way}, {what}" for way in ("turns", "sum") for what in each)]
    return dict(zip(names, np.mean(rows, axis=0).tolist(), strict=True))


def _found(items: np.ndarray, liked: sp.csr_matrix) -> float:
    """nDCG@20 of a list; 0 for somebody without hidden likes."""
    return float(np.nan_to_num(ndcg_at_k(items[None], liked)[0]))


def cells(runs: list[Figures]) -> dict[str, str]:
    found = {}
    for name in runs[0]:
        values = np.array([run[name] for run in runs], float)
        found[name] = f"{values.mean():.3f} [{values.min():.3f} to {values.max():.3f}]"
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("sources", nargs="*", default=["demo"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[42, 1, 2])
    parser.add_argument("--cfae", nargs="+", default=["dlae", "elsa"])
    asked = parser.parse_args()
    for source in asked.sources:
        data, name = load_data(source), Path(source).stem
        for cfae in asked.cfae:
            found: dict[str, list[Figures]] = {"up": [], "down": [], "several": []}
            for seed in asked.seeds:
                bundle = bundles.train(data, cfae, seed=seed)
                found["up"].append(up(bundle))
                found["down"].append(down(bundle))
                found["several"].append(several(bundle, seed))
                print(f"{name}, {cfae}, seed {seed}: done", flush=True)
            rows = [
                {"what": what, "figure": figure, "mean [least to most]": cell}
                for what, runs in found.items()
                for figure, cell in cells(runs).items()
            ]
            notes = f"{name}, {cfae}, seeds {', '.join(map(str, asked.seeds))}"
            report(f"dials_{name}_{cfae}", rows, notes, figures=found)


if __name__ == "__main__":
    main()
