"""Vectors as Parquet files that any vector store loads, written whole or not at all, in bounded memory for users.

    items.parquet     a row an item: item_id, title, vector (d)
    knobs.parquet     a row a knob: key, name, vector (d), depth; of a linear decoder only
    queries.parquet   a row for each hand of each user: user_id, hand (from 0), vector (d), seen (ids not to be listed),
                      and of a linear decoder up and down, how far knobs move this user
    newcomers.parquet the same of people who are not in the data: items (ids of what they like) instead of user_id; the
                      first of them likes nothing, and has the mean taste of all users
    vectors.json      bundle, dials, hands with their paces, and how all this is used

Vectors are fixed-size lists of float32. With up, down, vector of a knob and its depth whoever has the files turns knobs
without Knobs; see ``vectors.py`` for the formula. Every file names the bundle in its metadata.
"""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.sparse as sp
import torch

from knobs_core.base import ProgressCallback, Stage, replacing, silent, storing
from knobs_core.bundles import Bundle, Person
from knobs_core.data import rows_of_users
from knobs_core.models import to_bags
from knobs_core.retrieval.recall import Checked
from knobs_core.retrieval.vectors import SCORES, Queries, item_vectors, knob_vectors, queries
from knobs_core.steering import SPREAD, Dial, Hand, Reach, hands, reach_of

AT_ONCE = 4_096  # users of a row group
NOTE = "vectors.json"
USE = (
    "The score of an item is the inner product of its vector and a query, neither brought to another length.",
    "Ask for n items and as many as the user has seen, and leave out those that are seen: the first n are the list.",
)
DEALT = (
    "Several dials bring more, so that every user has a query a hand. The p-th unseen item of a hand's list is due at "
    "p / pace. Items come when they are first due, at equal times that of the lower hand, and each once."
)
TURNED = (
    "To turn knobs yourself, export without dials: query = (1 - a) vector + up a v - down sum b v_k / depth_k, with "
    "one knob v turned up by a and knobs k turned down by b, all from 0 to 1."
)


@dataclasses.dataclass(frozen=True)
class Exported:
    """What was written. items, knobs, users, queries: how many; dimensions: d; hands: queries of each user."""

    items: int
    knobs: int
    users: int
    queries: int
    dimensions: int
    hands: int


def export(
    bundle: Bundle,
    folder: str | Path,
    users: Sequence[str] | None = None,
    dials: Sequence[Dial] = (),
    operator: str = SPREAD,
    checked: Checked | None = None,
    progress: ProgressCallback = silent,
    newcomers: Sequence[Sequence[str]] = (),
) -> Exported:
    """Write item vectors, knob vectors and queries with dials turned into a folder; see the head of this file.

    The files take their places together when all are complete, the note last. Each user's scores are worked out once,
    as how far a knob moves somebody is a matter of them.

    Args:
        users: their ids, by default all users of the data.
        operator: SPREAD, or a name from OPERATORS.
        checked: what an index of these vectors finds, for the note.
        newcomers: ids of what each likes who is not in the data, beside somebody of whom nothing is known.

    Raises:
        UnknownNameError: a user or an item that is not in the data. DataError: a newcomer without items.
        ConfigError: no users, or a decoder whose last layer is not known.
        StorageError: the files cannot be written.
    """
    rows, turned = rows_of_users(bundle.interactions, users), [dial for dial in dials if dial.amount]
    strangers = [bundle.newcomer, *(bundle.person(items=likes) for likes in newcomers)]
    items, linear, folder = item_vectors(bundle.nested), bundle.nested.cfae.linear, Path(folder)
    held = hands(turned) if operator == SPREAD else hands([])
    knobs = list(bundle.knobs.values()) if linear else []
    done = Exported(len(items), len(knobs), len(rows), len(rows) * len(held), items.shape[1], len(held))
    stage = Stage("Writing the vectors", progress)
    with ExitStack() as together:
        note = together.enter_context(replacing(folder / NOTE))
        stamp = {"bundle": bundle.id}
        _write(together, folder / "items.parquet", stamp, iter([_items(bundle, items)]))
        if linear:
            vectors, deep = knob_vectors(bundle.nested, [knob.dial(1.0) for knob in knobs])
            columns = {"key": [knob.key for knob in knobs], "name": [knob.name for knob in knobs]}
            table = pa.table({**columns, "vector": _lists(vectors), "depth": deep})
            _write(together, folder / "knobs.parquet", stamp, iter([table]))
        blocks = _queries(bundle, rows, turned, operator, stage)
        _write(together, folder / "queries.parquet", stamp, blocks)
        strange = _newcomers(bundle, strangers, turned, operator)
        _write(together, folder / "newcomers.parquet", stamp, iter([strange]))
        note.write_text(
            json.dumps(_note(bundle, done, turned, held, operator, checked), indent=2, ensure_ascii=False), "utf-8"
        )
    if not linear:
        with storing(folder):
            (folder / "knobs.parquet").unlink(missing_ok=True)  # of another export
    return done


def _write(together: ExitStack, path: Path, stamp: dict[str, str], tables: Iterator[pa.Table]) -> None:
    """Write at least one table, a row group each."""
    first = next(tables)
    partial = together.enter_context(replacing(path))
    with pq.ParquetWriter(partial, first.schema.with_metadata(stamp)) as file:
        file.write_table(first)
        for table in tables:
            file.write_table(table)


