"""Counterfactual: the smallest turn of at most three dials, from where the dials stand, that brings an item into the
first n.

    minimise  sum_k x_k   so that   (base + sum_k x_k d_k)_item >= (base + sum_k x_k d_k)_j   for all but n - 1 items j

d_k is what the scores gain for one unit of dial k, up or down; base the scores with the dials that stand, which are
none where somebody asks from rest. One dial is exact: every knob and every amount on the grid of 0.01 is counted, also
where several dials take turns (``question.py``); but for those that bring less while several hands deal, of which the
forty are tried that gain most. Two and three dials are one at most that brings more and others that push away, as
several that bring more would only take turns, and none that brings more where one does already. They are the best
found, not proven least: which rivals may stay ahead is guessed from the solution before. Where several hands deal, only
one dial is turned. Whatever is answered has been verified in the list that the engine deals.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from knobs_core.base import DataError
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.question import N_KNOBS, STEP, Counterfactual, Question, turned

N_MORE, N_RIVALS, N_ROUNDS = 4, 300, 4
ALIKE = 0.05  # a total up to which an answer of preferred dials may be the larger one


def counterfactual(
    engine: Engine,
    taste: Taste,
    item: int,
    knobs: Sequence[Dial],
    n: int = 10,
    max_dials: int = 3,
    standing: Sequence[Dial] = (),
    preferred: Callable[[Dial], bool] | None = None,
) -> Counterfactual | None:
    """The smallest change found that brings an item (a column) into the first n unseen items; None where none does.

    No dials where the item is there already. Dials that stand stay as they are, unless the answer has one of the same
    key, whose amount then takes the place of theirs.

    Args:
        knobs: dials that may be turned, at whatever amount, known by their keys.
        standing: the dials as they are.
        preferred: of answers about as large, up to 0.05 apart, one of such dials alone comes before the others.

    Raises:
        ConfigError: the decoder is not linear.
        DataError: the person has the item already; such items are never recommended.
    """
    engine.require_linear("asking for an item")
    if item in taste.seen:
        raise DataError("an item that is not liked yet", "one that is", "ask for another item")
    question = Question(engine, taste, item, n, standing)
    best = question.verified([])
    if best or max_dials < 1:
        return best
    best = _smallest(question, knobs, max_dials)
    if preferred and best and not all(map(preferred, best.dials)):
        other = _smallest(question, [knob for knob in knobs if preferred(knob)], max_dials)
        if other and other.total <= best.total + ALIKE + STEP / 2:
            return other
    return best


def _smallest(question: Question, knobs: Sequence[Dial], max_dials: int) -> Counterfactual | None:
    """The smallest answer found of at most so many dials."""
    new = [knob for knob in knobs if knob.key not in question.standing]
    dials = [replace(knob, amount=end) for knob in new for end in (1.0, -1.0)]
    tried, gains = question.alone(dials)
    best = _one(question, dials, tried, question.changes(knobs))
    if max_dials < 2 or not question.one_hand or not dials:
        return best
    # Of each knob the better direction alone: one dial cannot stand in two places.
    pairs = np.where([[question.free, True]], gains.reshape(-1, 2), -np.inf)
    ways = 2 * np.arange(len(new)) + pairs.argmax(1)
    ways = ways[np.argsort(-gains[ways], kind="stable")]
    promising = [dials[k] for k in ways[:N_KNOBS] if gains[k] > 0]
    gain = question.gains(promising)
    more, less = ([k for k, dial in enumerate(promising) if (dial.amount > 0) == up] for up in (True, False))
    starts = [[], best.dials] if best else [[]]
    for chosen in [less, *([k, *less] for k in more[:N_MORE])]:
        for start in starts:
            for found in _together(question, [promising[k] for k in chosen], gain[chosen], start, max_dials):
                best = better(best, found)
    return best


def better(one: Counterfactual | None, other: Counterfactual | None) -> Counterfactual | None:
    """The answer with the smaller total; of equals the one with fewer dials, then the first."""
    answers = [answer for answer in (one, other) if answer]
    return min(answers, key=lambda answer: (round(answer.total, 6), len(answer.dials)), default=None)


def _one(
    question: Question, dials: Sequence[Dial], tried: np.ndarray, changes: Sequence[Dial]
) -> Counterfactual | None:
    """The smallest answer of one dial: a new one at an amount that is tried (n_dials, n_amounts), or a change."""
    rows, steps = np.nonzero(tried)
    order = np.lexsort((rows, tried.argmax(1)[rows], steps))
    new = ((STEP * steps[k], turned(dials[rows[k]], STEP * steps[k])) for k in order)
    old = sorted(((question.way(dial), dial) for dial in changes), key=_size)
    found = (question.verified([dial]) for _, dial in heapq.merge(old, new, key=_size))
    return next((answer for answer in found if answer), None)


def _size(turn: tuple[float, Dial]) -> float:
    return turn[0]


def _together(
    question: Question, dials: Sequence[Dial], gain: np.ndarray, start: Sequence[Dial], max_dials: int
) -> Iterator[Counterfactual | None]:
    """Verified answers of several new dials, from programmes that exempt the rivals strongest at the last solution.

    gain: (len(dials), n_rivals) their gains; start: dials by which the first of these rivals are known.
    """
    lead = question.lead_with(start)
    if not dials or lead is None:
        return
    for _ in range(N_ROUNDS):
        rivals = np.argsort(lead, kind="stable")[question.n - 1 :][:N_RIVALS]
        amounts = _programme(question.base[rivals], gain[:, rivals])
        if amounts is None:
            return
        few = np.sort(np.argsort(-amounts, kind="stable")[:max_dials])
        fewer = _programme(question.base[rivals], gain[few][:, rivals])
        if fewer is not None:
            yield _rounded(question, [dials[k] for k in few], fewer)
        lead = question.base + amounts @ gain


def _programme(base: np.ndarray, gain: np.ndarray) -> np.ndarray | None:
    """Smallest amounts (n_dials,) that put the item before all rivals; base: (n_rivals,), gain: (n_dials, n_rivals)."""
    from scipy.optimize import linprog  # half a second to import, and most visitors never ask

    solved = linprog(np.ones(len(gain)), A_ub=-gain.T, b_ub=base, bounds=(0, 1), method="highs")
    return solved.x if solved.status == 0 else None


def _rounded(question: Question, dials: Sequence[Dial], amounts: np.ndarray) -> Counterfactual | None:
    """The amounts rounded up until they verify, then each turned back as far as it goes."""

    def verified() -> Counterfactual | None:
        return question.verified([turned(dial, STEP * size) for dial, size in zip(dials, steps, strict=True)])

    steps = np.ceil(amounts / STEP - 1e-6)
    for _ in range(5):
        best = verified()
        if best:
            break
        steps += steps > 0
    if best:
        for k in np.argsort(steps, kind="stable"):
            while steps[k] > 0:
                steps[k] -= 1
                less = verified()
                if less is None:
                    steps[k] += 1
                    break
                best = less
    return best
