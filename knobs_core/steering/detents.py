"""Detents: the scale of a dial for one person, on which each click exchanges about one title of their list.

    e_1 < e_2 < ... < e_m     the amounts between 0 and an end at which titles enter the list, see ``breakpoints.py``
    click p stands at         (e_p + e_{p+1}) / 2   for p < m,      and the last one at the end itself

so from click to click one title is exchanged, whichever knob it is. (Some leave again: on the demo about 7 of 10 titles
are new at the tenth click.) Amounts are multiples of STEP: where two titles enter within one step, one click exchanges
both. A decoder that is not linear has no closed form: there the
list is made at GRID amounts, and a title enters at the first of them at which it is in.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch

from knobs_core.base import first_n
from knobs_core.steering.breakpoints import ENDS, breakpoints
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.spread import steered_embedding

STEP = 1e-4  # amounts are kept to this
MOST = 36  # clicks from rest to an end
GRID = 40


class Detents(NamedTuple):
    """Amounts of the clicks from rest to either end, the nearest first: ``up`` rises to 1, ``down`` falls to -1."""

    up: tuple[float, ...]
    down: tuple[float, ...]


def detents(engine: Engine, taste: Taste, dial: Dial, n: int = 20) -> Detents:
    """The scale of a dial, whatever its amount, for the first n unseen items while all other dials are at rest."""
    entered = _exact(engine, taste, dial, n) if engine.linear else _tried(engine, taste, dial, n)
    down, up = (tuple(end * amount for amount in clicks(amounts)) for end, amounts in zip(ENDS, entered, strict=True))
    return Detents(up, down)


def clicks(entered: Sequence[float]) -> list[float]:
    """Amounts of the clicks, ascending and the last at 1, from the amounts in (0, 1] at which titles enter."""
    edges = sorted({amount for amount in entered if 0 < amount < 1})
    found = [0.0]
    for edge, following in pairwise(edges):
        middle = round(round((edge + following) / 2 / STEP) * STEP, 4)
        if max(edge, found[-1]) < middle < following:
            found.append(middle)
    return [*found[1:MOST], 1.0]


def _exact(engine: Engine, taste: Taste, dial: Dial, n: int) -> list[list[float]]:
    """Sizes of the amounts at which titles enter, down and up."""
    found = [point.amount for point in breakpoints(engine, taste, [], dial, n) if point.enters]
    return [[-amount for amount in found if amount < 0], [amount for amount in found if amount > 0]]


@torch.inference_mode()
def _tried(engine: Engine, taste: Taste, dial: Dial, n: int) -> list[list[float]]:
    """The same where the list has to be made to be known; embeddings of one dial lie on a line from rest to its end."""
    y, shares = taste.encoded.y, torch.linspace(0, 1, GRID + 1)[:, None]
    found: list[list[float]] = []
    for end in ENDS:
        last = steered_embedding(engine.nested, y, taste.reach, [replace(dial, amount=end)])
        scores = engine.nested.cfae.decode(torch.lerp(y, last, shares.to(y))).cpu().numpy()
        scores[:, taste.seen] = -np.inf
        inside = np.zeros(scores.shape, bool)
        for row, one in enumerate(scores):
            inside[row, first_n(one, n)] = True
        rows, _ = np.nonzero(inside[1:] & ~inside[:-1])
        # Titles that enter between the same two amounts are spread evenly over the way between them.
        found.append([])
        for row, count in zip(*np.unique(rows, return_counts=True), strict=True):
            found[-1] += ((row + (np.arange(count) + 0.5) / count) / GRID).tolist()
    return found
