"""What a concept's dial does: the paper's representative neuron against our recipe, on all test users of a bundle.

    python benchmarks/dials.py BUNDLE [AMOUNT]

For each of the 60 most frequent tags: how many of its items are in the top 20 before and after, for what share of test
users there are more or fewer of them, and what is left of nDCG@20 on the users' own targets.
"""

import sys
from pathlib import Path

import numpy as np

from knobs_core import bundle
from knobs_core.metrics import ndcg_at_k, top_k
from knobs_core.steering import Dial


def main(path: str, amount: float = 0.3) -> None:
    loaded = bundle.load(Path(path))
    nested, test = loaded.nested, loaded.split().test
    _, tag_items = loaded.interactions.tag_matrix()
    frequent = np.argsort(-tag_items.getnnz(axis=1), kind="stable")[:60]
    encoded = nested.encode(test.inputs)
    before = top_k(nested.scores(encoded), test.inputs, 20)
    representative = loaded.concepts.representative()
    kinds = {
        "representative neuron": lambda tag: {int(representative[tag]): 1.0},
        "recipe": lambda tag: loaded.recipes[tag],
    }
    print(f"{len(frequent)} tags, {len(test.users)} test users, amount {amount}")
    print(f"unsteered nDCG@20 {np.nanmean(ndcg_at_k(before, test.targets)):.3f}")
    for kind, recipe in kinds.items():
        rows = []
        for tag in frequent:
            members = tag_items[tag].toarray().ravel() > 0
            after = top_k(nested.steered_scores(encoded, [Dial(recipe(tag), amount)]), test.inputs, 20)
            was, now = members[before].sum(1), members[after].sum(1)
            rows.append((was.mean(), now.mean(), (now > was).mean(), (now < was).mean(),
                         np.nanmean(ndcg_at_k(after, test.targets))))  # fmt: skip
        was, now, more, fewer, ndcg = np.mean(rows, axis=0)
        most = np.mean([row[2] > 0.5 for row in rows])
        print(f"{kind:22s} items {was:.2f} -> {now:.2f}, more for {more:.0%} of users, fewer for {fewer:.0%}, "
              f"more for most users on {most:.0%} of tags, nDCG@20 {ndcg:.3f}")  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], *map(float, sys.argv[2:3]))
