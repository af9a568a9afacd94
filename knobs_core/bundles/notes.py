"""Notes: one plain sentence for each row of a list, why it is there, made of the parts of its score.

    score = (1 - a) base + sum_k dial_k          the receipt of ``steering/attribution.py``, its parts put together
    base  = sum_i A y_i                          the likes of ``steering/reasons.py``

A note names at most two parts: the like that brings most, (1 - a) A y_i, where that is above 0, and the dial of the
row's hand that brings most in the direction in which the row went, up or down from its place at rest. The larger of the
two comes first. Places count from 1 over all items that the person has not seen. All rows are made at once: one product
with the likes, one vector a dial.

Where the decoder is not linear, or dials are mixed into the code, no parts add up: the like is then the one whose
embedding is closest in angle, and a dial is named where it is the only one that could have moved the row.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from knobs_core.base import capital, shown
from knobs_core.steering import SPREAD, Dial, Engine, Hand, ReferenceRanking, Speaking, Taste, hands

LONG = 80  # characters of a title or a name in a note, at most


class Why(NamedTuple):
    """Why a row is where it is.

    like: title of the like that speaks most for it, "" where none does; like_part: its part, None where none adds up
    dial: name of the dial that moved it, "" where none did; dial_part: its part, None where none adds up
    rank, before: places with the dials turned and at rest; turned: whether any is; known: whether there are any likes
    """

    like: str
    like_part: float | None
    dial: str
    dial_part: float | None
    rank: int
    before: int
    turned: bool
    known: bool

    def __str__(self) -> str:
        like, moved = self._like(), self._moved()
        if not self.turned:
            return f"{capital(like)}."
        if self.like and (self.dial_part is None or abs(self.dial_part) <= (self.like_part or 0)):
            return f"{capital(like)}{', and' if self.dial and self.rank < self.before else ';'} {moved}."
        if self.like:
            like = f"of what you like, {self.like} speaks most for it"
        return f"{capital(moved)}; {like}." if self.known else f"{capital(moved)}."

    @property
    def public(self) -> str:
        """A sentence for everybody who reads the list, without likes and places; "" where no dial brought the row."""
        return f"Here for more {self.dial}." if self.dial and self.rank < self.before else ""

    def _like(self) -> str:
        if not self.known:
            return "what everybody gets, as nothing is known of your taste"
        if not self.like:
            return "nothing you liked speaks for it"
        return (
            f"closest to {self.like} of what you like" if self.like_part is None else f"because you liked {self.like}"
        )

    def _moved(self) -> str:
        if self.rank == self.before:
            return f"the knobs leave it at place {self.rank:,}"
        up = self.rank < self.before
        if self.dial:
            return f"the {self.dial} knob brings it {'up' if up else 'down'} from place {self.before:,}"
        return f"it moves {'up' if up else 'down'} from place {self.before:,}"


def whys(
    engine: Engine,
    taste: Taste,
    speaking: Speaking | None,
    titles: Sequence[str],
    dials: Sequence[Dial],
    columns: Sequence[int],
    operator: str = SPREAD,
) -> list[Why]:
    """Why items are where they are, with dials turned.

    Args:
        speaking: the like that speaks most for each item, None where there are no likes; titles: of all items.
        columns: of items that the person has not seen; operator: how dials are mixed.
    """
    turned, at = [dial for dial in dials if dial.amount], np.asarray(columns, np.int64)
    ranked, _ = engine.dealt(taste, turned, operator)
    rank, before = (ReferenceRanking(scores, taste.seen).ranks for scores in (ranked.order, taste.base))
    spread = operator == SPREAD
    held = hands(turned) if spread else [Hand(None, tuple(turned))]
    hand = ranked.hand[at]
    moves = _moves(engine, taste, turned, at) if spread and engine.linear else None
    found = []
    for place, (column, of) in enumerate(zip(at.tolist(), hand.tolist(), strict=True)):
        up = int(before[column]) - int(rank[column])
        dial, part = _mover(held[of].dials, None if moves is None else moves[:, place], turned, up)
        like, like_part = "", None
        if speaking is not None:
            if speaking.parts is not None and spread:
                like_part = float(speaking.parts[column]) * (1 - held[of].amount)
            if like_part is None or like_part > 0:
                like = shown(titles[speaking.likes[column]], LONG)
        name = shown(dial.name, LONG) if dial else ""
        found.append(
            Why(like, like_part, name, part, int(rank[column]), int(before[column]), bool(turned), speaking is not None)
        )
    return found


def _moves(engine: Engine, taste: Taste, turned: Sequence[Dial], at: np.ndarray) -> np.ndarray:
    """What each dial adds to the scores of some items, (n_dials, n), in a hand that it is in."""
    reach, steps = taste.reach, zip(turned, engine.steps(turned), strict=True)
    parts = [
        (reach.up if dial.amount > 0 else reach.down) * dial.amount * step[at].cpu().numpy() for dial, step in steps
    ]
    return np.stack(parts) if parts else np.zeros((0, len(at)), np.float32)


def _mover(
    dials: Sequence[Dial], moves: np.ndarray | None, turned: Sequence[Dial], up: int
) -> tuple[Dial | None, float | None]:
    """The dial of a hand that moved a row so many places up, and its part; without parts the only one that is turned.

    moves: (n_turned,) what each of the turned dials adds.
    """
    if not up or not dials:
        return None, None
    if moves is None:
        return (dials[0], None) if len(dials) == 1 == len(turned) else (None, None)
    part, best = max(
        ((float(moves[place]), dial) for place, dial in enumerate(turned) if any(dial is one for one in dials)),
        key=lambda one: one[0] * up,
    )
    return (best, part) if part * up > 0 else (None, None)
