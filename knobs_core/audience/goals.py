"""What an editor wants of an audience's lists, and how near some lists come to it.

    Keep     at least a share of each list as it was is still there, or of that many of the lists
    Reaches  a title is in the lists of at least a share of the readers
    Cap      no title is in the lists of more than a share of the readers; pinned ones are not counted
    Theme    at least a share of all rows carry a tag or genre

Every goal is a number of the lists that is to be at least, or at most, a share in [0, 1]. Newcomers are left out.
"""

import dataclasses
import math

import numpy as np

from knobs_core.audience.crowd import Audience, Lists
from knobs_core.audience.sweep import SAME, Sweep, column_of
from knobs_core.base import ConfigError, UnknownNameError
from knobs_core.lists import HouseRules, ListRecipe, Quota, Rules, bits_of


@dataclasses.dataclass(frozen=True)
class Keep:
    """At least ``share`` of the titles of a list are still there, for at least ``lists`` of the readers."""

    share: float
    lists: float = 1.0

    def __post_init__(self) -> None:
        _checked(self.share, self.lists)

    def __str__(self) -> str:
        whose = "each list" if self.lists == 1 else f"a list for {self.lists:.0%} of the readers"
        return f"keep at least {self.share:.0%} of {whose}"


@dataclasses.dataclass(frozen=True)
class Reaches:
    """An item, by its id, is in the lists of at least ``share`` of the readers."""

    item: str
    share: float

    def __post_init__(self) -> None:
        _checked(self.share)

    def __str__(self) -> str:
        return f"'{self.item}' reaches at least {self.share:.0%} of the readers"


@dataclasses.dataclass(frozen=True)
class Cap:
    """No item that is not pinned is in the lists of more than ``share`` of the readers."""

    share: float

    def __post_init__(self) -> None:
        _checked(self.share)

    def __str__(self) -> str:
        return f"no title reaches more than {self.share:.0%} of the readers"


@dataclasses.dataclass(frozen=True)
class Theme:
    """At least ``share`` of all rows carry a tag or genre."""

    tag: str
    share: float

    def __post_init__(self) -> None:
        _checked(self.share)

    def __str__(self) -> str:
        return f"at least {self.share:.0%} of the rows are {self.tag}"


def _checked(*shares: float) -> None:
    for share in shares:
        if not 0 <= share <= 1:  # also refuses NaN
            raise ConfigError("a share from 0 to 1 in a goal", f"{share:g}", "correct it")


Goal = Keep | Reaches | Cap | Theme


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a goal comes to. value: the share that is reached; for Keep that of the list which decides."""

    goal: Goal
    value: float

    @property
    def short(self) -> float:
        """How much is missing, as a part of what is wanted; 0 where the goal is met."""
        missing = self.goal.share - self.value
        return max(0.0, (-missing if isinstance(self.goal, Cap) else missing) - SAME) / max(self.goal.share, 0.01)

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.short == 0

    def __str__(self) -> str:
        return f"{self.goal}: {self.value:.1%}, {'met' if self.met else 'not met'}"


class Aim:
    """A goal in front of an audience.

    Args:
        before: the lists that are to be kept; recipe, house: whose rules hold.

    Raises:
        UnknownNameError: an item or tag that the bundle does not have.
    """

    def __init__(self, goal: Goal, audience: Audience, before: Lists, recipe: ListRecipe, house: HouseRules | None):
        self.goal, self._n, self._before = goal, audience.readers.n, before
        n_items = audience.bundle.interactions.n_items
        self._items = np.ones(n_items, bool)  # which items the goal counts
        if isinstance(goal, Reaches):
            self._items[:] = np.arange(n_items) == column_of(audience, goal.item)
        elif isinstance(goal, Theme):
            self._items = _carry(audience, goal.tag)
        elif isinstance(goal, Cap):
            self._items[[*audience.setting(recipe, house).pins.values()]] = False

    def outcome(self, lists: Lists) -> Outcome:
        """What the goal comes to with some lists."""
        goal, inside = self.goal, lists.inside[: self._n]
        if isinstance(goal, Keep):
            sizes = self._before.sizes[: self._n]
            shared = np.count_nonzero(inside & self._before.inside[: self._n], axis=1)
            kept = np.sort(np.where(sizes > 0, shared / np.maximum(sizes, 1), 1.0))[::-1]
            wanted = math.ceil(goal.lists * self._n - SAME)
            return Outcome(goal, float(kept[wanted - 1]) if wanted else 1.0)
        if isinstance(goal, Theme):
            rows = int(lists.sizes[: self._n].sum())
            return Outcome(goal, float(inside[:, self._items].sum() / max(rows, 1)))
        return Outcome(goal, float(inside[:, self._items].sum(0).max(initial=0) / self._n))

    def met(self, sweep: Sweep) -> np.ndarray:
        """(K + 1,) bool, whether the goal is met at each step of a dial's way; exact where the sweep is."""
        goal, change = self.goal, np.where(sweep.counted, sweep.change, 0)
        if isinstance(goal, Keep):
            before = self._before.inside
            start = np.count_nonzero(sweep.start & before, axis=1)
            need = np.ceil(goal.share * self._before.sizes - SAME)
            enough = (start >= need)[: self._n].sum()
            kept = np.where(before[sweep.reader, sweep.item], change, 0)
            over = self._over(sweep, sweep.reader, kept, start, need, enough)
            return over >= math.ceil(goal.lists * self._n - SAME)
        change = np.where(self._items[sweep.item], change, 0)
        start = np.where(self._items, sweep.start[: self._n].sum(0), 0)
        if isinstance(goal, Cap):
            need = np.full(len(start), math.floor(goal.share * self._n + SAME) + 1)
            return self._over(sweep, sweep.item, change, start, need, (start >= need).sum()) == 0
        whole = int(sweep.rest.sizes[: self._n].sum()) if isinstance(goal, Theme) else self._n
        return self.total(sweep) >= goal.share * whole - SAME

    def total(self, sweep: Sweep) -> np.ndarray:
        """(K + 1,) how many rows hold what the goal counts at each step."""
        change = np.where(sweep.counted & self._items[sweep.item], sweep.change, 0)
        return sweep.total(change, float(sweep.start[: self._n, self._items].sum()))

    def _over(
        self,
        sweep: Sweep,
        counter: np.ndarray,
        change: np.ndarray,
        start: np.ndarray,
        need: np.ndarray,
        first: int,
    ) -> np.ndarray:
        """(K + 1,) how many counters have what they need at each step; first: how many at -1."""
        found = np.zeros(len(sweep.edges), np.int64)
        for flip in sweep.flips(counter, change, start, need):
            found[flip.step] += 1 if flip.on else -1
        return first + np.cumsum(found)


def _carry(audience: Audience, name: str) -> np.ndarray:
    """(n_items,) which items carry a tag, or else are of a genre, whatever its spelling."""
    for of in ("tag", "genre"):
        quota = Quota(of=of, value=name, least=1)  # what a quota of it would count
        try:
            [bits] = bits_of(Rules(audience.bundle, ListRecipe(slug="theme", quotas=(quota,))))
        except UnknownNameError:
            continue
        return bits.counted
    raise UnknownNameError("a tag or genre of this bundle", f"'{name}'", "correct it")
