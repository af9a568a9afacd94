"""``knobs prepare``: a source of any number of rows becomes a folder that training maps into memory.

What comes out is what ``load_data`` makes of the same source, to the last like and the last word of its account.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from knobs_core.base import (
    ConfigError,
    DataError,
    ProgressCallback,
    Stage,
    StorageError,
    override,
    places,
    proof_of,
    reason,
    require,
    shown,
    silent,
    to_disk,
    undisturbed,
)
from knobs_core.data.interactions import Left, Read, Tables, described, refuse_repeated, too_little
from knobs_core.data.prepared.engine import Engine
from knobs_core.data.prepared.manifest import PreparedManifest, is_prepared, stored
from knobs_core.data.prepared.rows import Rows
from knobs_core.data.source import DataConfig, Source
from knobs_core.data.sources import read_pieces
from knobs_core.data.sources.limits import reading
from knobs_core.data.sources.pieces import Pieces
from knobs_core.data.spelling import lookalikes, repair
from knobs_core.data.values import RATING, doubt, least_liked

MEMORY = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([KMGT])i?B", re.IGNORECASE)
UNITS = {"K": 10, "M": 20, "G": 30, "T": 40}
TIMES = 32  # bytes of memory that a byte of a source may ask for, where a bucket gets all of it at once
FEWEST, MOST = 8, 1024  # shards, where nobody says how many
WORK = "work"  # folder of the engine, while it works


def prepare(
    source: str | Path,
    out: str | Path,
    overrides: Mapping[str, object] | None = None,
    memory: str = "4GB",
    shards: int | None = None,
    unique: bool = False,
    progress: ProgressCallback = silent,
) -> PreparedManifest:
    """Write a source as prepared data, whole or not at all; see ``manifest.py`` for what lies in the folder.

    Args:
        source: as for ``load_data``; also a file of likes (CSV, TSV, Parquet) with items and tags beside it, or a
            folder of such files.
        out: a new folder, or one of data prepared before, which is replaced.
        overrides: fields of DataConfig, as for ``load_data``.
        memory: that DuckDB may use, as "4GB"; what is beyond it goes to disk, beside ``out``.
        shards: how many; by default as many as let each fit into the memory.
        unique: whether the source promises that no user and item meet twice, which saves much of the work.
        progress: told as the work goes on.

    Raises:
        MissingExtraError: DuckDB is not installed.
        ConfigError: a setting that does not exist or does not fit, or too little memory.
        DataError: the source cannot be used, or has its rows in a layout that is not read piece by piece.
        StorageError: nothing can be written there, or something else lies there.
    """
    room = _bytes(memory)
    place = places.place(out)
    if place.exists() and not is_prepared(place) and (not place.is_dir() or any(place.iterdir())):
        raise StorageError(
            "a new folder, or data prepared before", f"something else at {place}", "choose another --out"
        )
    name = str(source)
    if name == "demo":
        raise DataError("a source with likes in files", "demo", "knobs train --data demo reads it directly")
    with reading(name, "check the files, or bring them as interactions.csv (user_id, item_id)"):
        tables, pieces, defaults = read_pieces(source, progress)
        config = override(defaults, overrides or {}, section="data")
    place.parent.mkdir(parents=True, exist_ok=True)
    with places.writing(place):
        new = places.partial(place)
        try:
            new.mkdir()
            with reading(name), _bounded(memory):
                source_of = Source(name, pieces.checksum(), config)
                manifest = _write(
                    tables, pieces, source_of, unique, memory, shards or _shards(pieces.bytes(), room), new, progress
                )
            shutil.rmtree(new / WORK)
            for file in manifest.files:
                to_disk(new / file)
            (new / places.MANIFEST).write_text(manifest.text(), encoding="utf-8")
            to_disk(new / places.MANIFEST)
            with undisturbed():
                places.take_place(new, place)
        finally:
            with undisturbed():
                places.discard(new)
    return manifest


def _write(
    tables: Tables, pieces: Pieces, source: Source, unique: bool, memory: str, shards: int, new: Path,
    progress: ProgressCallback,
) -> PreparedManifest:  # fmt: skip
    """Write all files but the manifest to a new folder."""
    config = source.config
    rows = Rows(pieces, tables.value_name, config.threshold)
    rows, engine = _dealt(rows, memory, shards, new / WORK, Stage("Reading the likes", progress))
    try:
        rows.check()
        read, met = _read(rows, engine, tables, config, unique, Stage("Counting likes", progress))
        stage = Stage("Choosing who has enough", progress)
        frequent = likes = 0
        for bucket in range(shards):
            stage(bucket, shards)
            of_frequent, of_both = engine.people(bucket, config.min_user_interactions)
            frequent, likes = frequent + of_frequent, likes + of_both
        users = engine.number()
        ids, of_each = engine.items()
        stage(shards, shards, f"{users:,} people")
        if not likes or len(ids) < 2:
            raise too_little(read, config)
        left = Left(frequent, likes, users, ids, of_each.astype(np.float32), met)
        frame, tags, source, account = described(tables, source, read, left)
        _stored(frame, ids, of_each).to_parquet(new / "items.parquet", index=False)
        tags.to_parquet(new / "tags.parquet", index=False)
        stage, twice = Stage("Writing shards", progress), 0
        for bucket in range(shards):
            stage(bucket, shards)
            file = new / f"users/shard={bucket}/part-0.parquet"
            file.parent.mkdir(parents=True)
            twice += engine.shard(bucket, file)
        if twice:
            raise DataError(
                "each user and item together in one row, as --unique promises",
                f"{twice:,} users with an item that is there again",
                "leave --unique out",
            )
        files = {file.relative_to(new).as_posix(): proof_of(file) for file in sorted(new.rglob("*.parquet"))
                 if WORK not in file.relative_to(new).parts}  # fmt: skip
        stage(shards, shards, f"{likes:,} likes")
    finally:
        engine.close()
    return PreparedManifest(
        source=source.name, checksum=source.checksum, config=source.config, shards=shards, account=account, files=files
    )


def _dealt(rows: Rows, memory: str, shards: int, work: Path, stage: Stage) -> tuple[Rows, Engine]:
    """All rows in the buckets of an engine, read as often as it takes to know how they are to be read."""
    stage(0, 1)
    while True:
        work.mkdir()
        engine, failures = Engine(work, memory, shards), list[Exception]()
        try:
            engine.take(_caught(rows.batches(), failures))
        except Exception as error:
            engine.close()
            failures.append(error)
        again = rows.again(failures[0] if failures else None)
        if again is None and not failures:
            stage(1, 1, f"{rows.n:,} rows")
            return rows, engine
        engine.close()
        if again is None:
            raise failures[0]  # the engine says less of what it was fed
        shutil.rmtree(work)
        rows = again


def _caught(batches: Iterator[pa.RecordBatch], failures: list[Exception]) -> Iterator[pa.RecordBatch]:
    """The same batches; what goes wrong is kept, as it is lost on its way through the engine."""
    try:
        yield from batches
    except Exception as error:
        failures.append(error)
        raise


def _read(
    rows: Rows, engine: Engine, tables: Tables, config: DataConfig, unique: bool, stage: Stage
) -> tuple[Read, np.ndarray]:
    """What the rows hold, their likes kept in the engine, and the ids of all items in them."""
    name, values = shown(tables.value_name), rows.values
    there = "value" in tables.interactions
    least, said = least_liked(values.high, values.signs, name, config.threshold) if there else (1.0, "")
    repeated = below = likes = users = 0
    first: tuple[int, object, object] | None = None
    twins: list[tuple[str, int]] = []
    for bucket in range(engine.buckets):
        stage(bucket, engine.buckets)
        found = engine.pairs(bucket, unique, least)
        repeated, below = repeated + found.repeated, below + found.below
        likes, users = likes + found.likes, users + found.users
        first = min(filter(None, (first, found.first)), default=None, key=lambda one: one[0])
        if rows.users.is_text:
            twins += found.twins
    stage(engine.buckets, engine.buckets, f"{likes:,} likes")
    if first and config.duplicates == "refuse":
        refuse_repeated(repeated, *first[1:])
    doubted = ""
    if there:
        doubted = doubt(values.low, values.high, rows.n, values.at_least[least], least, name, config.threshold)
    columns = ((rows.users, twins), (rows.items, engine.alike_items() if rows.items.is_text else []))
    threshold = least if there else RATING if config.threshold is None else config.threshold
    read = Read(
        rows.n, likes, users, engine.frequent(config.min_item_interactions), threshold, said, below, repeated,
        [repair(ids.name, "the interactions") for ids, _ in columns if ids.repaired and not ids.floats],
        [doubted, *(lookalikes(_in_order(alike)) for ids, alike in columns if ids.is_text)],
    )  # fmt: skip
    return read, engine.met()


def _in_order(alike: list[tuple[str, int]]) -> np.ndarray:
    """Ids (n,) by their first rows."""
    return np.array([one for one, _ in sorted(alike, key=lambda pair: pair[1])], object)


def _stored(frame: pd.DataFrame, ids: np.ndarray, likes: np.ndarray) -> pd.DataFrame:
    """What is known of the items with their numbers, ids and likes."""
    own = pd.DataFrame({"number": np.arange(len(ids), dtype=np.int32), "item_id": ids, "likes": likes})
    return pd.concat([own, frame.rename(columns=stored)], axis=1)


def _shards(size: int, memory: int) -> int:
    """As many shards, a power of two, as let each of ``size`` bytes in all fit into the memory."""
    return min(MOST, max(FEWEST, 1 << (size * TIMES // memory).bit_length()))


def _bytes(memory: str) -> int:
    """An amount of memory in bytes.

    Raises:
        ConfigError: it is none.
    """
    found = MEMORY.fullmatch(memory.strip())
    if not found or not float(found[1]):
        raise ConfigError("an amount of memory such as 4GB or 500MB", f"'{shown(memory, 40)}'", "write it like that")
    return int(float(found[1]) * 2 ** UNITS[found[2].upper()])


@contextmanager
def _bounded(memory: str) -> Iterator[None]:
    """Say what to do where the engine does not get along with its memory; stop where it was told to."""
    duckdb = require("duckdb", "preparing data")
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ConfigError(
            f"enough memory for the work with --memory {memory}",
            f"too little ({reason(error)})",
            "raise --memory, or have more and smaller --shards",
        ) from error
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupt" in str(error).lower():  # Ctrl-C or SIGTERM, which the engine answers in its own way
            raise KeyboardInterrupt from error
        raise
