"""The meaning of ``interactions.build`` in SQL, worked out bucket by bucket in memory that is bounded.

    rows    -> a bucket a hash of the user          what a user likes is all in one bucket
    bucket  -> pairs    the last row of a user and an item counts      arg_max(value, row)
            -> likes    values of at least the threshold
    items with enough likes, in all buckets; then users with enough of these; items that lost all their users vanish
    users and items are numbered in the order of numbers where all ids are whole numbers, else of text

All statements are here. DuckDB keeps to ``memory_limit`` and writes to disk what it can; what it cannot is refused.
"""

import glob
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from knobs_core.base import processors, require

# Ids that differ in case or in quotation marks alone share a bucket, so that they can be told of.
ALIKE = """lower(trim({name}::VARCHAR, '''"'))"""
LIKED = "value >= '{least}'::DOUBLE"
BUCKETS = """
    COPY (SELECT user_id, item_id, value, row, hash({key}) % {buckets} AS bucket FROM rows)
    TO '{folder}/rows' (FORMAT parquet, PARTITION_BY (bucket))
"""
TABLES = (
    "CREATE TABLE seen (item_id {item}, first BIGINT, likes BIGINT)",
    "CREATE TABLE people (user_id {user}, bucket BIGINT)",
    "CREATE TABLE alive (item_id {item}, likes BIGINT)",
)
PAIRS = """
    CREATE OR REPLACE TABLE pairs AS
    SELECT user_id, item_id, arg_max(value, row) AS value, min(row) AS first, count(*) AS times
    FROM read_parquet('{found}/rows/bucket={bucket}/*.parquet') GROUP BY user_id, item_id
"""
UNIQUE = """
    CREATE OR REPLACE TABLE pairs AS
    SELECT user_id, item_id, value, row AS first, 1 AS times
    FROM read_parquet('{found}/rows/bucket={bucket}/*.parquet')
"""
COUNTS = f"""
    SELECT coalesce(sum(times - 1), 0)::BIGINT, count(*) FILTER (NOT {LIKED}), count(*) FILTER ({LIKED}),
           count(DISTINCT user_id) FILTER ({LIKED})
    FROM pairs
"""
FIRST_REPEATED = "SELECT first, user_id, item_id FROM pairs WHERE times > 1 ORDER BY first LIMIT 1"
SEEN = f"INSERT INTO seen SELECT item_id, min(first), count(*) FILTER ({LIKED}) FROM pairs GROUP BY item_id"
LIKES = f"COPY (SELECT user_id, item_id FROM pairs WHERE {LIKED}) TO '{{folder}}/likes-{{bucket}}.parquet'"
TWINS = f"""
    SELECT {{name}}, first FROM (
        SELECT {{name}}, min(first) AS first, count(*) OVER (PARTITION BY {ALIKE}) AS alike
        FROM {{table}} GROUP BY {{name}}
    ) WHERE alike > 1 ORDER BY first
"""
FREQUENT = """
    CREATE TABLE frequent AS SELECT item_id FROM seen GROUP BY item_id HAVING sum(likes) >= {at_least}
"""
COUNTED = """
    CREATE OR REPLACE TABLE counted AS
    SELECT user_id, count(*) AS likes
    FROM read_parquet('{found}/likes-{bucket}.parquet') SEMI JOIN frequent USING (item_id) GROUP BY user_id
"""
ENOUGH = """
    SELECT coalesce(sum(likes), 0)::BIGINT, coalesce(sum(likes) FILTER (likes >= {at_least}), 0)::BIGINT FROM counted
"""
PEOPLE = "INSERT INTO people SELECT user_id, {bucket} FROM counted WHERE likes >= {at_least}"
ALIVE = """
    INSERT INTO alive
    SELECT item_id, count(*)
    FROM read_parquet('{found}/likes-{bucket}.parquet') SEMI JOIN frequent USING (item_id)
    SEMI JOIN (SELECT user_id FROM counted WHERE likes >= {at_least}) USING (user_id)
    GROUP BY item_id
"""
ARE_NUMBERS = "SELECT coalesce(bool_and(try_cast({name} AS BIGINT)::VARCHAR = {name}::VARCHAR), false) FROM {table}"
IN_ORDER = "COPY (SELECT user_id, bucket FROM people ORDER BY {key}) TO '{folder}/people.parquet'"
NUMBERED = """
    COPY (
        SELECT user_id, bucket, file_row_number AS row
        FROM read_parquet('{found}/people.parquet', file_row_number = true)
    ) TO '{folder}/people' (FORMAT parquet, PARTITION_BY (bucket))
"""
ITEMS = """
    CREATE TABLE items AS
    SELECT item_id, likes, row_number() OVER (ORDER BY {key}) - 1 AS number
    FROM (SELECT item_id, sum(likes)::BIGINT AS likes FROM alive GROUP BY item_id)
"""
SHARD = """
    COPY (
        SELECT row, user_id::VARCHAR AS user_id, list_sort(list(number::INTEGER)) AS items
        FROM read_parquet('{found}/likes-{bucket}.parquet')
        JOIN items USING (item_id)
        JOIN read_parquet('{found}/people/bucket={bucket}/*.parquet') AS people USING (user_id)
        GROUP BY row, user_id ORDER BY row
    ) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""
EMPTY = """
    COPY (SELECT 0::BIGINT AS row, '' AS user_id, [0::INTEGER] AS items LIMIT 0) TO '{file}' (FORMAT parquet)
