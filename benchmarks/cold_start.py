"""One to five titles that plainly belong together: what ELSA, DLAE and popularity list, and which themes are named.

    python benchmarks/cold_start.py [SOURCE]        a MovieLens; the demo where none is given

Twelve groups of well-known films, means over them and three seeds; knobs_core/evaluation/cold_start.py has the groups
and says what the columns mean. ``worst`` is the group whose list agrees least. ``named`` and ``first`` count groups of
which a theme is among the nine of the profile, and the first of it; groups whose tags are no themes are left out.
"""

import sys

import numpy as np
import torch
from _report import report

from knobs_core import bundles
from knobs_core.data import load_data
from knobs_core.evaluation.baselines import chosen_ease
from knobs_core.evaluation.cold_start import FILMS, given, lists, named, own_items

SEEDS = (42, 1, 2)


def main() -> None:
    data = load_data(*(sys.argv[1:2] or ["demo"]))
    own = own_items(FILMS, *data.tag_matrix())
    found: dict[tuple[int, str], list[list[float]]] = {}
    for seed in SEEDS:
        trained = {cfae: bundles.train(data, cfae=cfae, seed=seed) for cfae in ("elsa", "dlae")}
        split = trained["elsa"].split()
        train = data.matrix[split.train]
        likes = train.getnnz(axis=0).astype(np.float32)
        weights, _ = chosen_ease(train, split.val)
        themes = set(trained["elsa"].themes.tags)
        known = np.array([bool(themes & set(group.tags)) for group in FILMS])
        for n in range(1, 6):
            histories = given(FILMS, data, n)
            reference = torch.as_tensor(histories @ weights)
            scores = {name: model.nested.scores(model.nested.encode(histories)) for name, model in trained.items()}
            scores |= {"EASE": reference, "popularity": torch.as_tensor(likes).expand(len(FILMS), -1)}
            for name, of_all in scores.items():
                seen = lists(of_all, reference, histories, own, likes)
                row = [seen.agreement.mean(), seen.agreement.min(), seen.popularity.mean(), seen.on_theme.mean()]
                if name in trained:
                    ranks = named(FILMS, histories, trained[name].engine, trained[name].themes)[known]
                    row += [np.mean(ranks > 0), np.mean(ranks == 1)]
                found.setdefault((n, name), []).append(row)
    columns = ("agreement", "worst", "popularity", "on theme", "named", "first")
    rows = [
        {"titles": n, "model": name, **dict(zip(columns, np.mean(several, axis=0).tolist(), strict=False))}
        for (n, name), several in found.items()
    ]
    report("cold_start", rows, f"{data.source.name}; themes of {known.sum()} of {len(FILMS)} groups are known")


if __name__ == "__main__":
    main()
