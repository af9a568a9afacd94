"""Breakpoints: at which amounts of one dial which items enter and leave the list. Exact, nothing is sampled.

While one dial moves from 0 to -1 or to 1 and the others stay, every item's score in a hand is a line in the amount:

    two lines p, q meet at   (p(0) - q(0)) / (q' - p')         from there on q is above p, where q' > p'

A title is in a list of one hand while fewer than n lines are above its own, so all its meetings in a row say when.

Where several hands take turns (``turns.py``), the list can change only where two lines of one hand meet among its first
n, or where the times of two hands meet, p / a = q / a_k. Between these amounts nothing happens, so one look at each
part of the way is enough.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.turns import hands

ENDS = (-1.0, 1.0)


class Breakpoint(NamedTuple):
    """A change of the list. Where the dial passes ``amount``, moving away from 0, ``item`` enters or else leaves."""

    amount: float
    item: int
    enters: bool


class _Way(NamedTuple):
    """One hand while a dial moves from 0 to an end. amount: its pace, None for that of the moving dial itself; start,
    end: (m,) scores of the unseen items."""

    amount: float | None
    start: np.ndarray
    end: np.ndarray


def breakpoints(
    engine: Engine, taste: Taste, dials: Sequence[Dial], moving: Dial, n: int = 20, passed: Sequence[int] = ()
) -> list[Breakpoint]:
    """All changes of the first n unseen items while one dial moves, sorted by amount.

    Args:
        dials: the other dials, which stay as they are; moving: the dial that moves, at whatever amount.
        passed: columns that have their places in every hand but are passed over when the list is made of them.

    Raises:
        ConfigError: the decoder is not linear.
    """
    items, found = np.delete(np.arange(len(taste.base)), taste.seen), []
    for end in ENDS:
        ways = _ways(engine, taste, dials, moving, end)
        over = np.isin(items, passed)
        if len(ways) == 1:  # whoever is passed over in the only hand may as well not be there
            free = np.flatnonzero(~over)
            changes = [
                (share, free[index], enters)
                for share, index, enters in crossings(ways[0].start[free], ways[0].end[free], n)
            ]
        else:
            changes = _meetings(ways, n, over)
        found += [Breakpoint(end * share, int(items[index]), enters) for share, index, enters in changes]
    return sorted(found, key=lambda change: change.amount)


def candidates(engine: Engine, taste: Taste, dials: Sequence[Dial], moving: Sequence[Dial], n: int = 20) -> np.ndarray:
    """Items, ascending, that hold the first n whichever one dial moves anywhere while the others stay.

    Exact by ``contenders``. A few hundred items stand for a catalogue of any size, so that these alone have to travel
    to whoever blends them.

    Args:
        dials: all dials as they are now; moving: those that may move, known by their keys.

    Raises:
        ConfigError: the decoder is not linear.
    """
    items, found = np.delete(np.arange(len(taste.base)), taste.seen), []
    for one in moving:
        others = [dial for dial in dials if dial.key != one.key]
        ways = [way for end in ENDS for way in _ways(engine, taste, others, one, end)]
        found += [items[contenders(way.start, way.end, min(n, len(items)))] for way in ways]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _ways(engine: Engine, taste: Taste, dials: Sequence[Dial], moving: Dial, end: float) -> list[_Way]:
    """What each hand's scores are while the moving dial goes to one of its ends."""
    engine.require_linear("breakpoints")
    turned = [dial for dial in dials if dial.amount]
    moved = replace(moving, amount=end)
    held = hands([*turned, moved])
    settings = []
    for hand in held:
        settings += [[dial for dial in hand.dials if dial is not moved], hand.dials]
    scores = np.delete(engine.scores_each(taste, settings).double().cpu().numpy(), taste.seen, axis=1)
    amounts = [None if hand.more is moved else hand.amount for hand in held]
    return [_Way(a, start, end) for a, start, end in zip(amounts, scores[::2], scores[1::2], strict=True)]


def _meetings(ways: Sequence[_Way], wanted: int, over: np.ndarray | None = None) -> list[tuple[float, int, bool]]:
    """Changes of the first titles that several hands deal, as those of ``crossings``.

    Args:
        wanted: how many titles, beside those that are passed over; over: (m,) bool, which these are; by default none.
    """
    over = np.zeros(len(ways[0].start), bool) if over is None else over
    n = min(wanted + int(over.sum()), len(over))  # as many may have to be dealt
    near = np.unique(np.concatenate([contenders(way.start, way.end, n) for way in ways]))
    ways = [_Way(way.amount, way.start[near], way.end[near]) for way in ways]
    paces = [way.amount for way in ways if way.amount is not None]
    marks = [_reorderings(way.start, way.end, n) for way in ways]
    if len(paces) < len(ways):  # the moving dial deals too: its pace is the share of the way itself
        places = np.arange(1, n + 1)
        marks += [(np.divide.outer(places, places) * pace).ravel() for pace in paces]
    stops = np.unique(np.concatenate(marks))
    stops = np.concatenate([[0.0], stops[(stops > 0) & (stops < 1)], [1.0]])
    middles = (stops[:-1] + stops[1:])[:, None] / 2
    times = np.stack([_times(way, middles) for way in ways])
    hand, when = times.argmin(0), times.min(0)
    order = np.argsort(hand, axis=1, kind="stable")
    order = np.take_along_axis(order, np.argsort(np.take_along_axis(when, order, 1), axis=1, kind="stable"), 1)
    order = order[:, :n]
    inside, free = np.zeros(when.shape, bool), ~over[near][order]
    np.put_along_axis(inside, order, free & (free.cumsum(1) <= wanted), 1)
    change = np.diff(inside.astype(np.int8), axis=0)
    return [
        (float(stops[row + 1]), int(near[index]), bool(change[row, index] > 0))
        for row, index in zip(*np.nonzero(change), strict=True)
    ]


