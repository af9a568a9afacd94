"""One dial moves from -1 to 1 while all else stands: every change of every reader's list, and what follows of it.

With a linear decoder every score in a hand is a line in the amount, so each reader's list changes where two of them
meet (``steering/breakpoints.py``), and between these amounts nothing happens. The changes of all readers, sorted, give
whatever is counted over the audience, exactly:

    count(a) = count(-1) + sum of the changes at amounts up to a

Not exact are lists with quotas, which are greedy in the ranking, and decoders that are not linear. For these the lists
are made at amounts GRID apart, and a change is told at the first of them, from 0 on, that shows it.
"""

import dataclasses
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from knobs_core.audience.crowd import Audience, Lists
from knobs_core.base import ProgressCallback, Stage, UnknownNameError, nearest, silent
from knobs_core.lists import HouseRules, ListRecipe, Turn
from knobs_core.steering import Dial, breakpoints

GRID = 0.02
SAME = 1e-9  # amounts nearer than this are one
SAID = 100  # readers from one message to the next


class Threshold(NamedTuple):
    """Where the dial passes ``amount``, moving away from 0, an item (its column) begins to reach a share of the readers
    or else ceases to."""

    amount: float
    item: int
    begins: bool


class Curve(NamedTuple):
    """How much of the readers an item reaches: from ``amounts[i]`` (K,) on, the first of which is -1, it is
    ``shares[i]`` (K,)."""

    amounts: np.ndarray
    shares: np.ndarray


class Flip(NamedTuple):
    """A counter comes to what is needed, or no longer does, as the dial moves up past a step."""

    step: int
    counter: int
    on: bool


@dataclasses.dataclass(frozen=True, eq=False)
class Sweep:
    """Every change of an audience's lists while a dial moves.

    knob: its key; rest: the lists with the dial at 0; exact: whether all amounts are, see the head of this file
    amount: (E,) ascending; reader: (E,) places in the sample; item: (E,) columns
    change: (E,) 1 where the item enters as the dial moves up past the amount, -1 where it leaves
    """

    audience: Audience
    recipe: ListRecipe
    knob: str
    rest: Lists
    exact: bool
    amount: np.ndarray
    reader: np.ndarray
    item: np.ndarray
    change: np.ndarray

    @cached_property
    def start(self) -> np.ndarray:
        """(R, n_items) bool, which items are in each list with the dial at -1."""
        below, inside = self.amount < 0, self.rest.inside.astype(np.int8)
        np.subtract.at(inside, (self.reader[below], self.item[below]), self.change[below].astype(np.int8))
        return inside > 0

    @cached_property
    def step(self) -> np.ndarray:
        """(E,) the number of each change's amount, from 1; 0 is before the first."""
        return np.cumsum(np.diff(self.amount, prepend=-np.inf) > SAME)

    @cached_property
    def edges(self) -> np.ndarray:
        """(K + 1,) where each step begins, -1 first."""
        first = np.diff(self.step, prepend=0) > 0
        return np.concatenate([[-1.0], self.amount[first]])

    @cached_property
    def counted(self) -> np.ndarray:
        """(E,) bool, whether a change is of a reader who is no newcomer."""
        return self.reader < self.audience.readers.n

    def total(self, weight: np.ndarray, start: float) -> np.ndarray:
        """(K + 1,) a sum at each step, by what each change (E,) adds to it."""
        return start + np.cumsum(np.bincount(self.step, weight, minlength=len(self.edges)))

    def flips(self, counter: np.ndarray, change: np.ndarray, start: np.ndarray, need: np.ndarray) -> Iterator[Flip]:
        """All amounts at which some counters come to what they need, or no longer do, by counter and amount.

        Args:
            counter, change: (E,) which one changes, by how much; start, need: (C,) of each at -1, and wanted.
        """
        order = np.lexsort((self.step, counter))
        order = order[change[order] != 0]
        which, step = counter[order], self.step[order]
        new = np.diff(which, prepend=-1) != 0
        value = np.cumsum(change[order])
        before = np.concatenate([[0], value[:-1]])[new]
        value = value - np.repeat(before, np.diff(np.append(np.flatnonzero(new), len(order)))) + start[which]
        last = np.append((np.diff(which) != 0) | (np.diff(step) != 0), True)[: len(order)]
        which, step, on = which[last], step[last], (value >= need[which])[last]
        was = np.where(np.diff(which, prepend=-1) != 0, (start >= need)[which], np.append(False, on[:-1]))
        for at in np.flatnonzero(on != was).tolist():
            yield Flip(int(step[at]), int(which[at]), bool(on[at]))

    def thresholds(self, share: float = 0.5) -> list[Threshold]:
        """Where each title begins or ceases to reach a share of the readers, sorted by amount; see ``Threshold``."""
        n, n_items = self.audience.readers.n, self.start.shape[1]
        change = np.where(self.counted, self.change, 0)
        need = np.full(n_items, np.ceil(share * n - SAME))
        found = []
        for step, item, on in self.flips(self.item, change, self.start[:n].sum(0), need):
            amount = float(self.edges[step])
            found.append(Threshold(amount, item, on if amount > 0 else not on))
        return sorted(found)

    def reach(self, item: int) -> Curve:
        """How much of the readers an item reaches at every amount; item: its column."""
        n = self.audience.readers.n
        weight = np.where(self.counted & (self.item == item), self.change, 0)
        shares = self.total(weight, self.start[:n, item].sum()) / n
        kept = np.diff(shares, prepend=np.nan) != 0
        return Curve(self.edges[kept], shares[kept])


