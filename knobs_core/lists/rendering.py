"""A recipe rendered: one reader's list, or everybody's into a Parquet file, block by block, in bounded memory.

Columns of the file, a row a row of a list: user_id, rank (from 1), item_id, score (missing for a pin), reason (what put
it there), list_id (of all rows of a list; it comes back with a reader's clicks), arm ("" for the recipe itself).
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from knobs_core.base import ConfigError, ProgressCallback, Stage, UnknownNameError, nearest, replacing, silent
from knobs_core.bundles import Bundle, Person
from knobs_core.lists.recipe import Arm, HouseRules, ListRecipe
from knobs_core.lists.rules import Ranked, Row, Rules
from knobs_core.steering import Dial, hands, steer_all

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


def list_id(bundle: Bundle, recipe: ListRecipe, house: HouseRules, reader: str) -> str:
    """Names one reader's list under one recipe and one bundle: 16 hexadecimal digits."""
    made_of = [bundle.id, recipe.model_dump(mode="json"), house.model_dump(mode="json"), reader]
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()[:16]


def list_for(person: Person, rules: Rules, dials: Sequence[Dial]) -> list[Row]:
    """One reader's list: their ``Engine.recommend`` under the rules."""
    seen, n_items = person.taste.seen, person.data.n_items
    names = [hand.more.name for hand in hands(dials) if hand.more]
    masked = dataclasses.replace(person.taste, seen=np.union1d(seen, np.asarray(rules.left_out, np.int64)))
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
    stamp = {"bundle": bundle.id, "recipe": recipe.model_dump_json(), "house": house.model_dump_json()}
    done = written = short = 0
    with replacing(Path(path)) as partial, pq.ParquetWriter(partial, SCHEMA.with_metadata(stamp)) as file:
        for arm, block in _by_arm(bundle, recipe, rows):
            dials = rules.dials(recipe.dials if arm is None else arm.dials)
            lists = list(_lists(bundle, rules, dials, block))
            file.write_table(_table(bundle, rules, arm, block, lists))
            done, written = done + len(lists), written + sum(map(len, lists))
            short += sum(len(one) < recipe.length for one in lists)
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


def _lists(bundle: Bundle, rules: Rules, dials: Sequence[Dial], rows: np.ndarray) -> Iterator[list[Row]]:
    """The lists of some users, who are steered together; whoever needs more of the ranking is looked at alone."""
    data, n = bundle.interactions, min(SPARE * rules.recipe.length, bundle.interactions.n_items)
    names = [hand.more.name for hand in hands(dials) if hand.more]
    likes = data.matrix[rows]
    reader = 0
    for block in steer_all(bundle.nested, likes, dials, n, left_out=rules.left_out):
        for items, scores, dealers in zip(*block, strict=True):
            there = items >= 0
            ranked = Ranked(items[there], scores[there], dealers[there])
            found = rules.arrange(ranked, likes[reader].indices, names)
            yield list_for(bundle.person(data.user_ids[rows[reader]]), rules, dials) if found is None else found
            reader += 1


def _table(bundle: Bundle, rules: Rules, arm: Arm | None, rows: np.ndarray, lists: Sequence[Sequence[Row]]) -> pa.Table:
    data = bundle.interactions
    sizes = [len(one) for one in lists]
    readers = data.user_ids[rows]
    ids = [list_id(bundle, rules.recipe, rules.house, reader) for reader in readers]
    flat = [row for one in lists for row in one]
    return pa.table(
        [
            np.repeat(readers, sizes),
            np.concatenate([np.arange(1, size + 1) for size in sizes]),
            data.item_ids[[row.column for row in flat]],
            [row.score for row in flat],
            [row.reason for row in flat],
            np.repeat(ids, sizes),
            [arm.name if arm else ""] * len(flat),
        ],
        SCHEMA,
    )
