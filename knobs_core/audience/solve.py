"""The smallest dials that do what is wanted of an audience, or that none do.

Smallest is the least sum of absolute amounts of the dials that may move; all others stand as they are.

One dial: between two neighbouring changes of the audience's lists (``sweep.py``) every goal is either met or not, so
all amounts are looked at, and where none does, none does. The amount is rounded up to three digits where it still does.

Several dials: a pattern search, from each dial alone at multiples of FIRST and from the recipe's own amounts, one or
two dials at a time by STEPS, first towards the goals and then, with all of them met, towards smaller turns. What it
finds does what is wanted; that nothing smaller does, or that nothing does where it finds nothing, it cannot say. One
dial is searched in the same way where there are quotas or the decoder is not linear.
"""

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from knobs_core.audience.crowd import Audience, Lists
from knobs_core.audience.goals import Aim, Goal, Outcome, Reaches
from knobs_core.audience.sweep import SAME, sweep, turned
from knobs_core.base import ConfigError, Progress, ProgressCallback, silent
from knobs_core.lists import HouseRules, ListRecipe, Turn, turns_of

FIRST, STEPS = 0.1, (0.2, 0.1, 0.05, 0.025, 0.0125)
STARTS = 3  # of the dials alone that come nearest
LOOKS = 600  # settings that are looked at, at most
SAID = 50  # settings from one message to the next
DIGITS = 3  # of an amount
MISSES = 41  # amounts of one dial among which the nearest miss is found
TRIES = 20  # steps of one dial's way that are looked at for one purpose

Point = tuple[float, ...]  # amounts of the dials that may move


@dataclasses.dataclass(frozen=True)
class Solution:
    """What was found.

    found: whether all goals are met; if not, all else is of the nearest miss
    dials: those that moved, with their amounts; recipe: the same with all others
    outcomes: what each goal comes to; exact: whether all amounts were looked at, so that nothing smaller does, or
        nothing at all; looked: how many settings were
    """

    found: bool
    dials: tuple[Turn, ...]
    recipe: ListRecipe
    outcomes: tuple[Outcome, ...]
    exact: bool
    looked: int

    @property
    def total(self) -> float:
        """Sum of absolute amounts of the dials that moved."""
        return sum(abs(turn.amount) for turn in self.dials)

    @property
    def sentence(self) -> str:
        """How sure this is, in words."""
        if self.exact:
            smaller = f"No smaller turn does it, up to {10**-DIGITS:g}."
            return smaller if self.found else "No amount of this dial does it."
        how = f"{self.looked:,} settings were looked at, the nearest {STEPS[-1]:g} apart"
        return f"{how}; a smaller turn may do it." if self.found else f"{how}, and none does it. This is no proof."


def solve(
    audience: Audience,
    recipe: ListRecipe,
    goals: Sequence[Goal],
    house: HouseRules | None = None,
    most: float = 1.0,
    knobs: Sequence[str] | None = None,
    before: Lists | None = None,
    progress: ProgressCallback = silent,
) -> Solution:
    """The smallest turns of some dials that meet all goals.

    Args:
        recipe, house: the rules that hold, and the dials that stand where they may not move.
        most: the largest amount, of either sign. knobs: names or keys of those that may move; by default those of the
            recipe, and for a goal about a title also what brings more of it, ``~ID``.
        before: the lists that are to be kept, by default those of the recipe without its dials.

    Raises:
        ConfigError: no goal, no knob to move, or a bound that is none.
        UnknownNameError: a knob, item or tag that the bundle does not have.
    """
    if not goals:
        raise ConfigError("at least one goal", "none", "say what is wanted")
    if not 0 < most <= 1:
        raise ConfigError("a largest amount above 0 and up to 1", f"{most:g}", "correct it")
    names = [turn.knob for turn in recipe.dials] if knobs is None else [*knobs]
    if knobs is None:
        names += [f"~{goal.item}" for goal in goals if isinstance(goal, Reaches)]
    before = before or audience.lists(recipe.model_copy(update={"dials": (), "arms": ()}), house)
    aims = [Aim(goal, audience, before, recipe, house) for goal in goals]
    keys = list(dict.fromkeys(audience.bundle.knobs.find(name).key for name in names))
    if not keys:
        raise ConfigError("at least one knob that may move", "none", "name some")
    looks = _Looks(audience, recipe, house, aims, keys, most, progress)
    linear = audience.bundle.nested.cfae.linear and not audience.setting(recipe, house).quotas
    if len(keys) == 1 and linear:
        return looks.solution(*_all_of_one(looks, keys[0]))
    point = _search(looks)
    return looks.solution(point, looks(point)[0] == 0, exact=False)


