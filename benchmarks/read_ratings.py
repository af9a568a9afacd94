"""How long it takes, and how much memory, to read as many ratings as MovieLens 25M has.

    python benchmarks/read_ratings.py            25,000,095 ratings by 162,541 users of 59,047 films
    python benchmarks/read_ratings.py --quick    a tenth of it

Writes ratings.csv, movies.csv and tags.csv with the columns of the real set (the same digits in ids, ratings and
timestamps; popularity like a power law, activity log-normal), once in a folder and once in a zip, and reads each in a
process of its own: through the loader of Knobs (checksum, checks, filters, titles and tags, all there is), and, as a
peer, ratings.csv alone with pandas.read_csv and the filters written down plainly. Prints seconds, peak memory (Linux)
and hardware.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv

ROOT = Path(__file__).parents[1]
RATINGS, USERS, FILMS, TAGS, WORDS = 25_000_095, 162_541, 59_047, 1_093_360, 65_464


def write(folder: Path, share: float) -> None:
    """Generate the set; ``share`` of the ratings, users and tags of the real one."""
    rng = np.random.default_rng(0)
    n, users = int(RATINGS * share), int(USERS * share)
    activity = rng.lognormal(4.4, 1.15, users) + 20
    popularity = rng.permutation(1 / (np.arange(FILMS) + 60.0) ** 1.35)
    ids = np.sort(rng.choice(209_171, FILMS, replace=False)) + 1
    # Draw a little more than needed, keep every pair once: sorted by user and film, as published.
    user = np.repeat(np.arange(users), rng.multinomial(int(n * 1.6), activity / activity.sum()))
    film = np.searchsorted(np.cumsum(popularity) / popularity.sum(), rng.random(len(user)))
    pairs = np.unique(user * FILMS + np.minimum(film, FILMS - 1))
    pairs = np.sort(rng.choice(pairs, min(n, len(pairs)), replace=False))
    user, film = np.divmod(pairs, FILMS)
    stars = rng.choice(
        np.arange(1, 11) / 2, len(pairs), p=[0.016, 0.031, 0.016, 0.066, 0.051, 0.196, 0.127, 0.266, 0.088, 0.143]
    )
    timestamp = rng.integers(789_652_009, 1_574_327_703, len(pairs))
    table = pa.table({"userId": user + 1, "movieId": ids[film], "rating": stars, "timestamp": timestamp})
    pa.csv.write_csv(table, folder / "ratings.csv")
    years = rng.integers(1920, 2020, FILMS)
    movies = pd.DataFrame({"movieId": ids, "title": [f"Film {i}, The ({y})" for i, y in zip(ids, years, strict=True)]})
    movies.assign(genres="Drama|Comedy").to_csv(folder / "movies.csv", index=False)
    marks = int(TAGS * share)
    words = np.minimum(rng.zipf(1.4, marks), WORDS)
    pd.DataFrame(
        {
            "userId": rng.integers(1, users, marks),
            "movieId": ids[film[rng.integers(0, len(film), marks)]],
            "tag": [f"tag {word}" for word in words],
            "timestamp": 1_500_000_000,
        }
    ).to_csv(folder / "tags.csv", index=False)


def ours(path: str) -> str:
    from knobs_core import data

    loaded = data.load_data(path)
    return f"{loaded.n_users:,} x {loaded.n_items:,}, {loaded.matrix.nnz:,} likes"


def pandas_alone(path: str) -> str:
    import scipy.sparse as sp

    frame = pd.read_csv(Path(path) / "ratings.csv", dtype={"userId": str, "movieId": str})
    frame = frame[frame["rating"] >= 4]
    frame = frame[frame.groupby("userId")["userId"].transform("size") >= 5]
    users, user_ids = pd.factorize(frame["userId"], sort=True)
    items, item_ids = pd.factorize(frame["movieId"], sort=True)
    matrix = sp.csr_matrix((np.ones(len(frame), np.float32), (users, items)))
    return f"{len(user_ids):,} x {len(item_ids):,}, {matrix.nnz:,} likes"


def child(way: str, path: str) -> None:
    """Read in this process, and print what was read, the seconds and the peak of memory."""
    began = time.perf_counter()
    result = {"ours": ours, "pandas": pandas_alone}[way](path)
    seconds = time.perf_counter() - began
    # Not getrusage: its peak is inherited from the process that generated the data.
    peak = int(re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text())[1]) / 2**20
    print(f"{seconds:6.1f} s, {peak:.2f} GiB at the peak: {result}")


def main() -> None:
    share = 0.1 if "--quick" in sys.argv else 1.0
    folder = Path(tempfile.mkdtemp()) / "ml-25m"
    folder.mkdir()
    try:
        began = time.perf_counter()
        write(folder, share)
        archive = folder.with_suffix(".zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            for name in folder.iterdir():
                file.write(name, f"ml-25m/{name.name}")
        sizes = [(folder / "ratings.csv").stat().st_size, archive.stat().st_size]
        print(
            f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
        )
        print(
            f"ratings.csv {sizes[0] / 1e6:.0f} MB, zip {sizes[1] / 1e6:.0f} MB, "
            f"made in {time.perf_counter() - began:.0f} s"
        )
        for label, way, path in (
            ("Knobs, folder", "ours", folder),
            ("Knobs, zip", "ours", archive),
            ("pandas, ratings.csv alone", "pandas", folder),
        ):
            command = [sys.executable, __file__, "--child", way, str(path)]
            done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
            print(f"{label:<26} {(done.stdout or done.stderr).strip().splitlines()[-1]}")
    finally:
        shutil.rmtree(folder.parent)


if __name__ == "__main__":
    child(*sys.argv[2:]) if "--child" in sys.argv else main()
