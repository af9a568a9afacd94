"""One reader's list under a recipe, and those of many readers at once, as Arrow tables.

Columns of a table of lists, a row a row of a list: user_id, rank (from 1), item_id, score (missing for a pin), reason
(what put it there), list_id (of all rows of a list; it comes back with a reader's clicks), arm ("" for the recipe
itself).
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import scipy.sparse as sp

from knobs_core.bundles import Bundle, Person
from knobs_core.data import rows_of_users
from knobs_core.lists.arranging import Setting
from knobs_core.lists.recipe import Arm, HouseRules, ListRecipe
from knobs_core.lists.rules import OWN, Ranked, Row, Rules
from knobs_core.steering import SPREAD, Dial, Taste, hands, steer_all

MIXED = "the dials"  # what puts rows into a list whose dials are mixed into the code
SPARE = 4  # times the length of a list that is ranked at first; quotas may need to look further
AT_ONCE = 4_096  # readers whose histories are steered before their rows are written, at most
SCORES = 2**30  # scores that are worked out for these, so that a block of a large catalogue takes a minute as well
SCHEMA = pa.schema(
    [
        ("user_id", pa.string()),
        ("rank", pa.int32()),
        ("item_id", pa.string()),
        ("score", pa.float32()),
        ("reason", pa.string()),
        ("list_id", pa.string()),
        ("arm", pa.string()),
    ]
)


def arm_of(recipe: ListRecipe, reader: str) -> Arm | None:
    """The arm of a reader; None for the recipe itself. Always the same for the same reader and slug."""
    digest = hashlib.sha256(f"{recipe.slug}\n{reader}".encode()).digest()
    place, upto = int.from_bytes(digest[:8]) / 2**64, 0.0
    for arm in recipe.arms:
        upto += arm.share
        if place < upto:
            return arm
    return None


def list_ids(bundle: Bundle, recipe: ListRecipe, house: HouseRules) -> Callable[[str], str]:
    """Names readers' lists under one recipe and one bundle: 16 hexadecimal digits for each reader's id.

    SHA-256 of [bundle, recipe, house, reader] as JSON. All but the reader is hashed once.
    """
    made_of = [bundle.id, recipe.model_dump(mode="json"), house.model_dump(mode="json")]
    common = hashlib.sha256(json.dumps(made_of, sort_keys=True)[:-1].encode() + b", ")

    def of(reader: str) -> str:
        named = common.copy()
        named.update(json.dumps(reader).encode() + b"]")
        return named.hexdigest()[:16]

    return of


def list_id(bundle: Bundle, recipe: ListRecipe, house: HouseRules, reader: str) -> str:
    """Names one reader's list; see ``list_ids``."""
    return list_ids(bundle, recipe, house)(reader)


def left_out_by(bundle: Bundle, house: HouseRules) -> list[int]:
    """Columns of the items that the rules of a house keep out of every list, ascending."""
    return Rules(bundle, ListRecipe(slug="none"), house).left_out


def steered_list(
    person: Person, dials: Sequence[Dial], n: int, operator: str = SPREAD, left_out: Sequence[int] = ()
) -> list[Row]:
    """A list by dials alone, without a recipe: ``Engine.recommend`` but for some columns that are left out.

    Raises:
        DataError: nothing is left.
    """
    found = person.engine.recommend(_masked(person, left_out), dials, n, operator)
    names = [hand.more.name for hand in hands(dials) if hand.more] if operator == SPREAD else []
    mixed = OWN if operator == SPREAD or not any(dial.amount for dial in dials) else MIXED
    dealers = [names[hand] if names else mixed for hand in found.hands]
    listed = zip(found.items.tolist(), found.scores.tolist(), dealers, strict=True)
    return [Row(column, score, reason) for column, score, reason in listed]


def _masked(person: Person, left_out: Sequence[int]) -> Taste:
    """A taste that is not shown some columns either."""
    return dataclasses.replace(person.taste, seen=np.union1d(person.taste.seen, np.asarray(left_out, np.int64)))


def list_for(person: Person, rules: Rules, dials: Sequence[Dial]) -> list[Row]:
    """One reader's list: their ``Engine.recommend`` under the rules."""
    seen, n_items = person.taste.seen, person.data.n_items
    names = [hand.more.name for hand in hands(dials) if hand.more]
    masked = _masked(person, rules.left_out)
    if len(masked.seen) == n_items:
        return rules.arrange(Ranked(*np.zeros((3, 0), np.int64)), seen, names) or []
    for n in (SPARE * rules.recipe.length, n_items):
        found = person.engine.recommend(masked, dials, n)
        rows = rules.arrange(Ranked(found.items, found.scores, found.hands), seen, names)
        if rows is not None:
            return rows
    raise AssertionError("a ranking of all items is complete")


