"""How many neurons gain a name that holds from an open vocabulary, and how many would by luck.

    python benchmarks/open_names.py demo ml-latest-small

Bundles are read from their usual places. The halves are dealt five times; a row is one vocabulary. The last row has the
same number for groups whose items were exchanged for others about as popular, ten times.
"""

import sys

import numpy as np

from knobs_core import bundles
from knobs_core.concepts import Judge, Naming, Vocabulary, permuted, strongest_items, vocabulary
from knobs_core.data import single_items
from knobs_core.language import chosen_encoder

SEEDS, EXCHANGED = (42, 0, 1, 2, 3), 10


def holding(known: Vocabulary, groups, everyone, seed: int) -> tuple[int, float]:
    """How many of some groups' names hold, and how many would by luck."""
    judge = Judge(known, groups, seed, null=everyone)
    names = known.words[judge.chosen()[:, 0]]
    return int(judge.holds(names, judge.held_out(names)).sum()), judge.by_luck * groups.shape[0]


def spread(counts) -> str:
    return f"{np.mean(counts):.1f} [{min(counts):g}, {max(counts):g}]"


def measure(source: str) -> None:
    bundle = bundles.load(bundles.default_path(source))
    data = bundle.interactions
    known = vocabulary(data, chosen_encoder())
    codes = bundle.nested.codes(single_items(data.n_items))[known.columns]
    alive = [label.neuron for label in bundle.labels if label.alive]
    without = [j for j in alive if not bundle.labels[j].holds]
    everyone, groups = (strongest_items(codes, known.likes, some) for some in (alive, without))
    print(f"{source}: {Naming.of(bundle.labels)}; {len(without)} without a name that holds")
    carried = {*data.tag_matrix()[0], *(genre for cell in data.items["genres"] for genre in cell.split("|"))}
    own = np.array([name in carried for name in known.names])
    tags = known._replace(names=[name for name in known.names if name in carried], words=known.words[own])
    for what, words in (("all words", known), ("tags and genres", tags)):
        gained, luck = zip(*(holding(words, groups, everyone, seed) for seed in SEEDS), strict=True)
        print(f"  {what} ({len(words.names):,}): {spread(gained)} hold, by luck {np.mean(luck):.1f}", flush=True)
    exchanged = [holding(known, permuted(groups, known.likes, 7000 + k), everyone, k)[0] for k in range(EXCHANGED)]
    print(f"  items exchanged: {spread(exchanged)}", flush=True)


if __name__ == "__main__":
    for one in sys.argv[1:] or ("demo", "ml-latest-small"):
        measure(one)
