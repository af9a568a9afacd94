"""Counterfactual: the smallest turn of at most three dials, from rest, that brings it into the first n.

    minimise  sum_k x_k   so that   (base + sum_k x_k d_k)_item >= (base + sum_k x_k d_k)_j   for all but n - 1 items j

d_k is what the scores gain for one unit of dial k, up or down. One dial is exact: scores are lines, so a rival is ahead
of the item up to one amount or from one amount on, and every knob and every amount on the grid of 0.01 is counted. Two
and three dials are one at most that brings more and others that push away, as several that bring more would only take
turns; they are the best found, not proven least: which rivals may stay ahead is guessed from the solution before.
Whatever is answered has been verified with the engine's own scores.
"""

import dataclasses
import math
from collections.abc import Iterator, Sequence

import numpy as np

from knobs_core.base import DataError
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine, Taste

STEP = 0.01  # amounts are multiples of this, as a hand can set them
N_KNOBS, N_MORE, N_RIVALS, N_ROUNDS = 40, 4, 300, 4
AT_ONCE = 2**24  # scores held at a time


@dataclasses.dataclass(frozen=True)
class Counterfactual:
    """Dials, the largest first, that bring an item to ``rank`` (from 1). total: sum of the sizes of their amounts."""

    dials: tuple[Dial, ...]
    rank: int
    total: float


def counterfactual(
    engine: Engine, taste: Taste, item: int, knobs: Sequence[Dial], n: int = 10, max_dials: int = 3
) -> Counterfactual | None:
    """The smallest change found that brings an item (a column) into the first n unseen items; None where none does.

    No dials where the item is there already.

    Args:
        knobs: dials that may be turned, at whatever amount.

    Raises:
        ConfigError: the decoder is not linear.
        DataError: the person has the item already; such items are never recommended.
    """
    engine.require_linear("asking for an item")
    if item in taste.seen:
        raise DataError("an item that is not liked yet", "one that is", "ask for another item")
    search = _Search(engine, taste, item, n)
    best = search.verified([])
    if best or max_dials < 1 or not knobs:
        return best
    dials = [dataclasses.replace(knob, amount=end) for knob in knobs for end in (1.0, -1.0)]
    first, gains = search.alone(dials)
    for k in np.argsort(first, kind="stable"):
        if (best and STEP * first[k] >= best.total - STEP / 2) or first[k] > 1 / STEP:
            break
        for amount in (STEP * first[k], STEP * (first[k] + 1)):  # the next one too: rounding may hold back the first
            best = better(best, search.verified([turned(dials[k], amount)]))
    if max_dials > 1:
        # Of each knob the better direction alone: one dial cannot stand in two places.
        pairs = gains.reshape(-1, 2)
        ways = 2 * np.arange(len(knobs)) + pairs.argmax(1)
        ways = ways[np.argsort(-gains[ways], kind="stable")]
        promising = [dials[k] for k in ways[:N_KNOBS] if gains[k] > 0]
        gain = search.gains(promising)
        more, less = ([k for k, dial in enumerate(promising) if (dial.amount > 0) == up] for up in (True, False))
        starts = [[], best.dials] if best else [[]]
        for chosen in [less, *([k, *less] for k in more[:N_MORE])]:
            for start in starts:
                for found in search.together([promising[k] for k in chosen], gain[chosen], start, max_dials):
                    best = better(best, found)
    return best


def better(one: Counterfactual | None, other: Counterfactual | None) -> Counterfactual | None:
    """The answer with the smaller total; of equals the one with fewer dials, then the first."""
    answers = [answer for answer in (one, other) if answer]
    return min(answers, key=lambda answer: (round(answer.total, 6), len(answer.dials)), default=None)


def turned(dial: Dial, size: float) -> Dial:
    """The same dial and direction at another size, kept in range and on the grid."""
    size = min(round(size / STEP) * STEP, 1.0)
    return dataclasses.replace(dial, amount=round(math.copysign(size, dial.amount), 6))


