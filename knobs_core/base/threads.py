"""How many threads work at once: as many as the process may keep processors busy; those that wait sleep.

Libraries count the processors of the machine. A container or a service may have a quota of fewer, and threads that it
does not pay for only stop the others. While threads wait for each other they spin, unless told to sleep, and so take
the processor from whoever has work. ``benchmarks/threads.py`` measures both.
"""

import contextlib
import functools
import math
import os
import sys
from collections.abc import Iterator, MutableMapping
from pathlib import Path

SMALL = 2**20  # weights below which a model's steps are done by one thread
COUNTS = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")  # the first is read by torch, OpenMP, BLAS and Arrow
SLEEP = {"OMP_WAIT_POLICY": "passive", "KMP_BLOCKTIME": "0", "OPENBLAS_THREAD_TIMEOUT": "4"}
LOADED = {"torch": ("get_num_threads", "set_num_threads"), "pyarrow": ("cpu_count", "set_cpu_count")}


def processors(root: Path = Path("/")) -> int:
    """How many processors this process can keep busy: those it may run on, as far as its quota pays for them.

    Args:
        root: the folder with ``proc`` and ``sys``.
    """
    return max(1, math.floor(min(_allowed(), _quota(root))))


@functools.cache
def fit_threads() -> None:
    """Let every library of this process take as many threads as fit, and no person's choice be changed.

    Call it where work starts, before what computes is loaded if that can be. It acts once. Libraries that are loaded
    later, and processes that this one starts, read the environment.
    """
    chosen, fitting = "OMP_NUM_THREADS" in os.environ, processors()
    set_defaults(os.environ, fitting)
    if not chosen and fitting < _allowed():
        limit_loaded(fitting)


def set_defaults(environment: MutableMapping[str, str], n_threads: int) -> None:
    """Name to libraries that are still to be loaded how many threads they have, and that these sleep as they wait."""
    for name, value in {**dict.fromkeys(COUNTS, str(n_threads)), **SLEEP}.items():
        environment.setdefault(name, value)


def limit_loaded(n_threads: int) -> None:
    """Bring libraries that are loaded to a number of threads, where they still have one for each processor."""
    import threadpoolctl

    for name, (count, limit) in LOADED.items():
        library = sys.modules.get(name)
        if library and getattr(library, count)() == _allowed():
            getattr(library, limit)(n_threads)
    for blas in threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers:
        if blas.num_threads == _allowed():
            blas.set_num_threads(n_threads)


@contextlib.contextmanager
def threads_for(n_weights: int) -> Iterator[None]:
    """Let a single thread work on a small model, and all of them on others.

    The steps of a small model take tens of microseconds. Threads that share them wait for each other, which gains next
    to nothing on a quiet machine, and takes ten times as long where another process wants a core.
    """
    with threads_limited(1) if n_weights < SMALL else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def threads_limited(n_threads: int) -> Iterator[None]:
    """Let so many threads work on what torch and BLAS do."""
    import threadpoolctl
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        with threadpoolctl.threadpool_limits(n_threads, "blas"):
            yield
    finally:
        torch.set_num_threads(before)


def _allowed() -> int:
    """Processors that the system lets this process run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _quota(root: Path) -> float:
    """Processors' worth of time that the process gets: the least of its control groups' and those above them.

    ``/proc/self/cgroup`` has lines ``number:controllers:path``; version 2, one tree for everything, is ``0::path``. In
    a container the path may be the host's, which is not there; what counts stands at the top of the tree then.
    """
    quotas = [math.inf]
    for line in _read(root / "proc/self/cgroup").splitlines():
        controllers, _, path = line.partition(":")[2].partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        group = Path(path.lstrip("/"))
        for tree in ("cpu", controllers) if controllers else ("", "unified"):
            quotas += [_quota_of(root / "sys/fs/cgroup" / tree / one) for one in (group, *group.parents)]
    return min(quotas)


def _quota_of(group: Path) -> float:
    """Of one control group of either version; infinite where there is none, which "max" and -1 say as well."""
    quota, period = _read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")
    if not quota:
        quota, _, period = _read(group / "cpu.max").partition(" ")
    try:
        worth = int(quota) / int(period)
    except (ValueError, ZeroDivisionError):
        return math.inf
    return worth if worth > 0 else math.inf


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