class Renderer:
    """Makes the lists of many readers under one recipe: a table of readers in, a table of lists out.

    schema: of the lists, whose metadata hold the bundle's id, the recipe and the rules of the house

    Raises:
        UnknownNameError: a knob, item or tag that the bundle does not have.
    """

    def __init__(self, bundle: Bundle, recipe: ListRecipe, house: HouseRules):
        rules = Rules(bundle, recipe, house)
        self.bundle, self.recipe, self._setting = bundle, recipe, Setting.of(rules)
        self._ids = list_ids(bundle, recipe, house)
        self._dials = {"": rules.dials(recipe.dials), **{arm.name: rules.dials(arm.dials) for arm in recipe.arms}}
        stamp = {"bundle": bundle.id, "recipe": recipe.model_dump_json(), "house": house.model_dump_json()}
        self.schema = SCHEMA.with_metadata(stamp)

    def __call__(self, readers: pa.Table) -> pa.Table:
        """The lists of readers, arm by arm.

        Args:
            readers: their ids as the column user_id.

        Raises:
            UnknownNameError: a reader whom the bundle does not have.
        """
        data = self.bundle.interactions
        rows = rows_of_users(data, readers["user_id"].to_pylist())
        user_ids, likes = data.user_ids[rows], data.matrix[rows]
        lists = [self._table(arm, user_ids[at], likes[at]) for arm, at in self.blocks(user_ids)]
        return pa.concat_tables(lists).replace_schema_metadata(self.schema.metadata)

    def blocks(self, user_ids: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
        """Places among readers' ids in blocks of readers of one arm, whose name comes with each."""
        size = block_size(self.bundle.interactions.n_items)
        found = [arm_of(self.recipe, reader) for reader in user_ids] if self.recipe.arms else [None] * len(user_ids)
        arms = np.array([arm.name if arm else "" for arm in found], object)
        for name in self._dials:
            mine = np.flatnonzero(arms == name)
            yield from ((name, mine[start : start + size]) for start in range(0, len(mine), size))

    def _table(self, arm: str, user_ids: np.ndarray, likes: sp.csr_matrix) -> pa.Table:
        lists = _lists(self.bundle, self._setting, self._dials[arm], likes)
        there = np.arange(lists.items.shape[1]) < lists.sizes[:, None]
        return pa.table(
            [
                np.repeat(user_ids, lists.sizes),
                np.broadcast_to(np.arange(1, there.shape[1] + 1, dtype=np.int32), there.shape)[there],
                self.bundle.interactions.item_ids[lists.items[there]],
                pa.array(lists.scores[there], pa.float32(), from_pandas=True),  # NaN is missing
                pa.array(lists.reasons[there], pa.string()),
                np.repeat(np.array([self._ids(reader) for reader in user_ids], object), lists.sizes),
                pa.repeat(arm, int(lists.sizes.sum())),
            ],
            SCHEMA,
        )


def block_size(n_items: int) -> int:
    """Readers of a block, where there are so many items."""
    return max(1, min(AT_ONCE, SCORES // n_items))


class _Lists(NamedTuple):
    """Lists of some readers, a row each. sizes: (R,) rows of each; items: (R, n) columns; scores: (R, n), NaN of a pin;
    reasons: (R, n) texts."""

    sizes: np.ndarray
    items: np.ndarray
    scores: np.ndarray
    reasons: np.ndarray


def _lists(bundle: Bundle, setting: Setting, dials: Sequence[Dial], likes: sp.csr_matrix) -> _Lists:
    """The lists of readers by their likes (R, n_items), who are steered together; whoever needs more of the ranking is
    looked at alone."""
    data, n = bundle.interactions, min(setting.depth, bundle.interactions.n_items)
    names = [hand.more.name for hand in hands(dials) if hand.more] or [OWN]
    blocks = zip(*steer_all(bundle.nested, likes, dials, n, left_out=setting.left_out.tolist()), strict=True)
    ranking, scores, dealers = (np.concatenate(parts) for parts in blocks)
    found = setting.arrange(ranking, dealers, likes, len(names))
    texts = np.array([*setting.rules.reasons(names), ""], object)
    pinned = np.where(found.at < 0, np.nan, np.take_along_axis(scores, np.maximum(found.at, 0), 1))
    lists = _Lists((found.items >= 0).sum(1), found.items, pinned, texts[found.codes])
    for row in np.flatnonzero(found.open).tolist():
        person = bundle.person(items=data.item_ids[likes[[row]].indices].tolist())
        alone = list_for(person, setting.rules, dials)
        lists.sizes[row] = len(alone)
        lists.items[row, : len(alone)] = [one.column for one in alone]
        lists.scores[row, : len(alone)] = [np.nan if one.score is None else one.score for one in alone]
        lists.reasons[row, : len(alone)] = [one.reason for one in alone]
    return lists
