"""Work beside the app tells how far it is and what went wrong."""

import pytest

from knobs_ui.jobs import Job
from tests.waiting import until


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
