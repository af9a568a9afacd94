"""The profile: what its themes say about likes that nobody has seen, and how far its errors can be trusted.

    python benchmarks/profile_lift.py [SOURCE ...]        demo where none is given

    lift     hidden likes that carry the themes, over what chance gives, summed over people of 5 likes and 2 hidden ones
    interval of the lift of the nine strongest, over people (500 bootstrap samples)
    listed   themes of the nine that are clear of their error, on average

and for n likes drawn from each held-out history of 2 n or more: how many themes are listed, and in what share of cases
the lean of the whole history lies within one error of the estimate, and within two, of all themes and of those listed.

docs/decisions/0013-themes-from-code-and-list.md has the last results and what was concluded.
"""

import sys
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from _report import report

from knobs_core import bundles
from knobs_core.bundles import Bundle
from knobs_core.concepts.certainty import parts
from knobs_core.concepts.profile import CLEAR
from knobs_core.data import HeldOut, load_data
from knobs_core.evaluation.bootstrap import N_BOOT, interval

SEEDS, N_THEMES, LIKES = (42, 1, 2), 9, (1, 2, 3, 5, 10, 20)


def found(bundle: Bundle, part: HeldOut) -> np.ndarray:
    """A row a person: hits and hits expected by chance of the nine strongest themes, the same of the listed, listed."""
    data, themes, rows = bundle.interactions, bundle.themes, []
    tags, tag_items = data.tag_matrix()
    members = (tag_items[[tags.index(tag) for tag in themes.tags]] > 0).astype(float)
    likes = data.matrix.getnnz(axis=0)
    chance = members @ likes / likes.sum()
    for history, hidden in zip(part.inputs, part.targets, strict=True):
        if history.nnz >= 5 and hidden.nnz >= 2:
            strengths, errors = themes.strengths(bundle.engine.taste(history), history.nnz)
            order = np.argsort(-strengths, kind="stable")
            clear = order[strengths[order] > CLEAR * errors[order]][:N_THEMES]
            hits = (hidden @ members.T).toarray()[0]
            sums = [(hits[few].sum(), hidden.nnz * chance[few].sum()) for few in (order[:N_THEMES], clear)]
            rows.append((*sums[0], *sums[1], len(clear)))
    return np.array(rows)


def covers(bundle: Bundle, n: int) -> list[float]:
    """Themes listed from n likes; shares of leans within one error and two, of all themes and of those listed."""
    themes, split, every, listed, count = bundle.themes, bundle.split(), [], [], []
    histories = sp.vstack([split.val.inputs, split.test.inputs], format="csr")
    rows, few = parts(histories, n, np.random.default_rng(n))
    for history, whole in zip(few, histories[rows], strict=True):
        (strengths, errors), taste = themes.strengths(bundle.engine.taste(history), n), bundle.engine.taste(whole)
        off = np.abs(strengths - themes.leans(taste) * themes.scale) / errors
        order = np.argsort(-strengths, kind="stable")
        clear = order[strengths[order] > CLEAR * errors[order]][:N_THEMES]
        every.append(off)
        listed.append(off[clear])
        count.append(len(clear))
    both = [np.concatenate(part) for part in (every, listed)]
    return [float(np.mean(count)), *(float(np.mean(off < within)) for off in both for within in (1, 2))]


def main() -> None:
    lifts, errors = [], []
    for source in sys.argv[1:] or ["demo"]:
        data = load_data(source)
        for cfae in ("elsa", "dlae"):
            cover = []
            for seed in SEEDS:
                bundle = bundles.train(data, cfae=cfae, seed=seed)
                split = bundle.split()
                val, test = found(bundle, split.val), found(bundle, split.test)
                people = np.vstack([val, test])
                drawn = np.random.default_rng(seed).integers(0, len(people), (N_BOOT, len(people)))
                low, high = interval(people[drawn, 0].sum(1) / people[drawn, 1].sum(1))
                lifts.append(
                    {
                        "data": Path(source).stem,
                        "cfae": cfae,
                        "seed": seed,
                        "people": len(people),
                        "lift": float(people[:, 0].sum() / people[:, 1].sum()),
                        "interval": f"{low:.2f} to {high:.2f}",
                        "of validation": float(val[:, 0].sum() / val[:, 1].sum()),
                        "of test": float(test[:, 0].sum() / test[:, 1].sum()),
                        "of listed": float(people[:, 2].sum() / people[:, 3].sum()),
                        "listed": float(people[:, 4].mean()),
                    }
                )
                cover.append([covers(bundle, n) for n in LIKES])
            columns = ("listed", "within 1", "within 2", "listed within 1", "listed within 2")
            for n, values in zip(LIKES, np.mean(cover, axis=0).tolist(), strict=True):
                head = {"data": Path(source).stem, "cfae": cfae, "likes": n}
                errors.append(head | dict(zip(columns, values, strict=True)))
    report("profile_lift", lifts)
    report("profile_errors", errors)


if __name__ == "__main__":
    main()
