"""How many threads there are, and that they sleep while they wait."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from knobs_core.base import threads
from knobs_core.base.threads import SMALL, processors, set_defaults, threads_for

ROOT = Path(__file__).parents[2]
V1 = "5:memory:/box\n4:cpu,cpuacct:/service\n3:cpuset:/\n"
QUOTAS = {
    "no control groups": ({}, 8),
    "version 2": ({"proc/self/cgroup": "0::/service\n", "sys/fs/cgroup/service/cpu.max": "300000 100000\n"}, 3),
    "version 2, half a processor": (
        {"proc/self/cgroup": "0::/service\n", "sys/fs/cgroup/service/cpu.max": "50000 100000\n"},
        1,
    ),
    "version 2, another period": (
        {"proc/self/cgroup": "0::/service\n", "sys/fs/cgroup/service/cpu.max": "100000 25000\n"},
        4,
    ),
    "version 2, no quota": ({"proc/self/cgroup": "0::/service\n", "sys/fs/cgroup/service/cpu.max": "max 100000\n"}, 8),
    "version 2, a bound that is above": (
        {
            "proc/self/cgroup": "0::/a/b/c\n",
            "sys/fs/cgroup/a/cpu.max": "250000 100000\n",
            "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
            "sys/fs/cgroup/a/b/c/cpu.max": "600000 100000\n",
        },
        2,
    ),
    "version 2 in a container, under the host's path": (
        {"proc/self/cgroup": "0::/docker/0123\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"},
        2,
    ),
    "version 2 in a container, outside of its tree": (
        {"proc/self/cgroup": "0::/../other\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"},
        2,
    ),
    "version 1": (
        {
            "proc/self/cgroup": V1,
            "sys/fs/cgroup/cpu/service/cpu.cfs_quota_us": "400000\n",
            "sys/fs/cgroup/cpu/service/cpu.cfs_period_us": "100000\n",
        },
        4,
    ),
    "version 1, mounted under both names": (
        {
            "proc/self/cgroup": V1,
            "sys/fs/cgroup/cpu,cpuacct/service/cpu.cfs_quota_us": "150000\n",
            "sys/fs/cgroup/cpu,cpuacct/service/cpu.cfs_period_us": "100000\n",
        },
        1,
    ),
    "version 1, no quota": (
        {
            "proc/self/cgroup": V1,
            "sys/fs/cgroup/cpu/service/cpu.cfs_quota_us": "-1\n",
            "sys/fs/cgroup/cpu/service/cpu.cfs_period_us": "100000\n",
        },
        8,
    ),
    "both, and the second has the processor": (
        {
            "proc/self/cgroup": "4:memory:/service\n0::/service\n",
            "sys/fs/cgroup/unified/service/cpu.max": "200000 100000\n",
        },
        2,
    ),
    "both, and the first has the processor": (
        {
            "proc/self/cgroup": "4:cpu:/service\n0::/other\n",
            "sys/fs/cgroup/cpu/service/cpu.cfs_quota_us": "300000\n",
            "sys/fs/cgroup/cpu/service/cpu.cfs_period_us": "100000\n",
        },
        3,
    ),
    "more than there are": ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "9900000 100000\n"}, 8),
    "nonsense": ({"proc/self/cgroup": "?\n0::/\n", "sys/fs/cgroup/cpu.max": "many 0\n"}, 8),
    "a period of nothing": ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "100000 0\n"}, 8),
    "bytes that are no text": ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": b"\xff\xfe"}, 8),
}


@pytest.fixture
def eight(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)


@pytest.mark.usefixtures("eight")
@pytest.mark.parametrize(("files", "expected"), QUOTAS.values(), ids=QUOTAS)
def test_the_quota_of_the_control_groups_counts(tmp_path, files, expected):
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert processors(tmp_path) == expected


@pytest.mark.usefixtures("eight")
def test_a_folder_in_a_files_place_is_no_quota(tmp_path):
    (tmp_path / "proc/self/cgroup").mkdir(parents=True)
    assert processors(tmp_path) == 8


def test_only_processors_that_the_process_may_run_on_count(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {5}, raising=False)
    assert processors(tmp_path) == 1
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert processors(tmp_path) == 3
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processors(tmp_path) == 1


def test_what_a_person_has_set_stays():
    environment = {"OMP_NUM_THREADS": "7", "OMP_WAIT_POLICY": "active"}
    set_defaults(environment, 2)
    assert environment["OMP_NUM_THREADS"] == "7"
    assert environment["OMP_WAIT_POLICY"] == "active"
    assert environment["NUMBA_NUM_THREADS"] == "2"


LIBRARIES = """
import numpy
from knobs_core.base import threads
threads._quota = lambda _: 1.0
{before}
threads.fit_threads()
import numba, pyarrow, threadpoolctl, torch
blas = [one["num_threads"] for one in threadpoolctl.threadpool_info() if one["user_api"] == "blas"]
print(torch.get_num_threads(), pyarrow.cpu_count(), numba.config.NUMBA_NUM_THREADS, *blas)
"""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity") or processors() < 2, reason="one thread is all there is")
@pytest.mark.parametrize(
    ("before", "torch_has"),
    [("", "1"), ("import torch, pyarrow, scipy.linalg", "1"), ("import torch; torch.set_num_threads(70)", "70")],
    ids=["libraries come later", "libraries are there", "a person has set torch's"],
)
def test_every_library_gets_as_many_threads_as_fit(before, torch_has):
    own = {name: value for name, value in os.environ.items() if name not in threads.COUNTS}
    command = [sys.executable, "-W", "ignore", "-c", LIBRARIES.format(before=before)]
    found = subprocess.run(command, env=own, capture_output=True, text=True, check=True, cwd=ROOT)
    in_torch, *others = found.stdout.split()
    assert in_torch == torch_has
    assert set(others) == {"1"}


def test_the_command_line_tells_libraries_before_they_are_loaded():
    """GNU's OpenMP prints what it was told as it is loaded."""
    environment = {name: value for name, value in os.environ.items() if name not in (*threads.COUNTS, *threads.SLEEP)}
    code = "from knobs_core.cli import main\ntry: main(['--version'])\nfinally: import torch"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"OMP_DISPLAY_ENV": "true"}, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    if "OPENMP DISPLAY ENVIRONMENT BEGIN" not in found.stderr:
        pytest.skip("torch has another OpenMP here")
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in found.stderr
    assert f"OMP_NUM_THREADS = '{processors()}'" in found.stderr


def test_small_models_get_one_thread_and_leave_the_others_as_they_were():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with threads_for(1000):
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 3
        with threads_for(SMALL):
            assert torch.get_num_threads() == 3
        with pytest.raises(ZeroDivisionError), threads_for(1000):
            raise ZeroDivisionError
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
