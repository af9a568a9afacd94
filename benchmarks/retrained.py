"""What a dial's kept effects say after a new training: true matches against random ones.

    python benchmarks/retrained.py BUNDLE RETRAINED [--knobs 300]        both of the same data, from different seeds

For knobs drawn at random from the first bundle, with r as in ``lists/alike.py``, five quantiles each:

    same key         r of the knob of the same key; random: of any other knob; best: of the best of all
    ten neurons      confidence of the ten neurons that are taken apart
    dealt anew       the same two, for effects dealt out anew among other items: what chance brings
    over all items   correlation of what each does to all items with what the first bundle's knob does
"""

import argparse

import numpy as np
from _report import report

from knobs_core import bundles
from knobs_core.bundles import Bundle, Knob, mixture_key
from knobs_core.concepts import standard_effects
from knobs_core.lists.alike import NEAREST

AT = (0.05, 0.25, 0.5, 0.75, 0.95)


def effects(bundle: Bundle, knobs: list[Knob]) -> np.ndarray:
    blocks = standard_effects(bundle.nested, [knob.dial(1.0) for knob in knobs])
    return np.concatenate([block.double().cpu().numpy() for block in blocks])


def correlations(many: np.ndarray, one: np.ndarray) -> np.ndarray:
    many, one = many - many.mean(1, keepdims=True), one - one.mean()
    return many @ one / np.maximum(np.linalg.norm(many, axis=1) * np.linalg.norm(one), 1e-12)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("bundles", nargs=2)
    parser.add_argument("--knobs", type=int, default=300)
    arguments = parser.parse_args()
    old, new = map(bundles.load, arguments.bundles)
    rng, columns = np.random.default_rng(0), new.interactions.column_of
    there, here = list(new.knobs.values()), effects(new, list(new.knobs.values()))
    shared = [item for item in old.interactions.item_ids if item in columns]
    then, now = [old.interactions.column_of[item] for item in shared], [columns[item] for item in shared]
    known = dict(iter(old.item_effects().groupby("key")))
    every = list(old.knobs.values())
    found: dict[tuple[str, str], list[float]] = {}

    def add(kind: str, **figures: float) -> None:
        for name, value in figures.items():
            found.setdefault((kind, name.replace("_", " ")), []).append(float(value))

    for place in rng.choice(len(every), min(arguments.knobs, len(every)), replace=False):
        knob = every[place]
        kind = "neuron" if knob.label else "theme"
        kept = known[knob.key][known[knob.key]["item_id"].isin(columns)]
        at, was = [columns[item] for item in kept["item_id"]], kept["effect"].to_numpy()
        whole = correlations(here[:, now], effects(old, [knob])[0, then])
        r = correlations(here[:, at], was)
        if not knob.label and knob.key in new.knobs:
            same = [one.key for one in there].index(knob.key)
            add(kind, same_key=r[same], same_key_over_all_items=whole[same])
        best = int(r.argmax())
        add(kind, random=r[rng.integers(len(r))], best=r[best], best_over_all_items=whole[best])
        if r[best] >= NEAREST:
            add(kind, nearest_over_all_items=whole[best])
        apart = new.take_apart(dict(zip(kept["item_id"], was, strict=True)))
        mixed = effects(new, [new.knobs[mixture_key(apart.made.recipe)]])[:, now]
        add(
            kind,
            ten_neurons=apart.confidence * max(apart.made.explained, 0) ** 0.5,
            ten_neurons_over_all_items=correlations(mixed, effects(old, [knob])[0, then])[0],
        )
        anew = rng.choice(new.interactions.item_ids, len(was), replace=False)
        lucky = new.take_apart(dict(zip(anew, was, strict=True)))
        add(
            kind,
            dealt_anew_best=correlations(here[:, [columns[item] for item in anew]], was).max(),
            dealt_anew_ten_neurons=lucky.confidence * max(lucky.made.explained, 0) ** 0.5,
        )
    rows = [
        {"knobs": kind, "figure": name, "n": len(values)}
        | {f"{share:.0%}": round(float(np.quantile(values, share)), 3) for share in AT}
        for (kind, name), values in sorted(found.items())
    ]
    report("retrained", rows)


if __name__ == "__main__":
    main()
