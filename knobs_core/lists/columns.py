"""Many readers' lists at once, as columns: what ``Rules.arrange`` makes of each, without Python for each row.

Without quotas a list is the first of the ranking that are no pins, and the pins at their places. Readers with the same
pins before them (whoever has seen one does not get it) are arranged in one step:

    free places  <-  the first of the ranking that are no pins        places of pins  <-  pins

Lists with quotas, and lists that come out short, are arranged one by one.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.lists.rules import OWN, PINNED, Ranked, Row, Rules


class Columns(NamedTuple):
    """Rows of many lists, list by list.

    sizes: (n_readers,) rows of each; items: (n_rows,) columns of the matrix; scores: (n_rows,) NaN for a pin
    reasons: (n_rows,) texts
    """

    sizes: np.ndarray
    items: np.ndarray
    scores: np.ndarray
    reasons: np.ndarray


def arrange_all(
    rules: Rules, ranked: Ranked, likes: sp.csr_matrix, names: Sequence[str], alone: Callable[[int], list[Row]]
) -> Columns:
    """The lists of some readers.

    Args:
        ranked: as ``Rules.arrange`` takes it, but a row a reader; -1 where there are no more items.
        likes: (n_readers, n_items) what each has seen; names: of the dials that bring more, by hand.
        alone: makes the list of one reader of whom more of the ranking has to be known.
    """
    length, n_readers = rules.recipe.length, len(ranked.items)
    items, scores = np.empty((n_readers, length), np.int64), np.full((n_readers, length), np.nan, np.float32)
    labels, reasons = np.array([*(names or [OWN]), PINNED], object), np.full((n_readers, length), -1)
    whole = np.zeros(n_readers, bool)
    if not rules.quotas:
        for rows, pins in _by_pins(rules, likes):
            places = np.array([*pins], int) - 1
            free = np.setdiff1d(np.arange(length), places)
            taken = (ranked.items[rows] >= 0) & ~np.isin(ranked.items[rows], [*pins.values()])
            taken &= np.cumsum(taken, axis=1) <= len(free)
            enough = taken.sum(1) == len(free)
            rows, taken = rows[enough], taken[enough]
            for full, values in zip((items, scores, reasons), (ranked.items, ranked.scores, ranked.hands), strict=True):
                full[np.ix_(rows, free)] = values[rows][taken].reshape(len(rows), len(free))
            items[np.ix_(rows, places)] = [*pins.values()]
            whole[rows] = True
    rest = {}
    for row in np.flatnonzero(~whole).tolist():
        found = _one(rules, ranked, likes, names, row)
        rest[row] = alone(row) if found is None else found
    return _together(whole, Columns(np.empty(0), items, scores, labels[reasons]), rest)


def _by_pins(rules: Rules, likes: sp.csr_matrix) -> Iterable[tuple[np.ndarray, dict[int, int]]]:
    """Readers before whom the same pins stand, {place: column}."""
    left_out = set(rules.left_out)
    pins = {place: column for place, column in sorted(rules.pins.items()) if column not in left_out}
    seen = likes[:, [*pins.values()]].toarray() > 0
    patterns, of = np.unique(seen, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        standing = {place: column for (place, column), known in zip(pins.items(), pattern, strict=True) if not known}
        yield np.flatnonzero(of.ravel() == number), standing


def _one(rules: Rules, ranked: Ranked, likes: sp.csr_matrix, names: Sequence[str], row: int) -> list[Row] | None:
    there = ranked.items[row] >= 0
    mine = Ranked(ranked.items[row][there], ranked.scores[row][there], ranked.hands[row][there])
    return rules.arrange(mine, likes[row].indices, names)


def _together(whole: np.ndarray, arranged: Columns, rest: dict[int, list[Row]]) -> Columns:
    """Lists that were arranged together and others, in the order of their readers."""
    length = arranged.items.shape[1]
    sizes = np.where(whole, length, 0)
    sizes[[*rest]] = [len(rows) for rows in rest.values()]
    begins = np.cumsum(sizes) - sizes
    at = begins[whole][:, None] + np.arange(length)
    total = int(sizes.sum())
    found = Columns(sizes, np.empty(total, np.int64), np.empty(total, np.float32), np.empty(total, object))
    for all_, some in zip(found[1:], arranged[1:], strict=True):
        all_[at] = some[whole]
    for row, listed in rest.items():
        here = slice(begins[row], begins[row] + len(listed))
        found.items[here] = [one.column for one in listed]
        found.scores[here] = [np.nan if one.score is None else one.score for one in listed]
        found.reasons[here] = [one.reason for one in listed]
    return found
