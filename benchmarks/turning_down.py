"""What turning a theme down does: to the theme, to the rest of the list, and to what people really liked.

    python benchmarks/turning_down.py [SOURCE ...]        demo where none is given

Every test user is asked about every theme of at least 10 titles that holds a fifth of their list or more. For each
amount and operator, means over such cases and three seeds:

    theme      share of the 20 listed titles that belong to the theme        unmoved    cases where that share stays
    nDCG       nDCG@20 on the user's hidden likes                            outside    on those outside the theme alone

docs/decisions/0012-down-repels.md has the last results and what was concluded.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from knobs_core import bundles
from knobs_core.bundles import Bundle
from knobs_core.evaluation import ndcg_at_k
from knobs_core.steering import Dial

N, SEEDS, LEAST_TITLES, LEAST_SHARE = 20, (1, 2, 3), 10, 0.2
TURNS = [("blend", 0.0), ("suppress", -0.5), ("suppress", -1.0), ("blend", -0.25), ("blend", -0.5), ("blend", -1.0)]


def cases(bundle: Bundle) -> Iterator[list[tuple[float, ...]]]:
    """For each user and theme, what each turn does: (theme, unmoved, nDCG, outside)."""
    tags, tag_items = bundle.interactions.tag_matrix()
    members, recipes = (tag_items > 0).toarray(), dict(zip(bundle.concepts.tags, bundle.recipes, strict=True))
    themes = [(row, recipes[tag]) for row, tag in enumerate(tags) if recipes.get(tag)]
    themes = [(members[row], recipe) for row, recipe in themes if members[row].sum() >= LEAST_TITLES]
    users = bundle.split().test
    for row in range(users.inputs.shape[0]):
        taste, liked = bundle.engine.taste(users.inputs[row]), users.targets[row]
        rest = bundle.engine.recommend(taste, n=N).items
        for theme, recipe in themes:
            if theme[rest].mean() < LEAST_SHARE:
                continue
            dials = [(operator, [Dial(recipe, amount)]) for operator, amount in TURNS]
            lists = np.array([bundle.engine.recommend(taste, turned, N, operator).items for operator, turned in dials])
            shares, outside = theme[lists].mean(1), sp.csr_matrix(liked.multiply(~theme))
            found = [ndcg_at_k(lists, sp.vstack([wanted] * len(lists), format="csr")) for wanted in (liked, outside)]
            yield list(zip(shares, shares == theme[rest].mean(), *found, strict=True))


def main() -> None:
    print("data | model | cases | turn | theme | unmoved | nDCG | outside")
    for source in sys.argv[1:] or ["demo"]:
        for cfae in ("elsa", "dlae"):
            found = []
            for seed in SEEDS:
                found += cases(bundles.train(source, cfae=cfae, seed=seed))
            for (operator, amount), means in zip(TURNS, np.nanmean(np.array(found), axis=0), strict=True):
                turn = f"{operator} {amount:g}" if amount else "at rest"
                cells = " | ".join(f"{mean:.3f}" for mean in means)
                print(f"{Path(source).stem} | {cfae} | {len(found)} | {turn} | {cells}", flush=True)


if __name__ == "__main__":
    main()
