"""Several dials at once: they take turns.

No sum of two themes is a list of both: what is loud drowns what is quiet. So every dial k that brings more makes a list
of its own, the list it would give alone at its amount a_k, and the lists are dealt into one, each at the pace of its
dial: the p-th title of list k is due at the time

    t = p / a_k          p = 1, 2, ...

titles come in the order of their times, of equal times that of the dial at the larger amount first, and a title that
several lists hold comes when it is first due. Two dials at one amount deal title by title; at .6 and .3 the first deals
two of three. Dials below 0 push away in every list. Nothing is scaled down, whatever the amounts add up to.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from knobs_core.steering.dials import Dial


class Hand(NamedTuple):
    """A dial that brings more, None where there is none, and all that push away: what makes one list."""

    more: Dial | None
    less: tuple[Dial, ...]

    @property
    def dials(self) -> tuple[Dial, ...]:
        """All dials of the hand."""
        return self.less if self.more is None else (self.more, *self.less)

    @property
    def amount(self) -> float:
        """a, of the dial that brings more; 0 where there is none."""
        return self.more.amount if self.more else 0.0

    @property
    def pace(self) -> float:
        """At which the hand deals: its amount; one without a dial that brings more deals alone."""
        return self.amount or 1.0


class Dealt(NamedTuple):
    """How a turn ranks all items. order: (n_items,), the highest first; hand: (n_items,) which hand deals an item."""

    order: np.ndarray
    hand: np.ndarray


def hands(dials: Sequence[Dial]) -> list[Hand]:
    """A hand for every dial above 0, the largest amount first, then by key; one without such a dial where there is
    none."""
    less = tuple(dial for dial in dials if dial.amount < 0)
    more = sorted((dial for dial in dials if dial.amount > 0), key=lambda dial: (-dial.amount, dial.key))
    return [Hand(dial, less) for dial in more] or [Hand(None, less)]


def deal(scores: np.ndarray, paces: Sequence[float], seen: np.ndarray) -> Dealt:
    """Deal the lists of several hands into one.

    Args:
        scores: (n_hands, n_items), by which each hand ranks; paces: (n_hands,)
        seen: columns that are not ranked, which come last.
    """
    if len(scores) == 1:
        return Dealt(scores[0], np.zeros(scores.shape[1], np.int64))
    ranked, n_items = scores.copy(), scores.shape[1]
    ranked[:, seen] = -np.inf
    items, dealers = deal_first(list(np.argsort(-ranked, axis=1, kind="stable")), paces, n_items)
    order, hand = np.empty(n_items), np.empty(n_items, np.int64)
    order[items], hand[items] = -np.arange(n_items), dealers
    return Dealt(order, hand)


def deal_first(lists: Sequence[np.ndarray], paces: Sequence[float], n: int) -> tuple[np.ndarray, np.ndarray]:
    """The first n titles that several hands deal, and which hand deals each, from the first n of every hand's list.

    Nothing further down can be among them: whoever deals the n-th title of a list has dealt n by then.
    """
    items = np.concatenate(lists)
    hand = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    times = np.concatenate([np.arange(1, len(one) + 1) / pace for one, pace in zip(lists, paces, strict=True)])
    order = np.lexsort((hand, times))
    _, first = np.unique(items[order], return_index=True)
    chosen = order[np.sort(first)][:n]
    return items[chosen], hand[chosen]


def deal_each(lists: np.ndarray, paces: Sequence[float], n: int) -> tuple[np.ndarray, np.ndarray]:
    """``deal_first`` for many people at once, whose hands have the same paces.

    Args:
        lists: (n_hands, B, m) the first titles of every hand's list, best first, -1 behind the last one.

    Returns:
        The first n titles (B, n) that are dealt, -1 behind the last one, and which hand deals each (B, n).
    """
    n_hands, _, size = lists.shape
    hand = np.repeat(np.arange(n_hands), size)
    times = np.concatenate([np.arange(1, size + 1) / pace for pace in paces])
    order = np.lexsort((hand, times))
    due = np.concatenate(list(lists), axis=1)[:, order]
    return packed(n, first_met(due), due, hand[order])


def first_met(items: np.ndarray) -> np.ndarray:
    """Which of items (B, m) are met for the first time in their row, of those that are not -1."""
    size = items.shape[1]
    keys = np.sort(items * size + np.arange(size), axis=1)  # all different; those of one item side by side
    item, place = np.divmod(keys, size)
    first = item >= 0
    first[:, 1:] &= item[:, 1:] != item[:, :-1]
    found = np.empty(items.shape, bool)
    np.put_along_axis(found, place, first, 1)
    return found


def packed(n: int, chosen: np.ndarray, items: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The first n chosen items of each row, side by side, -1 behind the last one, and the others at their places.

    Args:
        chosen: (B, m) bool; items: (B, m); others: (B, m) or (m,), of any meaning.
    """
    place = chosen.cumsum(1) - 1
    rows, columns = np.nonzero(chosen & (place < n))
    found = np.full((2, len(items), n), -1)
    at = place[rows, columns]
    found[0, rows, at] = items[rows, columns]
    found[1, rows, at] = np.broadcast_to(others, items.shape)[rows, columns]
    return found[0], found[1]
