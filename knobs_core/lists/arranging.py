"""The lists of many readers at once: for each of them what ``Rules.arrange`` makes of a ranking, without Python a row.

free   = items of the ranking that are no pin of this reader's
rows   = the first of these that are free and that all quotas allow, see ``quotas.py``
list   = rows, and the pins one after the other at their places, or behind the last row
"""

import dataclasses
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.lists.quotas import Bits, bits_of, first_rows, rows_under
from knobs_core.lists.rules import Rules

SPARE = 2  # times the length of a list that is ranked at first where there are quotas


class Listed(NamedTuple):
    """Lists of readers, of whom those that are open have none yet.

    items: (R, n) columns, -1 behind the last row; at: (R, n) the place of each in its ranking, -1 of pins
    codes: (R, n) what put each there: -1 nothing, 0 a pin, 1 + h the h-th hand, 1 + h + n_hands (1 + q) the same by the
        q-th quota; ``Rules.reasons`` has them in words
    open: (R,) bool, of whom more of the ranking has to be known
    """

    items: np.ndarray
    at: np.ndarray
    codes: np.ndarray
    open: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Setting:
    """The rules of a recipe in front of a bundle, but for its dials.

    rules: they; left_out: columns, ascending; pins: {place: column} in the order of places; quotas: as bits
    """

    rules: Rules
    left_out: np.ndarray
    pins: dict[int, int]
    quotas: list[Bits]

    @classmethod
    def of(cls, rules: Rules) -> "Setting":
        """Some rules, made ready."""
        return cls(rules, np.array(rules.left_out, np.int64), dict(sorted(rules.pins.items())), bits_of(rules))

    @property
    def length(self) -> int:
        """Rows of a list."""
        return self.rules.recipe.length

    @property
    def depth(self) -> int:
        """How much of a ranking is enough for most readers; without quotas for all of them."""
        return self.length * (SPARE if self.quotas else 1)

    def placed(self, seen: sp.csr_matrix) -> np.ndarray:
        """Which pins (R, n_pins), in their order, stand in the lists of readers who know some items (R, n_items)."""
        columns = np.array([*self.pins.values()], np.int64)
        return ~np.isin(columns, self.left_out) & (seen[:, columns].toarray() == 0)

    def available(self, seen: sp.csr_matrix) -> np.ndarray:
        """How many items (R,) may be in each reader's list."""
        inside = np.ones(seen.shape[1], np.float32)
        inside[self.left_out] = 0
        return np.asarray(inside.sum() - (seen > 0) @ inside).astype(np.int64)

    def arrange(self, ranking: np.ndarray, dealers: np.ndarray, seen: sp.csr_matrix, n_hands: int) -> Listed:
        """The lists of readers who know some items.

        Args:
            ranking: (R, m) items without those that are left out or known, best first, -1 behind the last one.
            dealers: (R, m) the hand that deals each, of n_hands; seen: (R, n_items) CSR.
        """
        free, placed = ranking >= 0, self.placed(seen)
        complete, wanted = free.sum(1) >= self.available(seen), self.length - placed.sum(1)
        for pin, column in enumerate(self.pins.values()):
            free &= (ranking != column) | ~placed[:, pin, None]
        if self.quotas:
            found = rows_under(ranking, free, wanted, self.length, complete, self.quotas)
        else:
            found = first_rows(ranking, free, wanted, self.length)
        hand = np.take_along_axis(dealers, np.maximum(found.at, 0), 1)
        codes = np.where(found.items >= 0, 1 + hand + n_hands * (1 + found.passed), -1)
        short = ~complete & ((found.items >= 0).sum(1) < wanted)
        return Listed(*self._pinned(found.items, found.at, codes, placed), found.open | short)

    def _pinned(
        self, items: np.ndarray, at: np.ndarray, codes: np.ndarray, placed: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rows with their pins."""
        row = np.arange(self.length)
        for pin, (place, column) in enumerate(self.pins.items()):
            to = np.where(placed[:, pin], np.minimum(place - 1, (items >= 0).sum(1)), self.length)[:, None]
            before = np.where(row <= to, row, row - 1)
            items, at, codes = (np.take_along_axis(one, before, 1) for one in (items, at, codes))
            here = row == to
            items[here], at[here], codes[here] = column, -1, 0
        return items, at, codes
