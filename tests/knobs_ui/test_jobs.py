"""Work beside the app tells how far it is and what went wrong; one at a time, and gone with the server."""

import os
import subprocess
import sys

import pytest

from knobs_ui.jobs import Job
from tests.given import ROOT
from tests.waiting import until


@pytest.fixture
def patient(planted_folder, tmp_path):
    """Arguments of a command that works longer than a test."""
    more = ("--set", "cfae.epochs=100000", "--set", "cfae.patience=100000", "--no-map")
    return ["train", "--data", str(planted_folder), "--out", str(tmp_path / "b"), "--json", "--cfae", "elsa", *more]


def test_a_job_tells_what_went_wrong(tmp_path):
    job = Job(["paper", "--data", str(tmp_path / "nothing"), "--out", str(tmp_path / "out")])
    assert not job.fault
    job.start()
    until(lambda: not job.running)
    assert job.fault.startswith("expected a data folder")
    job.stop()


@pytest.mark.slow
def test_a_job_tells_how_far_it_is(planted_folder, tmp_path):
    few = ("--cfae", "elsa", "--set", "cfae.epochs=2", "--set", "sae.epochs=2", "--no-map")
    job = Job(["train", "--data", str(planted_folder), "--out", str(tmp_path / "b"), "--json", *few])
    assert job.stages == {}
    job.start()
    until(lambda: not job.running)
    assert job.fault == ""
    step = job.stages["Splitting taste into knobs"]
    assert (step.done, step.total, step.share) == (2, 2, 1.0)
    assert step.detail.startswith("validation loss")
    assert list(job.stages)[-1] == "Trying out every knob"


def test_one_job_at_a_time(patient):
    first, second = Job(patient, "the first"), Job(patient, "the second")
    assert Job.at_work() is None
    try:
        first.start("somebody")
        second.start("somebody else")
        assert Job.at_work() is first
        assert (first.running, first.starter) == (True, "somebody")
        assert (second.running, second.began) == (False, 0)
        first.start("somebody else")  # it is at work already, and stays whose it is
        assert first.starter == "somebody"
        first.stop()
        assert Job.at_work() is None
        assert first.fault == ""
        second.start("somebody else")
        assert Job.at_work() is second
    finally:
        first.stop()
        second.stop()


def test_a_job_lets_others_go_first(patient):
    job = Job(patient).start()
    try:
        until(lambda: job.stages)
        assert os.getpriority(os.PRIO_PROCESS, job._process.pid) >= 10
    finally:
        job.stop()


@pytest.mark.parametrize("parting", ["kill", "terminate", "leave"])
def test_a_job_ends_with_its_server_however_that_ends(patient, parting):
    """The server is a process of its own here, which says who its job is."""
    program = (
        "import sys; from knobs_ui.jobs import Job; from tests.waiting import until\n"
        "job = Job(sys.argv[1:]).start(); until(lambda: job.stages)\n"
        "print(job._process.pid, flush=True); sys.stdin.read()\n"
    )
    server = subprocess.Popen(
        [sys.executable, "-c", program, *patient], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with server:
        child = int(server.stdout.readline())
        assert _there(child)
        if parting == "leave":
            server.stdin.close()
        else:
            getattr(server, parting)()
        server.wait(30)
    until(lambda: not _there(child))


def _there(pid):
    """Whether a process is at work: not one that ended and that nobody asked about."""
    try:
        with open(f"/proc/{pid}/stat") as told:
            return told.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
