"""Rows in: what ``knobs prepare`` costs against the loader, and that both end up with the same.

    python benchmarks/prepare.py                          3,000,000 rows, both
    python benchmarks/prepare.py --rows 50000000 --alone  without the loader, which would hold all of them
    ... --memory 2GB --users 2000000 --items 500000

Made-up rows (user_id, item_id, rating 1 to 5) with ids as text, popularity like a power law and one row in fifty a
repeat of a pair, in Parquet files of two million rows; at least 5 likes an item and a user, the last row of a pair
counts. Each reading runs in a process of its own: processor seconds, highest resident memory (Linux; that of a process
that has read nothing is the first line), and a SHA-256 of what came out: places, ids and account. ``--unique`` reads
rows in which no pair is there twice.
"""

import argparse
import hashlib
import json
import multiprocessing
import re
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from _report import report

SETTINGS = {"min_item_interactions": 5, "min_user_interactions": 5, "duplicates": "merge"}
PART = 2_000_000  # rows of a file


def write(folder: Path, n_rows: int, n_users: int, n_items: int, repeats: bool) -> None:
    """Generate the files; with ``repeats`` one row in fifty is a pair from before with another rating."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    popularity = np.cumsum(1 / (np.arange(n_items) + 60.0) ** 0.9)
    popularity /= popularity[-1]
    for part, start in enumerate(range(0, n_rows, PART)):
        n = min(PART, n_rows - start)
        user, item = rng.integers(0, n_users, n), np.searchsorted(popularity, rng.random(n))
        if repeats:
            again = rng.random(n) < 0.02
            user[again], item[again] = np.roll(user, 7)[again], np.roll(item, 7)[again]
        else:  # no user is in two files, and within a file each pair is there once
            n_parts = -(-n_rows // PART)
            pairs = np.unique(user // n_parts * np.int64(n_items) + item)
            user, item = np.divmod(rng.permutation(pairs), n_items)
            user = user * n_parts + part
        table = {
            "user_id": np.char.add("u", user.astype(str)),
            "item_id": np.char.add("i", item.astype(str)),
            "rating": rng.integers(1, 6, len(user)).astype(float),
        }
        pq.write_table(pa.table(table), folder / f"part-{part:05}.parquet", compression="zstd")


def joined(folder: Path, out: Path) -> None:
    """The same rows as the loader wants them: in one file."""
    out.mkdir()
    with pq.ParquetWriter(out / "interactions.parquet", pq.read_schema(next(folder.iterdir()))) as file:
        for part in sorted(folder.iterdir()):
            file.write_table(pq.read_table(part))


def digest(data) -> str:
    """SHA-256 of places, ids and account."""
    found = hashlib.sha256()
    for array in (data.matrix.indptr, data.matrix.indices):
        found.update(np.ascontiguousarray(array, np.int64).tobytes())
    for ids in (data.user_ids, data.item_ids):
        found.update("\n".join(ids.tolist()).encode())
    found.update(json.dumps(data.account.model_dump(), sort_keys=True).encode())
    return found.hexdigest()[:16]


def nothing(source: Path, out: Path, memory: str) -> dict:
    return {}


def loader(source: Path, out: Path, memory: str) -> dict:
    from knobs_core import data

    read = data.load_data(source, SETTINGS)
    return {"digest": digest(read)} | read.account.model_dump(include={"users", "items", "likes"})


def prepared(source: Path, out: Path, memory: str, unique: bool = False) -> dict:
    from knobs_core import data

    made = data.prepare(source, out, SETTINGS, memory, unique=unique)
    return {"shards": made.shards} | made.account.model_dump(include={"users", "items", "likes"})


def unique(source: Path, out: Path, memory: str) -> dict:
    return prepared(source, out, memory, True)


def opened(source: Path, out: Path, memory: str) -> dict:
    from knobs_core import data

    data.load_data(out)
    return {}


def told(source: Path, out: Path, memory: str) -> dict:
    from knobs_core import data

    return {"digest": digest(data.load_data(out))}


def measured(work, answer, *args) -> None:
    import knobs_core.data  # noqa: F401  # what everybody pays is not counted

    before, began = time.process_time(), time.perf_counter()
    row = work(*args)
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 2**20
    seconds = {"cpu_s": round(time.process_time() - before, 1), "wall_s": round(time.perf_counter() - began, 1)}
    answer.put(row | seconds | {"peak_gib": round(peak, 2)})


def row(name: str, work, source: Path, out: Path, memory: str) -> dict:
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=measured, args=(work, answer, source, out, memory))
    process.start()
    found = answer.get()
    process.join()
    return {"what": name, **found}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--users", type=int, help="by default a user has 15 rows")
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--memory", default="1GB")
    parser.add_argument("--alone", action="store_true", help="without the loader")
    parser.add_argument("--keep", default="prepare", help="name of the result")
    options = parser.parse_args()
    n_users = options.users or options.rows // 15
    place = Path(tempfile.mkdtemp(prefix="knobs-prepare-"))
    try:
        write(place / "rows", options.rows, n_users, options.items, True)
        size = sum(file.stat().st_size for file in (place / "rows").iterdir()) / 2**20
        given = (place / "rows", place / "prepared", options.memory)
        rows = [
            row("nothing", nothing, *given),
            row("prepare", prepared, *given),
            row("open it, first", opened, *given),
        ]
        rows += [row("open it again", opened, *given), row("its digest", told, *given)]
        shutil.rmtree(place / "prepared")
        if not options.alone:
            joined(place / "rows", place / "joined")
            rows.append(row("loader", loader, place / "joined", *given[1:]))
            assert rows[-1]["digest"] == rows[-2]["digest"], "the loader and prepare disagree"
        shutil.rmtree(place / "rows")
        write(place / "once", options.rows, n_users, options.items, False)
        rows.append(row("prepare --unique", unique, place / "once", *given[1:]))
        notes = f"{options.rows:,} rows, {size:,.0f} MiB of Parquet, memory {options.memory}" + (
            "" if options.alone else "; the loader and prepare agree on every place, id and line of the account"
        )
        report(options.keep, [{"rows": options.rows, **one} for one in rows], notes)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
