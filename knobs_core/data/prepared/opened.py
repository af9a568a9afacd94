"""Prepared data as interactions: the shards become arrays once, which stay on disk and are mapped into memory.

Whatever is read is proved first: shards, items and tags by the manifest, the arrays by a record of their own that names
the manifest they were made by. Ids of users are mapped as well; as objects they would fill the memory.
"""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import scipy.sparse as sp
from numpy.lib.format import open_memmap

from knobs_core.base import (
    ConfigError,
    DataError,
    FileRecord,
    ProgressCallback,
    Stage,
    override,
    places,
    proof_of,
    reason,
    silent,
    to_disk,
    undisturbed,
)
from knobs_core.data.columns import ITEM_COLUMNS
from knobs_core.data.interactions import Interactions
from knobs_core.data.prepared.manifest import AGAIN, OURS, PreparedManifest, read_manifest, theirs
from knobs_core.data.source import SAID, Prepared

MATRIX = "matrix"  # folder of the arrays
ARRAYS = ("indptr.npy", "indices.npy", "ones.npy", "user_ids.npy")
LARGEST = 2**31 - 1  # likes up to which places among them are int32, as SciPy has it
PIECE, BLOCK = 2**15, 2**22  # users read, and likes written, at a time


def open_prepared(
    path: Path, overrides: Mapping[str, object] | None = None, progress: ProgressCallback = silent
) -> Interactions:
    """Interactions of a folder of prepared data; likes and ids of users are mapped into memory, not read.

    Args:
        overrides: what items are called and whom to credit; all else was settled when the data were prepared.

    Raises:
        ConfigError: another setting than the data were prepared with.
        DataError: a file that is not as it was written.
        StorageError: the arrays cannot be written beside the shards.
    """
    manifest = read_manifest(path)
    config = override(manifest.config, overrides or {}, section="data")
    for name, value in (overrides or {}).items():
        if name not in SAID and getattr(config, name) != getattr(manifest.config, name):
            raise ConfigError(
                f"data.{name}={getattr(manifest.config, name)}, with which {path} was prepared",
                f"{value}",
                "leave it out, or run knobs prepare with it",
            )
    frame = _proved_table(path, "items.parquet", manifest)
    tags = _proved_table(path, "tags.parquet", manifest)
    known = frame.drop(columns=list(OURS)).rename(columns=theirs)
    items = known.astype({name: ITEM_COLUMNS.get(name, "string") for name in map(str, known)})
    arrays = _arrays(path, manifest, Stage("Mapping the likes", progress))
    shape = (manifest.account.users, manifest.account.items)
    matrix = sp.csr_matrix((arrays["ones"], arrays["indices"], arrays["indptr"]), shape=shape)
    matrix.has_sorted_indices = matrix.has_canonical_format = True
    ids = frame["item_id"].to_numpy(dtype=object)
    source = dataclasses.replace(manifest.origin, config=config)
    return Interactions(matrix, arrays["user_ids"], ids, items, tags, source, manifest.account, prepared_at(path))


def prepared_at(path: Path) -> Prepared:
    """Which prepared data lie in a folder, by its manifest alone.

    Raises:
        DataError: none that can be read.
    """
    return Prepared(str(path.resolve()), read_manifest(path).id)


def _proved_table(path: Path, name: str, manifest: PreparedManifest) -> pd.DataFrame:
    with _proving(path / name, manifest.files.get(name)):
        return pd.read_parquet(path / name)


@contextmanager
def _proving(file: Path, record: FileRecord | None) -> Iterator[None]:
    """Make sure that a file is the one that was written, before it is read."""
    expected = f"{file} with {record or 'a proof in its manifest'}"
    try:
        found = proof_of(file)
        if found != record:
            raise DataError(expected, str(found), AGAIN)
        yield
    except (OSError, pa.ArrowException) as error:
        raise DataError(expected, reason(error), AGAIN) from error


def _arrays(path: Path, manifest: PreparedManifest, stage: Stage) -> dict[str, np.ndarray]:
    """The arrays by their names, made where they are not there or were made of other shards."""
    folder = path / MATRIX
    if not _fit(folder, manifest):
        with places.writing(folder):
            new = places.partial(folder)
            try:
                new.mkdir()
                _make(path, manifest, new, stage)
                for name in ARRAYS:
                    to_disk(new / name)
                proofs = {name: proof_of(new / name).model_dump() for name in ARRAYS}
                text = json.dumps({"made_of": manifest.id, "files": proofs}, indent=2, sort_keys=True)
                (new / places.MANIFEST).write_text(text + "\n", encoding="utf-8")
                with undisturbed():
                    places.take_place(new, folder)
            finally:
                with undisturbed():
                    places.discard(new)
    return {name.partition(".")[0]: np.load(folder / name, mmap_mode="r") for name in ARRAYS}