def sweep(
    audience: Audience,
    recipe: ListRecipe,
    knob_key: str,
    house: HouseRules | None = None,
    progress: ProgressCallback = silent,
) -> Sweep:
    """Move one dial of a recipe, whether it is turned there or not, for everybody who has the recipe's own dials.

    Raises:
        UnknownNameError: no such knob, or what the recipe names is not there.
    """
    key = audience.bundle.knobs.find(knob_key).key
    rest = audience.lists(turned(audience, recipe, {key: 0.0}), house)
    setting = audience.setting(recipe, house)
    exact = audience.bundle.nested.cfae.linear and not setting.quotas
    stage = Stage("Moving the dial", progress)
    found = list((_lines if exact else _looks)(audience, recipe, key, rest, stage))
    amount, reader, item, enters = (np.array(part) for part in zip(*found, strict=True)) if found else np.zeros((4, 0))
    side = np.where(np.signbit(amount), -1, 1)  # a change at 0 itself belongs to the side it was met on
    amount = side * np.maximum(np.abs(amount), 2 * SAME)
    order = np.argsort(amount, kind="stable")
    change = np.where(enters.astype(bool), 1, -1) * side
    return Sweep(
        audience,
        recipe,
        key,
        rest,
        exact,
        amount[order],
        reader[order].astype(np.int64),
        item[order].astype(np.int64),
        change[order],
    )


def thresholds(
    audience: Audience, recipe: ListRecipe, knob_key: str, share: float = 0.5, house: HouseRules | None = None
) -> list[Threshold]:
    """The amounts of one dial, the others standing, at which titles begin or cease to reach a share of the readers.

    Exact but with quotas and with decoders that are not linear; see the head of this file, and ``sweep``, which several
    questions about one dial can share.
    """
    return sweep(audience, recipe, knob_key, house).thresholds(share)


def reach(audience: Audience, recipe: ListRecipe, knob_key: str, item: str, house: HouseRules | None = None) -> Curve:
    """How much of the readers an item, by its id, reaches at every amount of one dial, the others standing."""
    return sweep(audience, recipe, knob_key, house).reach(column_of(audience, item))


def column_of(audience: Audience, item: str) -> int:
    """The column of an item's id.

    Raises:
        UnknownNameError: no such item; names the nearest.
    """
    data = audience.bundle.interactions
    column = data.column(item)
    if column is None:
        raise UnknownNameError(f"an id among the {data.n_items:,} items", f"'{item}'", nearest(item, data.item_ids))
    return column


def turned(audience: Audience, recipe: ListRecipe, amounts: dict[str, float]) -> ListRecipe:
    """A recipe with some of its dials, by key, at other amounts, those at 0 left out."""
    keys = [audience.bundle.knobs.find(turn.knob).key for turn in recipe.dials]
    stand = [turn for turn, key in zip(recipe.dials, keys, strict=True) if key not in amounts]
    moved = [
        next((turn for turn, other in zip(recipe.dials, keys, strict=True) if other == key), Turn(knob=key, amount=0))
        for key in amounts
    ]
    moved = [turn.model_copy(update={"amount": amounts[key]}) for turn, key in zip(moved, amounts, strict=True)]
    return recipe.model_copy(update={"dials": (*stand, *(turn for turn in moved if turn.amount))})


Found = tuple[float, int, int, bool]  # amount, reader, item, whether it enters, moving away from 0


def _lines(audience: Audience, recipe: ListRecipe, key: str, rest: Lists, stage: Stage) -> Iterator[Found]:
    """All changes, from the meetings of lines."""
    bundle, setting = audience.bundle, audience.setting(recipe, rest.house)
    places, dials = audience.dials(recipe, setting)[0]
    others: list[Dial] = [dial for dial in dials if dial.key != key]
    placed, columns = setting.placed(audience.crowd.seen), np.array([*setting.pins.values()], np.int64)
    moving = bundle.knobs[key].dial(1.0)
    for done, reader in enumerate(places.tolist()):
        taste = audience.crowd.taste(reader, setting.left_out)
        wanted = setting.length - int(placed[reader].sum())
        if wanted and len(taste.seen) < bundle.interactions.n_items:
            pins = columns[placed[reader]].tolist()
            for one in breakpoints(bundle.engine, taste, others, moving, wanted, pins):
                yield one.amount, reader, one.item, one.enters
        if done % SAID == SAID - 1 or done + 1 == len(places):
            stage(done + 1, len(places))


def _looks(audience: Audience, recipe: ListRecipe, key: str, rest: Lists, stage: Stage) -> Iterator[Found]:
    """Changes between the lists at amounts GRID apart."""
    steps = round(1 / GRID)
    for done, side in enumerate((-1, 1)):
        before = rest.inside
        for step in range(1, steps + 1):
            amount = side * step * GRID
            after = audience.lists(turned(audience, recipe, {key: amount}), rest.house).inside
            for reader, item in zip(*np.nonzero(before != after), strict=True):
                yield amount, int(reader), int(item), bool(after[reader, item])
            before = after
        stage(done + 1, 2)
