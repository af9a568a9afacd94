"""What a shelf's dials find: half of a theme's titles as the shelf, the other half looked for.

    python benchmarks/shelf.py BUNDLE ... [--choose]

For each of 40 themes of 16 to 200 titles that its knob finds, 12 of them at most, half at most, are the shelf, the
others are hidden; so for 40 pairs of themes with 6 of each, and for 40 themes of which another theme that they overlap
with is unwanted. The themes' own knobs and tags are taken out of the bundle first, for all ways alike. Lists are those
of 60 test users. The ways: at rest; the one knob that lifts the shelf's titles most, on average, at the same amount
(the peer); all of the pursuit; and ten neurons of the shelf's own direction as one mixture.

    hidden   share of the list of 20 that hidden titles hold, the shelf's own left out
    told     share that the shelf's titles hold; bad: that hidden titles of the unwanted theme hold
    kept     nDCG@20 on the users' hidden likes
    tells    rank correlation of what ``covered`` says of the shelf's titles with how far they rise, in bits, as a share
             of how far the knob of each alone lifts it; bits: lower quartile of the rise of those that count as covered

``--choose`` tries other settings than those in ``lists/shelf.py``.
"""

import argparse
import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from _report import report
from scipy.stats import spearmanr

from knobs_core import bundles
from knobs_core.bundles import Bundle
from knobs_core.concepts import SIZE, ConceptRecipe, pursue, standard_effects, strongest
from knobs_core.evaluation import ndcg_at_k
from knobs_core.steering import Dial, steer_all

shelves = importlib.import_module("knobs_core.lists.shelf")  # the package's own ``shelf`` is the function in it
N, CASES, USERS, MOST = 20, 40, 60, 12
CHOICES = {"FAVOUR": (1.0, 1.3, 2.0, 3.0), "LEAST": (0.01, 0.03, 0.1), "BURY": (0.5, 0.75, 1.0), "LARGEST": (0.3, 0.5)}


class Case(NamedTuple):
    """bundle: without the themes; wanted, unwanted, hidden, bad: columns."""

    bundle: Bundle
    wanted: np.ndarray
    unwanted: np.ndarray
    hidden: np.ndarray
    bad: np.ndarray


def without(bundle: Bundle, tags: Sequence[str]) -> Bundle:
    """The bundle without some tags, and without their knobs."""
    data = bundle.interactions
    recipes = [
        ConceptRecipe({}) if tag in tags else made
        for tag, made in zip(bundle.concepts.tags, bundle.recipes, strict=True)
    ]
    bare = replace(data, tags=data.tags[~data.tags["tag"].isin(tags)])
    return replace(bundle, interactions=bare, recipes=recipes)