def _fit(folder: Path, manifest: PreparedManifest) -> bool:
    """Whether whole arrays are there that were made of these shards."""
    try:
        record = json.loads((folder / places.MANIFEST).read_text(encoding="utf-8"))
        return record["made_of"] == manifest.id and all(
            FileRecord.model_validate(record["files"][name]) == proof_of(folder / name) for name in ARRAYS
        )
    except (OSError, ValueError, KeyError, TypeError):  # pydantic's are ValueErrors, too
        return False


def _make(path: Path, manifest: PreparedManifest, new: Path, stage: Stage) -> None:
    """Make the arrays of the shards, of which one piece at a time is in memory, and eight bytes for each user."""
    shards = sorted(name for name in manifest.files if name.startswith("users/"))
    n_users, n_items = manifest.account.users, manifest.account.items
    counts, width, met = np.zeros(n_users + 1, np.int64), 1, 0
    for done, name in enumerate(shards):
        stage(done, 2 * len(shards))
        with _proving(path / name, manifest.files[name]):
            for rows, ids, items in _pieces(path / name):
                _check(rows.min() >= 0 and rows.max() < n_users, path / name, f"rows below {n_users:,}")
                counts[rows + 1] = np.diff(items.offsets)
                width, met = max(width, pc.max(pc.utf8_length(ids)).as_py()), met + len(rows)
    indptr = counts.cumsum(out=counts)
    n_likes = int(indptr[-1])
    whole = (met, n_likes) == (n_users, manifest.account.likes) and n_users == np.count_nonzero(np.diff(indptr))
    _check(whole, path, f"{manifest.account.likes:,} likes of {n_users:,} users")
    kind = np.int32 if n_likes <= LARGEST else np.int64
    np.save(new / "indptr.npy", indptr.astype(kind))
    indices = open_memmap(new / "indices.npy", "w+", kind, (n_likes,))
    names = open_memmap(new / "user_ids.npy", "w+", f"<U{width}", (n_users,))
    for done, name in enumerate(shards):
        stage(len(shards) + done, 2 * len(shards))
        for rows, ids, items in _pieces(path / name):
            each, values = np.diff(items.offsets), items.values.to_numpy()
            starts = np.repeat(indptr[rows] - np.concatenate(([0], np.cumsum(each)[:-1])), each)
            firsts = np.zeros(len(values), bool)
            firsts[np.cumsum(each)[:-1]] = firsts[:1] = True
            rising = bool(((np.diff(values) > 0) | firsts[1:]).all()) and values.min() >= 0 and values.max() < n_items
            _check(rising, path / name, f"items below {n_items:,} in ascending order")
            indices[starts + np.arange(len(values))] = values
            names[rows] = ids.to_numpy(zero_copy_only=False)
    ones = open_memmap(new / "ones.npy", "w+", np.float32, (n_likes,))
    for start in range(0, n_likes, BLOCK):
        ones[start : start + BLOCK] = 1
    for array in (indices, names, ones):
        array.flush()
    stage(2 * len(shards), 2 * len(shards), f"{n_likes:,} likes")


def _pieces(file: Path) -> Iterator[tuple[np.ndarray, pa.Array, "_Lists"]]:
    """Rows, ids and items of users, a piece at a time."""
    with pq.ParquetFile(file) as shard:
        for batch in shard.iter_batches(PIECE, columns=["row", "user_id", "items"]):
            lists = batch["items"]
            offsets = lists.offsets.to_numpy()
            values = lists.values.slice(offsets[0], offsets[-1] - offsets[0])
            yield batch["row"].to_numpy(), batch["user_id"], _Lists(offsets - offsets[0], values)


class _Lists(NamedTuple):
    """Items of users, one after the other. offsets: (n + 1,) where each begins and ends"""

    offsets: np.ndarray
    values: pa.Array


def _check(holds: bool, where: Path, expected: str) -> None:
    if not holds:
        raise DataError(f"{expected} in {where}", "something else", AGAIN)
