"""Breakpoints: at which amounts of one dial which items enter and leave the list. Exact, nothing is sampled.

While one dial moves from 0 and the others stay, every item's score is a line in the amount: on [-1, 0] the dial
repels, on [0, 1 - the other boosts] it boosts (beyond, all boosts are scaled down together). The list changes where
the lowest line inside it meets the highest outside, so a sweep goes from meeting to meeting:

    two lines p, q meet at   (p(0) - q(0)) / (q' - p')     inside p, outside q, where q' > p'
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from knobs_core.steering.dials import Dial, Recipe, boosted
from knobs_core.steering.engine import Engine, Taste


class Breakpoint(NamedTuple):
    """A change of the list. Where the dial passes ``amount``, moving away from 0, ``item`` enters or else leaves."""

    amount: float
    item: int
    enters: bool


def breakpoints(engine: Engine, taste: Taste, dials: Sequence[Dial], moving: Recipe, n: int = 20) -> list[Breakpoint]:
    """All changes of the first n unseen items while one dial moves, sorted by amount.

    Args:
        dials: the other dials, which stay as they are.
        moving: the recipe of the dial that moves.

    Raises:
        ConfigError: the decoder is not linear.
    """
    items, start, ends = _lines(engine, taste, dials, moving)
    found = [
        Breakpoint(end * share, int(items[index]), enters)
        for end, at_end in ends
        for share, index, enters in crossings(start, at_end, n)
    ]
    return sorted(found, key=lambda change: change.amount)


def candidates(engine: Engine, taste: Taste, dials: Sequence[Dial], moving: Sequence[Dial], n: int = 20) -> np.ndarray:
    """Items, ascending, that hold the first n whichever one dial moves anywhere while the others stay.

    Exact by ``contenders``, as long as all boosts together stay within 1. A few hundred items stand for a catalogue of
    any size, so that these alone have to travel to whoever blends them.

    Args:
        dials: all dials as they are now; moving: those that may move, known by their keys.

    Raises:
        ConfigError: the decoder is not linear.
    """
    found = []
    for one in moving:
        others = [dial for dial in dials if dial.key != one.key]
        items, start, ends = _lines(engine, taste, others, one.recipe)
        found += [items[contenders(start, at_end, min(n, len(items)))] for _, at_end in ends]
    return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def _lines(
    engine: Engine, taste: Taste, dials: Sequence[Dial], moving: Mapping[int, float]
) -> tuple[np.ndarray, np.ndarray, list[tuple[float, np.ndarray]]]:
    """Unseen items, their scores with the moving dial at rest, and (amount, scores) at either end of its way."""
    engine.require_linear("breakpoints")
    room = 1 - boosted(dials)
    ends = [-1.0, room] if room > 0 else [-1.0]
    settings = [dials, *([*dials, Dial(moving, end)] for end in ends)]
    scores = np.delete(engine.scores_each(taste, settings).double().cpu().numpy(), taste.seen, axis=1)
    items = np.delete(np.arange(len(taste.base)), taste.seen)
    return items, scores[0], list(zip(ends, scores[1:], strict=True))


def crossings(start: np.ndarray, end: np.ndarray, n: int) -> list[tuple[float, int, bool]]:
    """Changes of the n highest of some lines on [0, 1), in the order in which they happen.

    Args:
        start, end: (m,) where the lines are at 0 and at 1; among equals the first is the higher.

    Returns:
        (share, index, enters): at ``share`` of the way the line ``index`` joins the n highest or leaves them.
    """
    if n >= len(start):
        return []
    near = contenders(start, end, n)
    start, slope = start[near], end[near] - start[near]
    order = np.argsort(-start, kind="stable")
    inside, outside = order[:n], order[n:]
    found, meet = [], _meeting(start, slope, inside[:, None], outside[None], 0.0)
    # Every swap raises the sum of the slopes inside, so the loop ends.
    while meet.size and (share := meet.min()) < 1:
        rows, columns = np.nonzero(meet == share)
        leaves, enters = inside[rows], outside[columns]
        # Where several meet in one point, the steepest comes in for the flattest: nobody enters only to leave at once.
        first = np.lexsort((enters, -slope[enters], -leaves, slope[leaves]))[0]
        row, column = rows[first], columns[first]
        found += [(float(share), int(near[outside[column]]), True), (float(share), int(near[inside[row]]), False)]
        inside[row], outside[column] = outside[column], inside[row]
        meet[row] = _meeting(start, slope, inside[row], outside, share)
        meet[:, column] = _meeting(start, slope, inside, outside[column], share)
    return found


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


def _meeting(start: np.ndarray, slope: np.ndarray, inside: np.ndarray, outside: np.ndarray, now: float) -> np.ndarray:
    """Where lines outside come to meet lines inside, not before ``now``; infinity where they never do."""
    gain = slope[outside] - slope[inside]
    gap = np.broadcast_to(start[inside] - start[outside], gain.shape)
    return np.maximum(np.divide(gap, gain, out=np.full(gain.shape, np.inf), where=gain > 0), now)