def cases(bundle: Bundle, kind: str) -> Iterator[Case]:
    names, tag_items = bundle.interactions.tag_matrix()
    members, rng = (tag_items > 0).toarray(), np.random.default_rng(5)
    fit = [
        row
        for row, name in enumerate(names)
        if 16 <= members[row].sum() <= 200 and name in bundle.knobs and not bundle.knobs[name].weak
    ]
    done, none = 0, np.zeros(0, np.int64)
    while done < CASES:
        rows = rng.choice(fit, 1 if kind == "one" else 2, replace=False)
        few, left_out = none, none
        sides = [members[row] for row in rows]
        if kind == "against":
            a, b = sides
            if (a & b).sum() < 4 or (a & ~b).sum() < 16 or (b & ~a).sum() < 12:
                continue
            few, sides = rng.permutation(np.flatnonzero(b))[:6], [a & ~b]
            left_out = np.setdiff1d(np.flatnonzero(b), few)
        parts = [rng.permutation(np.flatnonzero(side)) for side in sides]
        half = [min(MOST // len(parts), len(part) // 2) for part in parts]
        wanted = np.unique(np.concatenate([part[:n] for part, n in zip(parts, half, strict=True)]))
        hidden = np.setdiff1d(np.concatenate(parts), [*wanted, *few])
        yield Case(without(bundle, [names[row] for row in rows]), wanted, few, hidden, left_out)
        done += 1


def best(case: Case) -> list[Dial]:
    dials = [knob.dial(shelves.LARGEST) for knob in case.bundle.knobs.values() if not knob.weak]
    found = np.concatenate([x[:, case.wanted].mean(1) for x in standard_effects(case.bundle.nested, dials)])
    return [dials[int(found.argmax())]]


def whole(case: Case) -> list[Dial]:
    return shelves._dials(case.bundle, case.wanted, case.unwanted, SIZE)


def mixture(case: Case) -> list[Dial]:
    embeddings = case.bundle.nested.embeddings(shelves.single_items(case.bundle.interactions.n_items)).double().numpy()
    direction = embeddings[case.wanted].mean(0) - embeddings.mean(0)
    weights = pursue(direction[None], case.bundle.nested.sae.w_dec.double().cpu().numpy(), SIZE)
    return [Dial(strongest(weights[0], SIZE), shelves.LARGEST)]


WAYS: dict[str, Callable[[Case], list[Dial]]] = {"rest": lambda _: [], "best": best, "shelf": whole, "mixture": mixture}


def lists(case: Case, dials: Sequence[Dial], n: int = N, left_out: Sequence[int] = ()) -> np.ndarray:
    users = case.bundle.split().test.inputs[:USERS]
    return np.concatenate([block.items for block in steer_all(case.bundle.nested, users, dials, n, left_out=left_out)])


def judged(case: Case, dials: Sequence[Dial]) -> list[float]:
    listed, targets = lists(case, dials), case.bundle.split().test.targets[:USERS]
    found = [np.isin(lists(case, dials, left_out=case.wanted.tolist()), case.hidden).mean()]
    found += [np.isin(listed, columns).mean() for columns in (case.wanted, case.bad)]
    return [*found, float(np.mean(ndcg_at_k(listed, targets))), len(dials)]


def bits(case: Case, dials: Sequence[Dial], rest: np.ndarray) -> np.ndarray:
    """(n_items,) how far items rise, as a mean of log2 of places over users; NaN for those that all have seen."""
    with np.errstate(invalid="ignore"):
        return np.nanmean(rest - places(case, dials), axis=0)


def places(case: Case, dials: Sequence[Dial]) -> np.ndarray:
    """(users, n_items) log2 of the place of each item, NaN where it was seen."""
    found = np.full((USERS, case.bundle.interactions.n_items), np.nan)
    for row, items in enumerate(lists(case, dials, found.shape[1])):
        there = items[items >= 0]
        found[row, there] = np.log2(np.arange(1, len(there) + 1))
    return found[: row + 1]


def tells(some: Sequence[Case]) -> dict[str, float]:
    said, share, rise, signs, rest = [], [], [], [], places(some[0], [])
    for case in some:
        dials = whole(case)
        turned = bits(case, dials, rest)
        for columns, sign in ((case.wanted, 1), (case.unwanted, -1)):
            for column, cover in zip(columns, sign * shelves.coverage(case.bundle, dials, columns), strict=True):
                own = case.bundle.knobs[f"~{case.bundle.interactions.item_ids[column]}"].dial(sign * shelves.LARGEST)
                alone = bits(case, [own], rest)[column]
                if np.isfinite(alone) and alone:
                    said.append(min(max(cover, 0), 1))
                    share.append(turned[column] / alone)
                    rise.append(sign * turned[column])
                    signs.append(sign)
    cover, side = np.array(said), np.array(signs)
    document = {}
    for name, sign in (("wanted", 1), ("unwanted", -1)):
        if (of := side == sign).any():
            high = np.array(rise)[of & (cover >= shelves.COVERED)]
            low = np.array(rise)[of & (cover < shelves.COVERED)]
            document |= {
                f"{name}: tells": float(spearmanr(cover[of], np.array(share)[of])[0]),
                "titles": int(of.sum()), "covered": float((cover[of] >= shelves.COVERED).mean()),
                "bits of covered": float(np.quantile(high, 0.25)), "of others": float(np.quantile(low, 0.75)),
            }  # fmt: skip
    return document


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("bundles", nargs="+")
    parser.add_argument("--choose", action="store_true")
    arguments = parser.parse_args()
    rows = []
    for place in arguments.bundles:
        bundle = bundles.load(place)
        for kind in ("one", "two", "against"):
            some = list(cases(bundle, kind))
            tried: list[tuple[str, float | None]] = [("", None)]
            if arguments.choose:
                tried = [(name, value) for name, values in CHOICES.items() for value in values]
            for name, value in tried:
                usual = getattr(shelves, name, None)
                if name:
                    setattr(shelves, name, value)
                peer = 0.0
                for way in WAYS if not name else ("shelf",):
                    figures = np.mean([judged(case, WAYS[way](case)) for case in some], 0).tolist()
                    named = dict(zip(("hidden", "told", "bad", "kept", "dials"), figures, strict=True))
                    peer = named["hidden"] if way == "best" else peer
                    more = (
                        {"setting": f"{name} {value}"}
                        if name
                        else {"over best": named["hidden"] / peer if peer else None}
                    )
                    rows.append({"bundle": bundle.manifest.origin.slug, "kind": kind, "way": way, **more, **named})
                if name:
                    setattr(shelves, name, usual)
            if not arguments.choose and kind != "two":
                rows.append({"bundle": bundle.manifest.origin.slug, "kind": kind, "way": "covered", **tells(some[:15])})
    report("shelf_choice" if arguments.choose else "shelf", rows)


if __name__ == "__main__":
    main()
