"""Filters that people expect of any list: years, genres, and nothing that everybody knows."""

import dataclasses

import numpy as np

from knobs_core.data.interactions import Interactions

KNOWN = 0.5  # share of all likes that go to the titles that count as known


@dataclasses.dataclass(frozen=True)
class Filters:
    """Which items may be in a list.

    first, last: years between which an item is from, both included; an item whose year is unknown fits no bound
    only: genres of which an item has at least one, where any are given; without: genres of which it has none
    fresh: without the items that most people know: the most liked ones, to which half of all likes go
    """

    first: int | None = None
    last: int | None = None
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    fresh: bool = False

    def left_out(self, data: Interactions) -> np.ndarray:
        """Columns of the items that do not fit, ascending."""
        fits = np.ones(data.n_items, bool)
        years = data.items["year"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        if self.first is not None:
            fits &= years >= self.first
        if self.last is not None:
            fits &= years <= self.last
        if self.only or self.without:
            listed = [set(genres.split("|")) for genres in data.items["genres"]]
            fits &= [not self.without or genres.isdisjoint(self.without) for genres in listed]
            fits &= [not self.only or not genres.isdisjoint(self.only) for genres in listed]
        if self.fresh:
            fits &= ~known(data)
        return np.flatnonzero(~fits)


def known(data: Interactions) -> np.ndarray:
    """Which items (n_items,) most people know: the fewest that together have half of all likes."""
    likes = data.matrix.getnnz(axis=0)
    order = np.argsort(-likes, kind="stable")
    before = np.concatenate([[0], np.cumsum(likes[order])[:-1]])
    found = np.zeros(len(likes), bool)
    found[order[before < KNOWN * likes.sum()]] = True
    return found


def genres_of(data: Interactions) -> list[str]:
    """All genres, those on most items first."""
    counts: dict[str, int] = {}
    for listed in data.items["genres"]:
        for genre in filter(None, listed.split("|")):
            counts[genre] = counts.get(genre, 0) + 1
    return sorted(counts, key=lambda genre: (-counts[genre], genre))