def _lists(vectors: np.ndarray) -> pa.Array:
    """Vectors (n, d) as fixed-size lists."""
    flat = pa.array(np.ascontiguousarray(vectors, np.float32).ravel(), pa.float32())
    return pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1])


def _items(bundle: Bundle, items: np.ndarray) -> pa.Table:
    data = bundle.interactions
    return pa.table(
        {
            "item_id": pa.array(data.item_ids, pa.string()),
            "title": pa.array(data.items["title"], pa.string()),
            "vector": _lists(items),
        }
    )


def _queries(
    bundle: Bundle, rows: np.ndarray, turned: Sequence[Dial], operator: str, stage: Stage
) -> Iterator[pa.Table]:
    """Tables of some users each, a row for each of their hands."""
    at_once = max(1, SCORES // bundle.interactions.n_items)
    for start in range(0, len(rows), AT_ONCE):
        mine = rows[start : start + AT_ONCE]
        parts = [_asked(bundle, mine[at : at + at_once], turned, operator) for at in range(0, len(mine), at_once)]
        vectors = np.concatenate([asked.vectors for asked, _ in parts], axis=1)
        up, down = (np.concatenate(one) for one in zip(*(reach for _, reach in parts), strict=True))
        yield _table(bundle, mine, vectors, up, down)
        stage(start + len(mine), len(rows))


@torch.inference_mode()
def _asked(
    bundle: Bundle, rows: np.ndarray, turned: Sequence[Dial], operator: str
) -> tuple[Queries, tuple[np.ndarray, np.ndarray]]:
    """Queries of some users, and their reach: up and down (B,)."""
    nested, likes = bundle.nested, bundle.interactions.matrix[rows]
    y = nested.cfae.encode(to_bags(likes, nested.device))
    reach = reach_of(nested.cfae.decode(y), likes)
    return queries(nested, y, reach, turned, operator), _numbers(reach)


def _numbers(reach: Reach) -> tuple[np.ndarray, np.ndarray]:
    up, down = (torch.as_tensor(one)[:, 0].cpu().numpy() for one in reach)
    return up, down


def _table(bundle: Bundle, rows: np.ndarray, vectors: np.ndarray, up: np.ndarray, down: np.ndarray) -> pa.Table:
    data = bundle.interactions
    users = pa.array(data.user_ids[rows], pa.string())
    return _rows(bundle, "user_id", users, data.matrix[rows], vectors, up, down)


def _newcomers(bundle: Bundle, people: Sequence[Person], turned: Sequence[Dial], operator: str) -> pa.Table:
    """People who are not in the data, a row for each of their hands."""
    tastes = [person.taste for person in people]
    likes: sp.csr_matrix = sp.vstack([person.history for person in people], format="csr")
    asked = [queries(bundle.nested, one.encoded.y, one.reach, turned, operator).vectors for one in tastes]
    up, down = (np.array([one.reach[way] for one in tastes], np.float32) for way in (0, 1))
    return _rows(bundle, "items", _ids(bundle, likes), likes, np.concatenate(asked, axis=1), up, down)


def _ids(bundle: Bundle, likes: sp.csr_matrix) -> pa.Array:
    """Ids of what each row of a matrix likes."""
    ids = pa.array(bundle.interactions.item_ids[likes.indices], pa.string())
    return pa.ListArray.from_arrays(pa.array(likes.indptr, pa.int32()), ids)


def _rows(
    bundle: Bundle,
    name: str,
    people: pa.Array,
    likes: sp.csr_matrix,
    vectors: np.ndarray,
    up: np.ndarray,
    down: np.ndarray,
) -> pa.Table:
    """A row for each hand of each of B people.

    Args:
        name: of the column that says who they are; people: (B,) that; likes: (B, n_items)
        vectors: (n_hands, B, d); up, down: (B,)
    """
    each = np.repeat(np.arange(len(people)), len(vectors))
    columns = {
        name: people.take(pa.array(each)),
        "hand": pa.array(np.tile(np.arange(len(vectors)), len(people)), pa.int32()),
        "vector": _lists(vectors.transpose(1, 0, 2).reshape(len(each), -1)),
        "seen": _ids(bundle, likes).take(pa.array(each)),
    }
    if bundle.nested.cfae.linear:
        columns |= {"up": pa.array(up[each], pa.float32()), "down": pa.array(down[each], pa.float32())}
    return pa.table(columns)


def _note(
    bundle: Bundle,
    done: Exported,
    turned: Sequence[Dial],
    held: Sequence[Hand],
    operator: str,
    checked: Checked | None,
) -> dict[str, Any]:
    """What stands in vectors.json."""
    dealt = [DEALT] if len(held) > 1 else []
    return {
        "bundle": bundle.id,
        "models": bundle.models,
        "metric": "inner product",
        **dataclasses.asdict(done),
        "operator": operator,
        "dials": [{"key": dial.key, "name": dial.name, "amount": dial.amount} for dial in turned],
        "paces": [hand.pace for hand in held],
        "use": [*USE, *dealt, *([TURNED] if bundle.nested.cfae.linear else [])],
        "check": dataclasses.asdict(checked) if checked else None,
    }
