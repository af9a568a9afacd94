"""The rules of a list, in the order in which they hold, and one reader's list under them.

    house bans > recipe bans > seen > pool > dials > quotas > pins

What stands further left wins. Bans, what the reader has seen and the pool say which items may be in the list at all,
pins included; dials rank these; quotas pass over an item that would be one too many, and bring up one where too few
would come; pins take their places among what the others leave, and a pin that may not be there leaves no gap.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from knobs_core.base import ConfigError, KnobsError, UnknownNameError
from knobs_core.bundles import Bundle
from knobs_core.concepts import kept_effects
from knobs_core.data import Filters
from knobs_core.lists.properties import having, values_of
from knobs_core.lists.recipe import HouseRules, ListRecipe, Quota, Turn, Value
from knobs_core.steering import Dial

PRECEDENCE = ("house bans", "recipe bans", "seen", "pool", "dials", "quotas", "pins")
OWN, PINNED = "own taste", "pin"


def by_quota(dealer: str, quota: Quota) -> str:
    """The reason of a row where a quota passed over a better one."""
    return f"{dealer}, by a quota: {quota}"


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of a list. column: of the item; score: that ranks it, None for a pin; reason: what put it there."""

    column: int
    score: float | None
    reason: str


@dataclasses.dataclass(frozen=True)
class Ranked:
    """What the dials make of one reader: item columns, best first, their scores, and the hand that deals each."""

    items: np.ndarray
    scores: np.ndarray
    hands: np.ndarray


class Rules:
    """The rules of a recipe in front of a bundle.

    Args:
        bundle: whose items and knobs the recipe names.
        recipe, house: what holds.

    Raises:
        UnknownNameError: a knob, an item, a tag or a property of the recipe that the bundle does not have.
    """

    def __init__(self, bundle: Bundle, recipe: ListRecipe, house: HouseRules | None = None):
        self._bundle, self.recipe, self.house = bundle, recipe, house or HouseRules()
        self.quotas = [
            _Counted(quota, values_of(bundle.interactions, quota.of, quota.value)) for quota in recipe.quotas
        ]
        self._in_pool = self._pool()
        self.pins = {pin.place: self._column(pin.item, "pins") for pin in recipe.pins}
        self._banned = {self._column(item, "bans"): "the recipe" for item in recipe.bans}
        self._banned |= {self._columns_of[item]: "the house" for item in self.house.bans if item in self._columns_of}
        without = Filters(without=self.house.without).left_out(bundle.interactions) if self.house.without else ()
        self._banned |= dict.fromkeys(map(int, without), "the house")

    @cached_property
    def left_out(self) -> list[int]:
        """Columns of the items that are in nobody's list: banned, or not in the pool; ascending."""
        return sorted({*self._banned, *np.flatnonzero(~self._in_pool).tolist()})

    def dials(self, turns: Sequence[Turn]) -> list[Dial]:
        """Some turns of the recipe as dials of the bundle, which go by the names that their knobs have there.

        Raises:
            UnknownNameError: no such knob.
        """
        knobs = self._bundle.knobs
        return [(knobs.get(turn.knob) or knobs.find(turn.knob)).dial(turn.amount) for turn in turns]

    def reasons(self, names: Sequence[str]) -> list[str]:
        """What may put an item into a list, by its code, see ``Listed``. names: of the hands."""
        return [PINNED, *names, *(by_quota(name, quota) for quota in self.recipe.quotas for name in names)]

    def conflicts(self) -> list[str]:
        """Rules that another rule makes void, a sentence each."""
        titles, found = self._bundle.interactions.items["title"], []
        for pin in self.recipe.pins:
            column = self.pins[pin.place]
            title = titles.iat[column]
            if column in self._banned:
                found.append(f"'{title}' is pinned to place {pin.place} but banned by {self._banned[column]}.")
            elif not self._in_pool[column]:
                found.append(f"'{title}' is pinned to place {pin.place} but not in the pool.")
            for counted in self.quotas:
                if counted.values[column] and counted.quota.most == 0:
                    found.append(f"'{title}' is pinned to place {pin.place} against a quota: {counted.quota}.")
        for counted in self.quotas:
            outside = set(self.left_out)
            there = sum(bool(values) for column, values in enumerate(counted.values) if column not in outside)
            if there < counted.quota.least:
                found.append(f"A quota asks for {counted.quota}, and the pool has {there}.")
        turned = {dial.key for dial in self.dials(self.recipe.dials)}
        if len(turned) < len(self.recipe.dials):
            found.append("A knob is turned twice; both turns hold.")
        return found

    def arrange(self, ranked: Ranked, seen: np.ndarray, names: Sequence[str]) -> list[Row] | None:
        """One reader's list; None where more of the ranking has to be known.

        Args:
            ranked: the first items by the dials, without what is left out or seen, or all there are.
            seen: columns that the reader knows; names: of the dials that bring more, by hand; none where none does.
        """
        placed = {place: column for place, column in self.pins.items() if self._may_stand(column, seen)}
        pinned, rows, wanted = set(placed.values()), list[Row](), self.recipe.length - len(placed)
        free = [at for at, column in enumerate(ranked.items.tolist()) if column not in pinned]
        complete, chosen = len(ranked.items) >= self._available(seen), list[int]()
        while free and len(rows) < wanted:
            limits = [counted.limit(chosen, self.recipe.length) for counted in self.quotas]
            at = _first(free, ranked.items, limits)
            if at is None and not complete:
                return None
            if at is None:  # what is asked for at least is not there any more
                limits = [limit._replace(needed=False) for limit in limits]
                at = _first(free, ranked.items, limits)
            if at is None:
                break
            best, reason = int(ranked.items[free[0]]), names[ranked.hands[at]] if names else OWN
            if at != free[0]:
                against = [limit.allows(best) for limit in limits].index(False)
                reason = by_quota(reason, self.quotas[against].quota)
            chosen.append(int(ranked.items[at]))
            rows.append(Row(chosen[-1], float(ranked.scores[at]), reason))
            free.remove(at)
        if len(rows) < wanted and not complete:
            return None
        for place in sorted(placed):
            rows.insert(place - 1, Row(placed[place], None, PINNED))
        return rows

    def _may_stand(self, column: int, seen: np.ndarray) -> bool:
        return column not in self._banned and bool(self._in_pool[column]) and column not in seen

    def _available(self, seen: np.ndarray) -> int:
        return self._bundle.interactions.n_items - len(np.union1d(self.left_out, seen))

    def _pool(self) -> np.ndarray:
        """(n_items,) whether an item is in the pool."""
        pool, data = self.recipe.pool, self._bundle.interactions
        inside = np.ones(data.n_items, bool)
        inside[Filters(pool.first, pool.last, pool.only, pool.without).left_out(data)] = False
        if pool.items:
            inside &= np.isin(np.arange(data.n_items), [self._column(item, "pool") for item in pool.items])
        if pool.tags:
            inside &= np.any([self._tagged(tag) for tag in pool.tags], axis=0)
        for of, values in _by_property(pool.having).items():
            inside &= having(data, of, values)
        for of, values in _by_property(pool.lacking).items():
            inside &= ~having(data, of, values)
        return inside

    def _tagged(self, tag: str) -> np.ndarray:
        tags, counts = self._bundle.interactions.tag_matrix()
        if tag not in tags:
            raise UnknownNameError("a tag of this bundle", f"'{tag}'", "correct it")
        return np.asarray(counts[tags.index(tag)].toarray()[0] > 0)

    @property
    def _columns_of(self) -> dict[str, int]:
        return self._bundle.interactions.column_of

    def _column(self, item: str, field: str) -> int:
        if item not in self._columns_of:
            raise UnknownNameError(f"items of this bundle under {field}", f"'{item}'", "take it out of the recipe")
        return self._columns_of[item]


