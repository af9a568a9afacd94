"""Quotas over the rankings of many readers at once: the rows of ``Rules.arrange``, one by one for all of them.

Every reader's list grows by one row a step, so the windows of all quotas stand at the same rows for everybody. What a
quota counts of an item is a row of bits, a bit a value; a title is passed over where its bits meet those of the values
of which there are enough:

    full_r = bits of the values with at least ``most`` among reader r's last window - 1 rows
    next   = the first title of r's ranking that is free, with  bits & full_r = 0  for every quota with ``most``, and
             that a quota counts whose ``least`` cannot be met otherwise

Equal to ``Rules.arrange`` for each reader; tests/lists says so.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np

from knobs_core.lists.recipe import Quota
from knobs_core.lists.rules import Rules
from knobs_core.steering import packed

WORD = 64  # bits looked at together


class Bits(NamedTuple):
    """A quota, and what it counts of each item. window: rows; bits: (n_items, words) uint64; counted: (n_items,) bool,
    whether it counts anything."""

    quota: Quota
    window: int
    bits: np.ndarray
    counted: np.ndarray


class Chosen(NamedTuple):
    """Rows without pins. items: (R, n), -1 behind the last one; at: (R, n) the place of each in its ranking; passed:
    (R, n) which quota passed over a better one, -1 for none; open: (R,) whether more of the ranking has to be known."""

    items: np.ndarray
    at: np.ndarray
    passed: np.ndarray
    open: np.ndarray


def bits_of(rules: Rules) -> list[Bits]:
    """The quotas of some rules as bits."""
    found, length = [], rules.recipe.length
    for counted in rules.quotas:
        times = Counter(chain.from_iterable(counted.values))
        # Of a value that one item alone has there is never one too many.
        number = {value: at for at, value in enumerate(sorted(value for value, n in times.items() if n > 1))}
        bits = np.zeros((len(counted.values), -(-max(len(number), 1) // WORD)), np.uint64)
        for item, values in enumerate(counted.values):
            for at in (number[value] for value in values if value in number):
                bits[item, at // WORD] |= np.uint64(1 << at % WORD)
        window = min(counted.quota.window or length, length)
        found.append(Bits(counted.quota, window, bits, np.array([*map(bool, counted.values)], bool)))
    return found


def first_rows(items: np.ndarray, free: np.ndarray, wanted: np.ndarray, n: int) -> Chosen:
    """The rows that no quota says anything about: the first that are free.

    Args:
        items: (R, m) rankings, -1 behind the last one; free: (R, m) whether an item may be taken.
        wanted: (R,) how many rows; n: the most of these.
    """
    found, at = packed(n, free & (free.cumsum(1) <= wanted[:, None]), items, np.arange(items.shape[1]))
    return Chosen(found, at, np.full(found.shape, -1), np.zeros(len(found), bool))


def rows_under(
    items: np.ndarray,
    free: np.ndarray,
    wanted: np.ndarray,
    n: int,
    complete: np.ndarray,
    quotas: Sequence[Bits],
) -> Chosen:
    """The rows under quotas. complete: (R,) whether a ranking holds all that is left; else as ``first_rows``."""
    n_readers, everybody, free = len(items), np.arange(len(items)), free.copy()
    found = Chosen(
        np.full((n_readers, n), -1),
        np.full((n_readers, n), -1),
        np.full((n_readers, n), -1),
        np.zeros(n_readers, bool),
    )
    running, of = np.ones(n_readers, bool), np.maximum(items, 0)
    windows = [_Window(quota, of) for quota in quotas]
    for row in range(n):
        running &= row < wanted
        if not running.any():
            break
        allows = [window.allowed() for window in windows]
        meets = [window.counted | ~window.needed(row)[:, None] for window in windows]
        allowed = np.logical_and.reduce([free, *allows])
        strict = np.logical_and.reduce([allowed, *meets])
        at = strict.argmax(1)
        there = strict[everybody, at]
        found.open[running & ~there & ~complete] = True
        running &= there | complete
        at = np.where(there, at, allowed.argmax(1))  # else what is asked for at least is not there any more
        running &= allowed[everybody, at]
        who, where = everybody[running], at[running]
        found.items[who, row], found.at[who, row] = items[who, where], where
        best = free.argmax(1)
        fits = [one[everybody, best] & (met[everybody, best] | ~there) for one, met in zip(allows, meets, strict=True)]
        found.passed[who, row] = np.where(where != best[who], np.argmin(fits, 0)[who], -1)
        free[who, where] = False
        for window in windows:
            window.take(found.items, row)
    return found


class _Window:
    """The rows of all readers that a quota looks at before the next one. counted: (R, m) bool, which items of the
    rankings (R, m) it counts."""

    def __init__(self, quota: Bits, of: np.ndarray):
        self._quota, self._most, self._rows = quota, quota.quota.most, quota.window
        self._bits, self.counted = [word[of] for word in quota.bits.T], quota.counted[of]
        self._counts = np.zeros((len(of), quota.bits.shape[1] * WORD), np.int16)  # rows of the window with each value
        self._met = np.zeros(len(of), np.int64)  # of the list's first rows

    def allowed(self) -> np.ndarray:
        """Which items (R, m) have no value of which there are enough."""
        if self._most is None:
            return np.ones(self.counted.shape, bool)
        if self._most == 0:
            return ~self.counted
        full, met = _as_words(self._counts >= self._most), np.zeros(self.counted.shape, np.uint64)
        for word, bits in enumerate(self._bits):
            met |= bits & full[:, word, None]
        return np.equal(met, 0)

    def needed(self, row: int) -> np.ndarray:
        """Whose next row (R,) has to be one that the quota counts."""
        missing = self._quota.quota.least - self._met
        return (missing > 0) & (missing >= self._rows - row) & (row < self._rows)

    def take(self, rows: np.ndarray, row: int) -> None:
        """A row was taken of rows (R, n), -1 where none was, and the first one leaves the window."""
        if row < self._rows:
            self._met += np.append(self._quota.counted, False)[rows[:, row]]
        if self._most:
            self._counts += self._values(rows[:, row])
            if row >= self._rows - 1:
                self._counts -= self._values(rows[:, row - self._rows + 1])

    def _values(self, items: np.ndarray) -> np.ndarray:
        """(R, values) what an item of each reader counts as, nothing for -1."""
        of = self._quota.bits[items] * (items >= 0)[:, None].astype(np.uint64)
        return np.unpackbits(of.view(np.uint8), axis=1, bitorder="little").astype(np.int16)


def _as_words(table: np.ndarray) -> np.ndarray:
    """Rows of bits (R, words * 64) as (R, words) uint64."""
    return np.packbits(table, axis=1, bitorder="little").view(np.uint64)
