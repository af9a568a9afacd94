"""Everybody's lists by engine: processor time in all, peak memory in all, and whether the lists are the same.

    pip install -c constraints.txt -e ".[ray,spark]"
    python benchmarks/engines.py BUNDLE                        every way with two processes
    python benchmarks/engines.py BUNDLE --ways local spark     some of them
    python benchmarks/engines.py --make BUNDLE                 make a bundle of 20,000 readers x 10,000 items first

Each way is a command ``knobs render`` for all readers of the bundle. Processor time is that of the command and of all
processes that it starts, those included that outlive it; the memory is the largest sum, by a look each second, of what
all of them hold, shared pages by their share. The digest is over all rows in their order.
"""

import argparse
import ctypes
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq
from _report import report

WAYS = {
    "one process": ("lists.parquet",),
    "local": ("lists.parquet", "--processes", "2"),
    "ray": ("lists", "--engine", "ray", "--processes", "2"),
    "spark": ("lists", "--engine", "spark", "--processes", "2"),
}
SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux: whoever loses its parent becomes a child of this process


def make(place: str) -> None:
    """A bundle of planted likes, trained for an epoch."""
    from knobs_core import Interactions, bundles
    from knobs_core.data.planted import planted_likes

    likes, _ = planted_likes(20_000, 10_000, 1_000_000, n_concepts=200)
    few = {"cfae": {"dim": 256, "epochs": 1}, "sae": {"epochs": 1}}
    bundles.save(bundles.train(Interactions.from_csr(likes), "elsa", overrides=few, device="cpu"), place)


def memory() -> int:
    """Bytes that all processes below this one hold; shared pages count by their share."""
    parents, held = {}, 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):  # it has ended
            continue
    for pid in parents:
        above = pid
        while above in parents and above != os.getpid():
            above = parents[above]
        if above == os.getpid() and pid != above:
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            except OSError:
                continue
            held += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return held


def measured(bundle: str, way: str) -> dict:
    """What a way takes. Its readers are those of the bundle."""
    name, *options = WAYS[way]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / name
        command = [sys.executable, "-m", "knobs_core", "render", bundle, "--dial", "#1=0.4", "--dial", "#2=-0.4"]
        before, began, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
        running = subprocess.Popen([*command, "--out", str(out), *options], stderr=subprocess.DEVNULL)
        while running.poll() is None:
            peak = max(peak, memory())
            time.sleep(1)
        seconds = time.perf_counter() - began
        assert running.returncode == 0, f"{way} failed"
        while True:
            try:
                os.wait()  # for whatever the command has left
            except ChildProcessError:
                break
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        files = sorted(out.iterdir()) if out.is_dir() else [out]
        digest, readers = hashlib.sha256(), set()
        for file in files:
            table = pq.ParquetFile(file).read()
            readers |= set(table["user_id"].unique().to_pylist())
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                digest.update(repr(row).encode())
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return {
        "way": way,
        "readers": len(readers),
        "processor s": round(cpu, 1),
        "s": round(seconds, 1),
        "peak MiB": round(peak / 2**20),
        "files": len(files),
        "digest": digest.hexdigest()[:10],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("bundle")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS))
    parser.add_argument("--make", action="store_true")
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    if asked.make:
        make(asked.bundle)
    rows = []
    for way in asked.ways:
        rows.append(measured(asked.bundle, way))
        report("engines", rows)


if __name__ == "__main__":
    main()
