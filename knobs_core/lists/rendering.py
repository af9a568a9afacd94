"""A recipe rendered: one reader's list, or everybody's into a Parquet file, block by block, in bounded memory.

Columns of the file, a row a row of a list: user_id, rank (from 1), item_id, score (missing for a pin), reason (what put
it there), list_id (of all rows of a list; it comes back with a reader's clicks), arm ("" for the recipe itself).
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from knobs_core.base import ConfigError, ProgressCallback, Stage, UnknownNameError, nearest, replacing, silent
from knobs_core.bundles import Bundle, Person
from knobs_core.lists.arranging import Setting
from knobs_core.lists.recipe import Arm, HouseRules, ListRecipe
from knobs_core.lists.rules import OWN, PINNED, Ranked, Row, Rules, by_quota
from knobs_core.steering import SPREAD, Dial, Taste, hands, steer_all

MIXED = "the dials"  # what puts rows into a list whose dials are mixed into the code
SPARE = 4  # times the length of a list that is ranked at first; quotas may need to look further
AT_ONCE = 4_096  # readers whose histories are steered before their rows are written
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


@dataclasses.dataclass(frozen=True)
class Rendered:
    """What was written. readers, rows: how many; short: readers whose list is shorter than the recipe asks for."""

    readers: int
    rows: int
    short: int


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


def render(
    bundle: Bundle,
    recipe: ListRecipe,
    path: str | Path,
    users: Sequence[str] | None = None,
    house: HouseRules | None = None,
    progress: ProgressCallback = silent,
) -> Rendered:
    """Render a recipe for users of the data into a Parquet file, which is written whole or not at all.

    Args:
        users: their ids, by default all of them.

    Raises:
        UnknownNameError: a user, knob, item or tag that the bundle does not have.
        ConfigError: no users. StorageError: the file cannot be written.
    """
    house = house or HouseRules()
    rules, rows, stage = Rules(bundle, recipe, house), _rows_of(bundle, users), Stage("Rendering the lists", progress)
    ids, setting = list_ids(bundle, recipe, house), Setting.of(rules)
    stamp = {"bundle": bundle.id, "recipe": recipe.model_dump_json(), "house": house.model_dump_json()}
    done = written = short = 0
    with replacing(Path(path)) as partial, pq.ParquetWriter(partial, SCHEMA.with_metadata(stamp)) as file:
        for arm, block in _by_arm(bundle, recipe, rows):
            dials = rules.dials(recipe.dials if arm is None else arm.dials)
            lists = _lists(bundle, setting, dials, block)
            file.write_table(_table(bundle, ids, arm, block, lists))
            done, written = done + len(block), written + int(lists.sizes.sum())
            short += int((lists.sizes < recipe.length).sum())
            stage(done, len(rows))
    return Rendered(done, written, short)


def _rows_of(bundle: Bundle, users: Sequence[str] | None) -> np.ndarray:
    """Rows of the matrix of some users, each once."""
    data = bundle.interactions
    if users is None:
        return np.arange(data.n_users)
    if not users:
        raise ConfigError("at least one reader", "none", "name some, or all")
    if unknown := [user for user in users if user not in data.row_of]:
        raise UnknownNameError(
            f"readers among the {data.n_users:,} users of this bundle",
            f"'{unknown[0]}'",
            nearest(unknown[0], data.user_ids),
        )
    return np.array([data.row_of[user] for user in dict.fromkeys(users)])


def _by_arm(bundle: Bundle, recipe: ListRecipe, rows: np.ndarray) -> Iterator[tuple[Arm | None, np.ndarray]]:
    """Rows of the matrix in blocks of readers of one arm."""
    arms = [arm_of(recipe, bundle.interactions.user_ids[row]) for row in rows] if recipe.arms else [None] * len(rows)
    for arm in (None, *recipe.arms):
        mine = rows[[one is arm for one in arms]]
        yield from ((arm, mine[start : start + AT_ONCE]) for start in range(0, len(mine), AT_ONCE))


class _Lists(NamedTuple):
    """Lists of some readers, a row each. sizes: (R,) rows of each; items: (R, n) columns; scores: (R, n), NaN of a pin;
    reasons: (R, n) texts."""

    sizes: np.ndarray
    items: np.ndarray
    scores: np.ndarray
    reasons: np.ndarray


def _lists(bundle: Bundle, setting: Setting, dials: Sequence[Dial], rows: np.ndarray) -> _Lists:
    """The lists of some users, who are steered together; whoever needs more of the ranking is looked at alone."""
    data, n = bundle.interactions, min(setting.depth, bundle.interactions.n_items)
    names = [hand.more.name for hand in hands(dials) if hand.more] or [OWN]
    likes = data.matrix[rows]
    blocks = zip(*steer_all(bundle.nested, likes, dials, n, left_out=setting.left_out.tolist()), strict=True)
    ranking, scores, dealers = (np.concatenate(parts) for parts in blocks)
    found = setting.arrange(ranking, dealers, likes, len(names))
    texts = np.array([PINNED, *names, *map(by_quota, names), ""], object)
    pinned = np.where(found.at < 0, np.nan, np.take_along_axis(scores, np.maximum(found.at, 0), 1))
    lists = _Lists((found.items >= 0).sum(1), found.items, pinned, texts[found.codes])
    for row in np.flatnonzero(found.open).tolist():
        alone = list_for(bundle.person(data.user_ids[rows[row]]), setting.rules, dials)
        lists.sizes[row] = len(alone)
        lists.items[row, : len(alone)] = [one.column for one in alone]
        lists.scores[row, : len(alone)] = [np.nan if one.score is None else one.score for one in alone]
        lists.reasons[row, : len(alone)] = [one.reason for one in alone]
    return lists


def _table(bundle: Bundle, ids: Callable[[str], str], arm: Arm | None, rows: np.ndarray, lists: _Lists) -> pa.Table:
    data, sizes = bundle.interactions, lists.sizes
    readers, place = data.user_ids[rows], np.arange(lists.items.shape[1])
    there = place < sizes[:, None]
    return pa.table(
        [
            np.repeat(readers, sizes),
            np.broadcast_to(place + 1, there.shape)[there].astype(np.int32),
            data.item_ids[lists.items[there]],
            pa.array(lists.scores[there], pa.float32(), from_pandas=True),  # NaN is missing
            pa.array(lists.reasons[there], pa.string()),
            np.repeat(np.array([ids(reader) for reader in readers], object), sizes),
            pa.repeat(arm.name if arm else "", int(sizes.sum())),
        ],
        SCHEMA,
    )
