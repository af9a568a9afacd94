"""What a recipe does to an audience: its lists beside those that it had before.

    exposure_i   = share of readers whose list has item i
    kept_r       = share of the titles of r's list before that are still in it
    own_r        = share of r's own taste that the list meets         steering/own.py
    ndcg_r       = of the list made without r's hidden likes, against these
    popularity_r = mean share of all users who like an item of the list, and its mean percentile

Figures about everybody leave newcomers out, who are other readers once more (``readers.py``).
"""

import dataclasses
from functools import cached_property

import numpy as np
import pandas as pd

from knobs_core.audience.crowd import Audience, Lists
from knobs_core.base import defused

ENDS = 10  # best and worst served readers that are named


@dataclasses.dataclass(frozen=True, eq=False)
class Figures:
    """What became of some readers. Pairs are (before, after), means over the readers; NaN where nobody has a value.

    places: of the readers in the sample; exposure: (2, n_items)
    untouched: how many lists have the same titles as before; same_order: how many of these in the same order
    kept: mean share of titles that are still there; own, ndcg, popularity, percentile: see the head of this file
    best, worst: places of the ten best and the ten worst served by own taste after, the best and the worst first
    """

    places: np.ndarray
    exposure: np.ndarray
    untouched: int
    same_order: int
    kept: float
    own: tuple[float, float]
    ndcg: tuple[float, float]
    popularity: tuple[float, float]
    percentile: tuple[float, float]
    best: np.ndarray
    worst: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Effect:
    """What changes between two lists of every reader.

    before, after: the lists; kept: (R,); untouched, same_order: (R,) bool; see ``Figures`` and the head of this file
    """

    audience: Audience
    before: Lists
    after: Lists
    kept: np.ndarray
    untouched: np.ndarray
    same_order: np.ndarray

    @cached_property
    def everybody(self) -> Figures:
        """The figures of all readers but the newcomers."""
        return self.of(np.arange(self.audience.readers.n))

    @cached_property
    def segments(self) -> dict[str, Figures]:
        """Those of each segment; ``Readers.small`` names the ones that say little."""
        return {name: self.of(places) for name, places in self.audience.readers.segments.items()}

    @cached_property
    def tested(self) -> Figures:
        """Those of the test users among the readers, whom the models have not learned from: only their nDCG is not
        flattered."""
        n = self.audience.readers.n
        return self.of(np.flatnonzero(self.audience.readers.tested[:n]))

    @property
    def titles(self) -> pd.DataFrame:
        """A row for each title that is in any list, the most shown first: item_id, title, before, after; the last two
        are the shares of all readers but the newcomers who are shown it."""
        data, (before, after) = self.audience.bundle.interactions, self.everybody.exposure
        order = np.lexsort((-before, -after))
        shown = order[(before[order] > 0) | (after[order] > 0)]
        named = data.items["title"].to_numpy()[shown]
        table = {"item_id": data.item_ids[shown], "title": named, "before": before[shown], "after": after[shown]}
        return pd.DataFrame(table)

    @property
    def csv(self) -> str:
        """``titles`` as a file that spreadsheets open safely."""
        rows = self.titles
        rows[["item_id", "title"]] = rows[["item_id", "title"]].astype(str).map(defused)
        return "\ufeff" + rows.to_csv(index=False)  # without the mark Excel reads another alphabet

    def of(self, places: np.ndarray) -> Figures:
        """The figures of some readers; places: in the sample, ascending."""
        served = self.after.own[places]
        return Figures(
            places,
            np.stack([self.before.exposure(places), self.after.exposure(places)]),
            int(self.untouched[places].sum()),
            int(self.same_order[places].sum()),
            _mean(self.kept[places]),
            (_mean(self.before.own[places]), _mean(served)),
            (_mean(self.before.accuracy[places]), _mean(self.after.accuracy[places])),
            (_mean(self.before.popularity[0, places]), _mean(self.after.popularity[0, places])),
            (_mean(self.before.popularity[1, places]), _mean(self.after.popularity[1, places])),
            places[np.argsort(-served, kind="stable")[:ENDS]],
            places[np.argsort(served, kind="stable")[:ENDS]],
        )


def compare(audience: Audience, before: Lists, after: Lists) -> Effect:
    """What becomes of readers whose lists were some and are others, both of this audience.

    Likes are hidden by the sample's seed, a fifth of each reader's, steered is what is left. Readers whom the models
    were trained on are flattered by this nDCG, as their hidden likes were learned from; ``Effect.tested`` has those who
    were not. Of newcomers, what is hidden is all but their three likes.
    """
    shared = np.count_nonzero(before.inside & after.inside, axis=1)
    kept = np.where(before.sizes > 0, shared / np.maximum(before.sizes, 1), 1.0)
    untouched = (shared == before.sizes) & (shared == after.sizes)
    n = min(before.items.shape[1], after.items.shape[1])  # an untouched list is no longer than the shorter recipe
    same_order = untouched & (before.items[:, :n] == after.items[:, :n]).all(1)
    return Effect(audience, before, after, kept, untouched, same_order)


def _mean(values: np.ndarray) -> float:
    """The mean of the values that are known; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