class _Looks:
    """What settings of the dials come to, each worked out once."""

    def __init__(
        self,
        audience: Audience,
        recipe: ListRecipe,
        house: HouseRules | None,
        aims: Sequence[Aim],
        keys: Sequence[str],
        most: float,
        progress: ProgressCallback,
    ):
        self.audience, self.recipe, self.house, self.aims = audience, recipe, house, aims
        self.keys, self.most, self.progress = keys, most, progress
        self._known: dict[Point, tuple[Outcome, ...]] = {}

    @property
    def spent(self) -> bool:
        """Whether no more settings are to be looked at."""
        return len(self._known) >= LOOKS

    def own(self) -> Point:
        """The amounts that the dials have in the recipe."""
        key_of = self.audience.bundle.knobs.find
        amounts = {key_of(turn.knob).key: turn.amount for turn in self.recipe.dials}
        return tuple(float(np.clip(amounts.get(key, 0.0), -self.most, self.most)) for key in self.keys)

    def turned(self, point: Point) -> ListRecipe:
        """The recipe with the dials at some amounts."""
        return turned(self.audience, self.recipe, dict(zip(self.keys, point, strict=True)))

    def outcomes(self, point: Point) -> tuple[Outcome, ...]:
        """What each goal comes to."""
        if point not in self._known:
            lists = self.audience.lists(self.turned(point), self.house)
            self._known[point] = tuple(aim.outcome(lists) for aim in self.aims)
            if len(self._known) % SAID == 0:
                self.progress(Progress("Looking for dials", len(self._known), LOOKS))
        return self._known[point]

    def __call__(self, point: Point) -> tuple[float, float]:
        """How good a setting is, less is better: what is missing, then how far the dials are turned."""
        if self.spent and point not in self._known:
            return float("inf"), 0.0
        short = sum(one.short for one in self.outcomes(point))
        return round(short, 9), round(sum(map(abs, point)), 9)

    def solution(self, point: Point, found: bool, exact: bool) -> Solution:
        """A setting as a solution."""
        knobs, moved = self.audience.bundle.knobs, zip(self.keys, point, strict=True)
        dials = turns_of(self.audience.bundle, [knobs[key].dial(amount) for key, amount in moved if amount])
        return Solution(found, dials, self.turned(point), self.outcomes(point), exact, len(self._known))


def _all_of_one(looks: _Looks, key: str) -> tuple[Point, bool, bool]:
    """The smallest amount of one dial that meets all goals, or the nearest miss, which of the two it is, and whether
    that is certain."""
    moving = sweep(looks.audience, looks.recipe, key, looks.house, looks.progress)
    met = np.all([aim.met(moving) for aim in looks.aims], axis=0)
    low, high = moving.edges, np.append(moving.edges[1:], 1.0)
    nearest = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    meeting = np.flatnonzero(met & (nearest <= looks.most))
    for step in meeting[np.argsort(nearest[meeting], kind="stable")][:TRIES].tolist():
        side = -1 if high[step] <= 0 else 1
        rounded = side * float(np.ceil((nearest[step] + SAME) * 10**DIGITS)) / 10**DIGITS
        at = int(np.searchsorted(low, rounded, side="right")) - 1
        amounts = [rounded] if nearest[step] and abs(rounded) <= looks.most and met[at] else []
        for amount in (*amounts, _middle(float(low[step]), float(high[step]), looks.most)):
            if looks((amount,))[0] == 0:  # else the step is narrower than scores are precise
                return (amount,), True, True
    tried = {float(amount) for amount in np.linspace(-looks.most, looks.most, MISSES).round(9)}
    for aim in looks.aims:
        steps = np.flatnonzero(aim.met(moving) & (nearest <= looks.most))
        steps = steps[np.argsort(nearest[steps], kind="stable")][:TRIES]
        tried |= {_middle(float(low[step]), float(high[step]), looks.most) for step in steps}
        if isinstance(aim.goal, Reaches):  # the amount at which it reaches most
            most = int(np.where(nearest <= looks.most, aim.total(moving), -1).argmax())
            tried.add(_middle(float(low[most]), float(high[most]), looks.most))
    return min(((amount,) for amount in sorted(tried)), key=looks), False, not len(meeting)


def _middle(low: float, high: float, most: float) -> float:
    """The middle of what may be turned of a step, or 0."""
    return 0.0 if low <= 0 <= high else (max(low, -most) + min(high, most)) / 2


def _search(looks: _Looks) -> Point:
    """The best setting of several dials that a pattern search finds."""
    n, most = len(looks.keys), looks.most
    amounts = np.arange(1, int(most / FIRST + SAME) + 1) * FIRST
    alone = [
        tuple(round(float(side * amount), 9) if other == at else 0.0 for other in range(n))
        for at, amount, side in itertools.product(range(n), amounts if n <= 8 else amounts[1::2], (1, -1))
    ]
    starts = [tuple([0.0] * n), looks.own(), *sorted(alone, key=looks)[:STARTS]]
    best = min(starts, key=looks)
    for start in dict.fromkeys(starts):
        found = start
        for step in STEPS:
            while looks(better := min(_around(found, step, most), key=looks)) < looks(found):
                found = better
        best = min(best, found, key=looks)
    return best


def _around(point: Point, step: float, most: float) -> list[Point]:
    """Settings in which one dial is turned by a step, or one by a step and another back by it; and, so that dials come
    to rest, in which one is at 0."""
    sides, places = (step, -step), range(len(point))
    moves = [{at: side} for at in places for side in sides]
    for a, b in itertools.combinations(places, 2):
        moves += [{a: x, b: y} for x, y in itertools.product(sides, sides)]
    found = [
        tuple(round(float(np.clip(one + move.get(at, 0.0), -most, most)), 9) for at, one in enumerate(point))
        for move in moves
    ]
    return found + [tuple(0.0 if other == at else one for other, one in enumerate(point)) for at in places]