"""
AGAIN = "SELECT count(*) FROM read_parquet('{written}') WHERE len(items) <> list_unique(items)"


class Pairs(NamedTuple):
    """What became of a bucket's pairs. likes, users: that are likes, and whose; below: that are none

    repeated: rows that a later one of their pair takes the place of; first: the first of them, its user and its item
    twins: users, as text, who differ from others in case or quotation marks alone, each with their first row
    """

    repeated: int
    below: int
    likes: int
    users: int
    first: tuple[int, object, object] | None
    twins: list[tuple[str, int]]


class Engine:
    """DuckDB at work in a folder of its own.

    Args:
        folder: empty, for what does not fit into memory.
        memory: as DuckDB writes it, such as "4GB"; buckets: how many.

    Raises:
        MissingExtraError: DuckDB is not installed.
    """

    def __init__(self, folder: Path, memory: str, buckets: int):
        duckdb = require("duckdb", "preparing data")
        self.folder, self.buckets = folder, buckets
        self._text = False
        settings = {
            "memory_limit": memory,
            "temp_directory": str(folder / "spilled"),
            "threads": processors(),
            "preserve_insertion_order": False,
        }
        self.connection = duckdb.connect(config=settings)

    def close(self) -> None:
        """Let go of the folder."""
        self.connection.close()

    def take(self, batches: Iterator[pa.RecordBatch]) -> None:
        """Deal rows (user_id, item_id, value, row) to buckets by their user; there is one at least."""
        first = next(batches, None)
        if first is None:
            return
        kinds = {field.name: "BIGINT" if field.type == pa.int64() else "VARCHAR" for field in first.schema}
        self._text = kinds["user_id"] == "VARCHAR"
        key = ALIKE.format(name="user_id") if self._text else "user_id"
        reader = pa.RecordBatchReader.from_batches(first.schema, itertools.chain([first], batches))
        self.connection.register("rows", reader)
        try:
            self._run(BUCKETS, key=key, buckets=self.buckets)
        finally:
            self.connection.unregister("rows")
        for table in TABLES:
            self._run(table, user=kinds["user_id"], item=kinds["item_id"])

    def pairs(self, bucket: int, unique: bool, least: float) -> Pairs:
        """Keep what is a like of a bucket. unique: whether no pair is there twice; least: from which value on it is."""
        if not self._there(f"rows/bucket={bucket}"):
            return Pairs(0, 0, 0, 0, None, [])
        self._run(UNIQUE if unique else PAIRS, bucket=bucket)
        repeated, below, likes, users = self._one(COUNTS, least=least)
        first = self._one(FIRST_REPEATED) if repeated else None
        self._run(SEEN, least=least)
        self._run(LIKES, least=least, bucket=bucket)
        shutil.rmtree(self.folder / f"rows/bucket={bucket}")
        return Pairs(repeated, below, likes, users, first, self._alike("user_id", "pairs") if self._text else [])

    def alike_items(self) -> list[tuple[str, int]]:
        """Items, as text, that differ from others in case or quotation marks alone, each with its first row."""
        return self._alike("item_id", "seen")

    def frequent(self, at_least: int) -> int:
        """Items with so many likes go on. Returns: how many items there are likes of at all."""
        self._run(FREQUENT, at_least=at_least)
        return self._one("SELECT count(DISTINCT item_id) FROM seen WHERE likes > 0")[0]

    def people(self, bucket: int, at_least: int) -> tuple[int, int]:
        """Users of a bucket with so many likes of such items go on. Returns: likes of such items; of these users."""
        if not self._there(f"likes-{bucket}.parquet"):
            return 0, 0
        self._run(COUNTED, bucket=bucket)
        self._run(PEOPLE, bucket=bucket, at_least=at_least)
        self._run(ALIVE, bucket=bucket, at_least=at_least)
        counts = (
            "SELECT coalesce(sum(likes), 0)::BIGINT, coalesce(sum(likes) FILTER (likes >= {n}), 0)::BIGINT FROM counted"
        )
        return self._one(counts, n=at_least)

    def number(self) -> int:
        """Number users and items. Returns: how many users there are."""
        self._run(IN_ORDER, key=self._key("user_id", "people"))
        self._run(NUMBERED)
        self._run(ITEMS, key=self._key("item_id", "alive"))
        return self._one("SELECT count(*) FROM people")[0]

    def items(self) -> tuple[np.ndarray, np.ndarray]:
        """Ids (n_items,), as text, and likes (n_items,) of the items, in order."""
        ids = _texts(self._run("SELECT item_id::VARCHAR AS item_id FROM items ORDER BY number"))
        return ids, self._run("SELECT likes FROM items ORDER BY number").fetchnumpy()["likes"]

    def met(self) -> np.ndarray:
        """Ids (n,) of all items in the rows, in the order in which they came."""
        order = "SELECT item_id::VARCHAR AS item_id FROM seen GROUP BY item_id ORDER BY min(first)"
        return _texts(self._run(order))

    def shard(self, bucket: int, file: Path) -> int:
        """Write users of a bucket: row, user_id, items. Returns: users with an item that is there twice."""
        self._run(SHARD if self._there(f"people/bucket={bucket}") else EMPTY, bucket=bucket, file=_quoted(file))
        return self._one(AGAIN, written=_quoted(Path(glob.escape(str(file)))))[0]

    def _alike(self, name: str, table: str) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = self._run(TWINS, name=name, table=table).fetchall()
        return found

    def _key(self, name: str, table: str) -> str:
        return f"{name}::BIGINT" if self._one(ARE_NUMBERS, name=name, table=table)[0] else f"{name}::VARCHAR"

    def _there(self, name: str) -> bool:
        return (self.folder / name).exists()

    def _run(self, statement: str, **parts: object) -> Any:
        """Run a statement. {folder} is where it writes, {found} the same as a pattern of names."""
        found = Path(glob.escape(str(self.folder)))
        return self.connection.execute(statement.format(folder=_quoted(self.folder), found=_quoted(found), **parts))

    def _one(self, statement: str, **parts: object) -> Any:
        return self._run(statement, **parts).fetchone()


def _texts(result: Any) -> np.ndarray:
    return np.array(result.fetchnumpy()["item_id"], object)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