class _Search:
    """One question: the rivals of one item, and how dials move them."""

    def __init__(self, engine: Engine, taste: Taste, item: int, n: int):
        self.engine, self.taste, self.item, self.n = engine, taste, item, n
        self.rivals = np.delete(np.arange(len(taste.base)), [*taste.seen, item])
        self.base = self._lead(engine.scores_each(taste, [[]]).cpu().numpy())[0]

    def _lead(self, scores: np.ndarray) -> np.ndarray:
        """How far the item is ahead of each rival, from scores (B, n_items): (B, n_rivals)."""
        return scores[:, self.item, None] - scores[:, self.rivals]

    def _behind(self, lead: np.ndarray) -> np.ndarray:
        """Which rivals stand before the item; among equal scores the order of the items counts."""
        return (lead < 0) | ((lead == 0) & (self.rivals < self.item))

    def verified(self, dials: Sequence[Dial]) -> Counterfactual | None:
        """These dials as an answer, if by the engine's own scores they are one."""
        lead = self._lead(self.engine.scores_each(self.taste, [dials]).cpu().numpy())[0]
        rank = 1 + int(self._behind(lead).sum())
        kept = tuple(sorted((dial for dial in dials if dial.amount), key=lambda dial: -abs(dial.amount)))
        return Counterfactual(kept, rank, sum(abs(dial.amount) for dial in kept)) if rank <= self.n else None

    def gains(self, dials: Sequence[Dial]) -> np.ndarray:
        """What the item gains on each rival (len(dials), n_rivals), with each dial as it is given."""
        return self._lead(self.engine.scores_each(self.taste, [[dial] for dial in dials]).cpu().numpy()) - self.base

    def alone(self, dials: Sequence[Dial]) -> tuple[np.ndarray, np.ndarray]:
        """Each dial by itself, given at its full amount.

        Returns:
            first: (len(dials),) the first amount in steps at which the item is in the list; more than 1 / STEP if none
            gains: (len(dials),) what it gains at the full amount on those it has to overtake, on average
        """
        steps = round(1 / STEP)
        first, gains = [], []
        ahead = self._behind(self.base)
        to_pass = np.flatnonzero(ahead)[np.argsort(-self.base[ahead], kind="stable")][: ahead.sum() - self.n + 1]
        size = max(1, AT_ONCE // len(self.taste.base))
        for start in range(0, len(dials), size):
            slope = self.gains(dials[start : start + size])
            gains.append(slope[:, to_pass].mean(1))
            # A rival changes sides at most once. Count, for every step, who has by then fallen behind or come ahead.
            with np.errstate(divide="ignore", invalid="ignore"):
                change = -self.base / slope
            rows, columns = np.nonzero((ahead & (slope > 0) & (change <= 1)) | (~ahead & (slope < 0) & (change < 1)))
            when, falls = change[rows, columns] * steps, ahead[columns]
            when = np.where(falls, np.ceil(when), np.floor(when) + 1).astype(int)
            moves = np.bincount(rows * (steps + 2) + when, np.where(falls, -1, 1), slope.shape[0] * (steps + 2))
            before = ahead.sum() + moves.reshape(-1, steps + 2).cumsum(1)
            inside = before[:, : steps + 1] < self.n
            first.append(np.where(inside.any(1), inside.argmax(1), steps + 1))
        return np.concatenate(first), np.concatenate(gains)

    def together(
        self, dials: Sequence[Dial], gain: np.ndarray, start: Sequence[Dial], max_dials: int
    ) -> Iterator[Counterfactual | None]:
        """Verified answers of several dials, from programmes that exempt the rivals strongest at the last solution.

        gain: (len(dials), n_rivals) their ``gains``.
        """
        if not dials:
            return
        lead = self._lead(self.engine.scores_each(self.taste, [start]).cpu().numpy())[0]
        for _ in range(N_ROUNDS):
            rivals = np.argsort(lead, kind="stable")[self.n - 1 :][:N_RIVALS]
            amounts = self._programme(gain[:, rivals], rivals)
            if amounts is None:
                return
            few = np.sort(np.argsort(-amounts, kind="stable")[:max_dials])
            fewer = self._programme(gain[few][:, rivals], rivals)
            if fewer is not None:
                chosen = [dials[k] for k in few]
                yield self._rounded(chosen, fewer)
            lead = self.base + amounts @ gain

    def _programme(self, gain: np.ndarray, rivals: np.ndarray) -> np.ndarray | None:
        """Smallest amounts (n_dials,) that put the item before all these rivals; gain: (n_dials, n_rivals)."""
        from scipy.optimize import linprog  # half a second to import, and most visitors never ask

        solved = linprog(np.ones(len(gain)), A_ub=-gain.T, b_ub=self.base[rivals], bounds=(0, 1), method="highs")
        return solved.x if solved.status == 0 else None

    def _rounded(self, dials: Sequence[Dial], amounts: np.ndarray) -> Counterfactual | None:
        """The amounts rounded up until they verify, then each turned back as far as it goes."""
        steps = np.ceil(amounts / STEP - 1e-6)
        for _ in range(5):
            best = self.verified([turned(dial, STEP * size) for dial, size in zip(dials, steps, strict=True)])
            if best:
                break
            steps = steps + (steps > 0)
        if best:
            for k in np.argsort(steps, kind="stable"):
                while steps[k] > 0:
                    steps[k] -= 1
                    less = self.verified([turned(dial, STEP * size) for dial, size in zip(dials, steps, strict=True)])
                    if less is None:
                        steps[k] += 1
                        break
                    best = less
        return best
