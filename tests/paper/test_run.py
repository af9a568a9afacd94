"""A report that is killed goes on where it was; data without tags gets the other half."""

import dataclasses
import signal
import subprocess
import sys
import types

import pytest

from knobs_core import paper
from knobs_core.base.errors import ConfigError
from tests.paper.page import Tables
from tests.paper.plans import LITTLE
from tests.waiting import until


@pytest.mark.slow
def test_a_killed_run_goes_on_where_it_was(source, tmp_path, monkeypatch):
    """Killed by SIGKILL in the middle: finished cells stay as they are, the result is that of an undisturbed run in two
    processes, bit for bit."""
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))  # a page's, after tests of pages
    code = (
        "import sys, dataclasses; from pathlib import Path; from knobs_core import paper\n"
        f"plan = paper.Plan(**{dataclasses.asdict(LITTLE)!r})\n"
        "paper.run(sys.argv[1], Path(sys.argv[2]), True, 1, 'cpu', plan=plan)"
    )
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = subprocess.Popen([sys.executable, "-c", code, str(source), str(killed)])
    until(lambda: len(list((killed / "cells").glob("*.json"))) >= 4)
    process.send_signal(signal.SIGKILL)
    process.wait()
    before = {file.name: file.stat().st_mtime_ns for file in (killed / "cells").glob("*.json")}
    assert 4 <= len(before) < 20
    assert not (killed / "report.html").exists()
    told = []
    for out, processes in ((killed, 1), (whole, 2)):
        paper.run(str(source), out, True, 1, "cpu", plan=LITTLE, progress=told.append, processes=processes)
    after = {file.name: file.stat().st_mtime_ns for file in (killed / "cells").glob("*.json")}
    assert {name: after[name] for name in before} == before
    assert len(after) > len(before)
    for file in sorted([*(whole / "csv").iterdir(), *(whole / "cells").iterdir()]):
        assert (killed / file.parent.name / file.name).read_bytes() == file.read_bytes(), file.name
    assert any("left: about" in step.detail for step in told)
    assert any(step.detail.endswith(" left") and " of 3 · about " in step.detail for step in told)
    assert told[-1].done == told[-1].total == paper.read_progress(whole)["total"]
    with pytest.raises(ConfigError, match="another seed"):
        paper.run(str(source), whole, True, 2, "cpu", plan=LITTLE)


def test_data_without_tags_gets_the_other_half(source, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "interactions.csv").write_text((source / "interactions.csv").read_text())
    paper.run(str(bare), tmp_path / "out", True, 1, "cpu", plan=LITTLE)
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "has no tags" in page
    assert set(Tables(page).tables) == {"table1", "table3", "figure2-table"}