def _times(way: _Way, shares: np.ndarray) -> np.ndarray:
    """When each title is due (len(shares), m) in one hand, at shares (s, 1) of the way."""
    still = np.array_equal(way.start, way.end)  # then the hand is sorted once
    values = way.start[None] if still else (1 - shares) * way.start + shares * way.end
    places = np.empty(values.shape)
    ranks = np.broadcast_to(np.arange(1.0, values.shape[1] + 1), values.shape)
    np.put_along_axis(places, np.argsort(-values, axis=1, kind="stable"), ranks, 1)
    times = places / (shares if way.amount is None else way.amount)
    return np.broadcast_to(times, (len(shares), len(way.start)))


def _reorderings(start: np.ndarray, end: np.ndarray, n: int) -> np.ndarray:
    """Shares of the way at which two of the lines meet among the n highest."""
    first, second = np.triu_indices(len(start), 1)
    gap, gain = start[first] - start[second], (end - start)[second] - (end - start)[first]
    share = np.divide(gap, gain, out=np.full(gap.shape, -1.0), where=gain != 0)
    meets = (share > 0) & (share < 1)
    first, share = first[meets], share[meets]
    slack = 1e-9 * np.abs(start).max(initial=1.0)
    found = []
    for part in np.array_split(np.arange(len(share)), max(1, len(share) * len(start) // 2**22)):
        values = start + share[part, None] * (end - start)
        height = values[np.arange(len(part)), first[part], None]
        found.append(share[part][(values > height + slack).sum(1) < n])
    return np.concatenate(found)


def crossings(start: np.ndarray, end: np.ndarray, n: int) -> list[tuple[float, int, bool]]:
    """Changes of the n highest of some lines on [0, 1), in the order in which they happen.

    A line is among them while fewer than n others are above it, and how many are changes where it meets one.

    Args:
        start, end: (m,) where the lines are at 0 and at 1; among equals the first is the higher.

    Returns:
        (share, index, enters): at ``share`` of the way the line ``index`` joins the n highest or leaves them.
    """
    if n >= len(start):
        return []
    near = contenders(start, end, n)
    start, slope = start[near], end[near] - start[near]
    gap, gain = start[:, None] - start, slope - slope[:, None]
    share = np.divide(gap, gain, out=np.full(gap.shape, -1.0), where=gain != 0)
    above = (gap < 0) | ((gap == 0) & np.tri(len(near), k=-1, dtype=bool))  # [i, j]: whether j is above i at 0
    line, other = np.nonzero((share >= 0) & (share < 1) & (above != (gain > 0)))
    share, passes = share[line, other], np.where(gain[line, other] > 0, 1, -1)
    order = np.lexsort((share, line))
    line, share, passes = line[order], share[order], passes[order]
    rank = above.sum(1)[line] + np.cumsum(passes)  # how many are above the line behind the meeting
    new = np.diff(line, prepend=-1) != 0
    before = (np.cumsum(passes) - passes)[new]  # of the lines before
    rank -= np.repeat(before, np.diff(np.append(np.flatnonzero(new), len(line))))
    last = np.append((np.diff(line) != 0) | (np.diff(share) != 0), True)[: len(line)]  # all that meets there has met
    line, share, inside = line[last], share[last], rank[last] < n
    was = np.where(np.diff(line, prepend=-1) != 0, above.sum(1)[line] < n, np.append(False, inside[:-1])[: len(line)])
    line, share, inside = (one[inside != was] for one in (line, share, inside))
    order = np.lexsort((near[line], ~inside, share))
    return list(zip(share[order].tolist(), near[line[order]].tolist(), inside[order].tolist(), strict=True))


def contenders(start: np.ndarray, end: np.ndarray, n: int) -> np.ndarray:
    """Indices, ascending, that hold every line which is ever among the n highest on [0, 1].

    On a part of the way a line lies between its values at the part's two ends. The n lines whose smaller end value is
    largest are never below f, the smallest of these n values; so the n-th highest line is never below f either, and a
    line whose larger end value is below f is never among the n highest there. Parts are halved and halved again, each
    time among those still left.

    Args:
        start, end: (m,) where the lines are at 0 and at 1; n at most m.
    """
    near = np.arange(len(start))
    for parts in (1, 4, 16):
        shares = np.linspace(0, 1, parts + 1)[:, None]
        values = (1 - shares) * start[near] + shares * end[near]
        least, most = np.minimum(values[:-1], values[1:]), np.maximum(values[:-1], values[1:])
        bound = np.partition(least, -n, axis=1)[:, -n, None]
        near = near[(most >= bound).any(0)]
    return near
