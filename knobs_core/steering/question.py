"""A question of a counterfactual: how far an item is from the list as the dials stand, and what one dial does about it.

In the hand of a dial k at amount a every score is a line in a, so a rival is before the item up to one amount or from
one amount on; counting these gives the item's place r at every amount on the grid, without a sort. Then (``turns.py``)

    one hand        rank = r                               a dial that brings less, or the only one that brings more
    several hands   rank = r + #{j due before r / a, behind the item in hand k}          a new dial that brings more

where j runs over what the standing dials deal first. A dial that brings less moves all of several hands at once: there
the item is tried wherever it is among the first n of one of them. So is every amount of a dial that stands already.
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np

from knobs_core.base import first_n
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.recommend import ReferenceRanking
from knobs_core.steering.turns import deal_first

STEP = 0.01  # amounts are multiples of this, as a hand can set them
AMOUNTS = np.arange(round(1 / STEP) + 1) / round(1 / STEP)
N_KNOBS = 40  # dials of those that gain most, where not all can be tried
AT_ONCE = 2**24  # scores held at a time


@dataclasses.dataclass(frozen=True)
class Counterfactual:
    """Dials, the largest first, that bring an item to ``rank`` (from 1) when they are set beside those that stand.

    total: sum of how far each is turned from where it stood
    """

    dials: tuple[Dial, ...]
    rank: int
    total: float


def turned(dial: Dial, size: float) -> Dial:
    """The same dial and direction at another size, kept in range and on the grid."""
    size = min(round(size / STEP) * STEP, 1.0)
    return dataclasses.replace(dial, amount=round(math.copysign(size, dial.amount), 6))


class Question:
    """An item that somebody asks for, and the dials that stand.

    standing: by their keys, those that are not at rest
    base: (n_rivals,) how far the item is ahead of each other unseen item: in scores, where several hands deal in places
    one_hand: whether the dials that stand make one list; free: whether none of them brings more
    """

    def __init__(self, engine: Engine, taste: Taste, item: int, n: int, standing: Sequence[Dial]):
        self.engine, self.taste, self.item, self.n = engine, taste, item, n
        self._dials = [dial for dial in standing if dial.amount]
        self.standing = {dial.key: dial for dial in self._dials}
        self.rivals = np.delete(np.arange(len(taste.base)), [*taste.seen, item])
        self._reference = ReferenceRanking(taste.base, taste.seen)
        ranked, _ = engine.dealt(taste, self._dials)
        self.base = self._lead(ranked.order[None])[0]
        self._hands, scores = engine.hand_scores(taste, self._dials)
        self._scores = np.stack([one.cpu().numpy() for one in scores])
        self.one_hand, self.free = len(self._hands) == 1, self._hands[0].more is None

    def _beside(self, dials: Sequence[Dial]) -> list[Dial]:
        """The dials that stand with these set beside them, or in the place of those of the same knob."""
        changed = {dial.key for dial in dials}
        return [*(dial for dial in self._dials if dial.key not in changed), *dials]

    def _lead(self, scores: np.ndarray) -> np.ndarray:
        """How far the item is ahead of each rival, from scores (B, n_items): (B, n_rivals)."""
        return scores[:, self.item, None] - scores[:, self.rivals]

    def behind(self, lead: np.ndarray) -> np.ndarray:
        """Which rivals (..., n_rivals) stand before the item; among equal scores the order of the items counts."""
        return (lead < 0) | ((lead == 0) & (self.rivals < self.item))

    def lead_with(self, dials: Sequence[Dial]) -> np.ndarray | None:
        """The lead (n_rivals,) with dials set beside those that stand; None where they make several hands."""
        _, scores = self.engine.hand_scores(self.taste, self._beside(dials))
        return self._lead(scores[0].cpu().numpy()[None])[0] if len(scores) == 1 else None

    def verified(self, dials: Sequence[Dial]) -> Counterfactual | None:
        """These dials as an answer, if in the list that the engine deals they are one."""
        listed = self.engine.recommend(self.taste, self._beside(dials), self.n, reference=self._reference).items
        place = np.flatnonzero(listed == self.item)
        if not len(place):
            return None
        kept = [dial for dial in dials if dial.amount or dial.key in self.standing]
        kept.sort(key=lambda dial: -abs(dial.amount))
        return Counterfactual(tuple(kept), int(place[0]) + 1, sum(self.way(dial) for dial in kept))

    def way(self, dial: Dial) -> float:
        """How far a dial is from where it stood."""
        return abs(dial.amount - self.standing[dial.key].amount) if dial.key in self.standing else abs(dial.amount)

    def gains(self, dials: Sequence[Dial]) -> np.ndarray:
        """What the item gains on each rival (len(dials), n_rivals) in one hand, with each dial as it is given."""
        scores = self.engine.scores_each(self.taste, [[], *([dial] for dial in dials)]).cpu().numpy()
        return self._lead(scores[1:]) - self._lead(scores[:1])

    def alone(self, dials: Sequence[Dial]) -> tuple[np.ndarray, np.ndarray]:
        """Each new dial by itself, given at its full amount.

        Returns:
            tried: (len(dials), len(AMOUNTS)) at which amounts it is worth a try: where all can be counted, the first
                two that bring the item in, as rounding may hold back the first
            gains: (len(dials),) what it gains at the full amount on those it has to overtake, on average
        """
        tried, gains = np.zeros((len(dials), len(AMOUNTS)), bool), np.zeros(len(dials))
        more = np.array([dial.amount > 0 for dial in dials])
        ahead = self.behind(self.base)
        to_pass = np.flatnonzero(ahead)[np.argsort(-self.base[ahead], kind="stable")][: ahead.sum() - self.n + 1]
        size = max(1, AT_ONCE // len(self.taste.base))
        for start in range(0, len(dials), size):
            part = dials[start : start + size]
            rows, slope = np.arange(start, start + len(part)), self.gains(part)
            gains[rows], up = slope[:, to_pass].mean(1), more[rows]
            new_hands = [dial for dial in part if dial.amount > 0]
            tried[rows[up]] = self.before_in_own_hand(new_hands, slope[up]) < self.n
            if self.one_hand:
                tried[rows[~up]] = self._before(self.base, slope[~up]) < self.n
        tried &= tried.cumsum(1) <= 2
        if not self.one_hand:
            less = np.flatnonzero(~more)
            few = less[np.argsort(-gains[less], kind="stable")[:N_KNOBS]]
            slope = self.gains([dials[k] for k in few.tolist()])
            tried[few] = np.any([self._before(lead, slope) < self.n for lead in self._lead(self._scores)], axis=0)
        tried[:, 0] = False
        return tried, gains

    def _before(self, lead: np.ndarray, slope: np.ndarray) -> np.ndarray:
        """How many rivals are before the item in a hand, (B, len(AMOUNTS)), where leads move by slope (B, n_rivals)."""
        ahead, steps = self.behind(lead), len(AMOUNTS) - 1
        # A rival changes sides at most once. Count, for every step, who has by then fallen behind or come ahead.
        with np.errstate(divide="ignore", invalid="ignore"):
            change = -lead / slope
        rows, columns = np.nonzero((ahead & (slope > 0) & (change <= 1)) | (~ahead & (slope < 0) & (change < 1)))
        when, falls = change[rows, columns] * steps, ahead[columns]
        when = np.where(falls, np.ceil(when), np.floor(when) + 1).astype(int)
        moves = np.bincount(rows * (steps + 2) + when, np.where(falls, -1, 1), len(slope) * (steps + 2))
        return (ahead.sum() + moves.reshape(-1, steps + 2).cumsum(1))[:, : steps + 1]

    def before_in_own_hand(self, dials: Sequence[Dial], slope: np.ndarray) -> np.ndarray:
        """How many rivals are dealt before the item by the hand of a new dial that brings more, of each, and by those
        that stand, (B, len(AMOUNTS))."""
        if self.free:
            return self._before(self.base, slope)
        _, (own,) = self.engine.hand_scores(self.taste, [dial for dial in self._dials if dial.amount < 0])
        lead = self._lead(own.cpu().numpy()[None])[0]
        before = self._before(lead, slope)
        with np.errstate(divide="ignore"):
            due = (before + 1) / AMOUNTS
        keys = np.array([dial.key for dial in dials])[:, None]
        for time, dealer, rival in self._first_dealt():
            first = (dealer.amount > AMOUNTS) | ((dealer.amount == AMOUNTS) & (dealer.key < keys))
            there = lead[rival] + AMOUNTS * slope[:, rival, None]
            passed = (there > 0) | ((there == 0) & (self.item < self.rivals[rival]))
            before = before + (((time < due) | ((time == due) & first)) & passed)
        return before

    def _first_dealt(self) -> Iterator[tuple[float, Dial, int]]:
        """The first n titles that dials which bring more deal as they stand: when each is due, the dial that deals it,
        and which of the rivals it is."""
        unseen = self._scores.copy()
        unseen[:, self.taste.seen] = -np.inf
        lists = [first_n(one, min(self.n, len(self.rivals) + 1)) for one in unseen]
        items, hands = deal_first(lists, [hand.pace for hand in self._hands], self.n)
        for item, hand in zip(items.tolist(), hands.tolist(), strict=True):
            dealer, place = self._hands[hand].more, 1 + lists[hand].tolist().index(item)
            if dealer:
                yield place / dealer.amount, dealer, int(np.searchsorted(self.rivals, item))

    def changes(self, knobs: Sequence[Dial]) -> list[Dial]:
        """Every amount on the grid at which a dial that stands could stand instead, of those among the knobs."""
        amounts = np.concatenate([-AMOUNTS[:0:-1], AMOUNTS]).tolist()
        mine = [self.standing[knob.key] for knob in knobs if knob.key in self.standing]
        return [dataclasses.replace(dial, amount=a) for dial in mine for a in amounts if a != dial.amount]
