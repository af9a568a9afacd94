"""What neighbours and quotas cost: training and evaluation alone, under quotas, and beside eight busy processes.

    python benchmarks/threads.py                              four minutes; as root, for the quotas
    OMP_WAIT_POLICY=active python benchmarks/threads.py       the same with threads that spin while they wait

Each is the command line in a process of its own. Its share of the processors explains that it takes its processor
seconds alone / share; the aim is never to take twice as long. Among busy processes the share is an equal part of all
processors; under a quota it is the quota, which a control group of version 1 or 2 sets, where the system lets us make
one.
"""

import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from _report import report

NEIGHBOURS = 8
QUOTAS = (1.0, 0.5)  # processors
LIMIT, LIMIT_ALONE = 4, 300  # times what the share explains, and seconds, after which a run is ended
PERIOD = 100_000  # microseconds
TREE = Path("/sys/fs/cgroup")
INSIDE = 'echo $$ > "$0" && exec "$@"'  # joins the control group before the command begins
BUSY = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): sum(range(100_000))"  # never outlives this process


@contextlib.contextmanager
def neighbours(n: int) -> Iterator[None]:
    """That many processes that never rest."""
    busy = [subprocess.Popen([sys.executable, "-c", BUSY, str(os.getpid())]) for _ in range(n)]
    try:
        yield
    finally:
        for one in busy:
            one.kill()
            one.wait()


@contextlib.contextmanager
def control_group(processors: float) -> Iterator[Path]:
    """A control group with a quota; its file that takes processes.

    Raises:
        OSError: the system lets us make none.
    """
    first = (TREE / "cpu").is_dir()
    group = TREE / ("cpu" if first else "") / f"knobs-benchmark-{os.getpid()}"
    group.mkdir()
    try:
        quota = int(processors * PERIOD)
        (group / ("cpu.cfs_quota_us" if first else "cpu.max")).write_text(f"{quota}" if first else f"{quota} {PERIOD}")
        yield group / "cgroup.procs"
    finally:
        group.rmdir()


def timed(command: list[str], limit: float) -> tuple[float, float] | None:
    """Seconds by the clock and of processors that a command took; None where it was ended after ``limit`` seconds.

    Raises:
        CalledProcessError: it failed.
    """
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(name: str, command: list[str]) -> Iterator[dict]:
    """A row for each condition."""
    alone = timed(command, LIMIT_ALONE)
    if alone is None:
        raise RuntimeError(f"{name} alone is not done in {LIMIT_ALONE} s")
    yield {"what": name, "condition": "alone", "s": round(alone[0], 1), "processor s": round(alone[1], 1)}

    def row(condition: str, share: float, run: list[str]) -> dict:
        explained = max(alone[0], alone[1] / share)
        found = {"what": name, "condition": condition, "share": round(share, 2), "explained s": round(explained, 1)}
        took = timed(run, LIMIT * explained)
        if took is None:
            return found | {"s": f"ended after {LIMIT} times"}
        times = round(took[0] / explained, 2)
        return found | {"s": round(took[0], 1), "processor s": round(took[1], 1), "times": times}

    for quota in QUOTAS:
        with contextlib.suppress(OSError), control_group(quota) as group:
            yield row(f"quota of {quota:g} processors", quota, ["sh", "-c", INSIDE, str(group), *command])
    with neighbours(NEIGHBOURS):
        share = len(os.sched_getaffinity(0)) / (NEIGHBOURS + 1)
        yield row(f"beside {NEIGHBOURS} busy processes", share, command)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        bundle, knobs = f"{folder}/demo", [sys.executable, "-m", "knobs_core"]
        train = [*knobs, "train", "--data", "demo", "--no-map", "--out", bundle]
        rows = [*measure("train", train), *measure("evaluate", [*knobs, "evaluate", bundle])]
    notes = f"waiting threads: {os.environ.get('OMP_WAIT_POLICY', 'passive, as the command line sets it')}; "
    notes += "quotas by control groups" if any("quota" in row["condition"] for row in rows) else "no quotas: needs root"
    report("threads", rows, f"times: s / explained s. {notes}")


if __name__ == "__main__":
    main()
