"""How far a list still meets a person's own taste, and where one dial leaves less than half of it.

    own = sum over the list of (s - m) / (the same over the person's own best list of that length)      in [0, 1]

s are the person's scores with all dials at rest, m their mean over what the person has not seen: 1 is the list at rest,
0 one that is no better than titles drawn by lot. While a dial moves, the sum changes where a title enters or leaves and
nowhere else, so with a linear decoder its way below one half is walked from breakpoint to breakpoint.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from knobs_core.steering.breakpoints import Breakpoint, breakpoints
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.recommend import ReferenceRanking

HALF = 0.5
STEPS = 20  # of a dial's way to an end, where its decoder is not linear


class Half(NamedTuple):
    """Amounts of a dial, of either sign, from which on less than half of a taste is met; None where there is none."""

    up: float | None
    down: float | None


def share_of_best(worth: np.ndarray, free: np.ndarray, items: np.ndarray) -> float:
    """What items are worth, of what as many of the best free ones would be, cut to [0, 1]; 1 where nothing is worth
    anything.

    Args:
        worth: (n_items,) of each item; free, items: columns.
    """
    best = np.sort(worth[free])[::-1][: len(items)].sum()
    return float(np.clip(worth[items].sum() / best, 0, 1)) if best > 0 else 1.0


def own(taste: Taste, items: np.ndarray) -> float:
    """Share of a person's own taste that a list, as columns, still meets."""
    worth, free = _worth(taste)
    return share_of_best(worth, free, items)


def half_at(engine: Engine, taste: Taste, dial: Dial, n: int = 20) -> Half:
    """Where a list of n first meets less than half of a taste while one dial moves from rest, the others being at rest.

    Exact with a linear decoder; with others the first such amount among multiples of 0.05.
    """
    worth, free = _worth(taste)
    if engine.linear:
        changes = breakpoints(engine, taste, [], dial, n)
        best = np.sort(worth[free])[::-1][:n].sum()
        ways = [one for one in changes if one.amount > 0], [one for one in reversed(changes) if one.amount < 0]
        return Half(*(_first_under(way, worth, best) for way in ways))
    reference = ReferenceRanking(taste.base, taste.seen)

    def first(end: int) -> float | None:
        for amount in (end * step / STEPS for step in range(1, STEPS + 1)):
            found = engine.recommend(taste, [replace(dial, amount=amount)], n, reference=reference)
            if share_of_best(worth, free, found.items) < HALF:
                return amount
        return None

    return Half(first(1), first(-1))


def _worth(taste: Taste) -> tuple[np.ndarray, np.ndarray]:
    """What each item (n_items,) is worth to a person beyond one drawn by lot, and the columns not seen."""
    scores = taste.base.double().cpu().numpy()
    free = np.delete(np.arange(len(scores)), taste.seen)
    return scores - (scores[free].mean() if len(free) else 0), free


def _first_under(changes: Sequence[Breakpoint], worth: np.ndarray, best: float) -> float | None:
    """The first amount at which a list that was worth ``best`` is worth less than half, after these changes."""
    amounts = np.array([one.amount for one in changes])
    left = best + np.cumsum([worth[one.item] if one.enters else -worth[one.item] for one in changes])
    whole = np.append(amounts[1:] != amounts[:-1], True)[: len(amounts)]  # all that happens at an amount has happened
    under = np.flatnonzero(whole & (left < HALF * best))
    return float(amounts[under[0]]) if len(under) else None