class _Limit(NamedTuple):
    """What a quota says of the next row. values: that it counts of each item; full: those of which there are enough;
    needed: whether the row must be an item that it counts."""

    values: Sequence[frozenset[str]]
    full: frozenset[str]
    needed: bool

    def allows(self, column: int) -> bool:
        values = self.values[column]
        return self.full.isdisjoint(values) and (bool(values) or not self.needed)


@dataclasses.dataclass(frozen=True)
class _Counted:
    """A quota with the values that it counts of each item."""

    quota: Quota
    values: Sequence[frozenset[str]]

    def limit(self, chosen: Sequence[int], length: int) -> _Limit:
        """What holds for the row behind those that are chosen."""
        window = min(self.quota.window or length, length)
        near = Counter(value for column in chosen[max(0, len(chosen) - window + 1) :] for value in self.values[column])
        full = [value for value, count in near.items() if self.quota.most is not None and count >= self.quota.most]
        if self.quota.most == 0:
            full = list({value for values in self.values for value in values})
        missing = self.quota.least - sum(bool(self.values[column]) for column in chosen[:window])
        needed = len(chosen) < window and missing > 0 and missing >= window - len(chosen)
        return _Limit(self.values, frozenset(full), needed)


def _by_property(values: Iterable[Value]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in values:
        found.setdefault(one.of, []).append(one.value)
    return found


def _first(free: Sequence[int], items: np.ndarray, limits: Sequence[_Limit]) -> int | None:
    """The first free place of the ranking whose item all quotas allow."""
    return next((at for at in free if all(limit.allows(int(items[at])) for limit in limits)), None)


def check(bundle: Bundle, recipe: ListRecipe, house: HouseRules | None = None) -> list[str]:
    """What does not fit between a recipe and a bundle, a sentence each; none where everything does."""
    try:
        return Rules(bundle, recipe, house).conflicts()
    except KnobsError as error:
        return [str(error)]


def turns_of(bundle: Bundle, amounts: Iterable[Dial]) -> tuple[Turn, ...]:
    """Dials as a recipe keeps them, with what they are made of and what they do to items.

    Raises:
        ConfigError: a dial of no knob.
    """
    dials = [dial for dial in amounts if dial.amount]
    if unknown := [dial.name for dial in dials if not dial.key]:
        raise ConfigError("dials of knobs", f"'{unknown[0]}', which is none", "turn a knob of the bundle")
    if not dials:
        return ()
    items, effects = kept_effects(bundle.nested, dials)
    ids = bundle.interactions.item_ids[items]
    return tuple(
        Turn(
            knob=dial.key,
            amount=dial.amount,
            name=dial.name,
            neurons={j: round(weight, 4) for j, weight in dial.recipe.items()},
            effects=dict(zip(item_ids, map(float, kept.round(4)), strict=True)),
        )
        for dial, item_ids, kept in zip(dials, ids, effects, strict=True)
    )
