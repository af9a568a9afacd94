"""Cells in one process and in several: in the order of their needs, with messages, and with an end to all of it."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest

from knobs_core.base import ConfigError, DataError, Stage
from knobs_core.paper.cells import Cell
from knobs_core.paper.work import work
from tests.given import ROOT
from tests.waiting import until


@dataclasses.dataclass
class Errands:
    """A study whose cells note when they were made; whoever opens it names what some of them do instead."""

    folder: Path
    deeds: dict[str, str] = dataclasses.field(default_factory=dict)

    def cells(self):
        needs = {"a": (), "b": (), "c": ("a", "b"), "d": ("c",), "e": ()}
        return [Cell(name, f"Part {name}", lambda _: {}, needs[name], name) for name in needs]

    def make(self, cell, listen):
        deed = self.deeds.get(cell.name)
        if deed == "refuse":
            raise DataError("more of it", "too little", "bring more")
        if deed == "fail":
            raise ZeroDivisionError("nothing to divide by")
        if deed == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if deed == "stay":
            (self.folder / "here").write_text(str(os.getpid()))
            time.sleep(600)
        missing = [name for name in cell.needs if not (self.folder / name).exists()]
        Stage(cell.title, listen)(1, 4, "a quarter")
        (self.folder / cell.name).write_text(f"{os.getpid()} {missing}")


class Heard:
    """A listener that keeps all it hears."""

    def __init__(self):
        self.begun, self.steps, self.ended = [], [], []

    def begins(self, cell):
        self.begun.append(cell.name)

    def within(self, name, step):
        self.steps.append((name, step))

    def ends(self, cell):
        self.ended.append(cell.name)


@pytest.fixture
def alone(monkeypatch):
    """Tests of pages leave a page as the main program, which processes of a pool would run."""
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))


@pytest.mark.parametrize("processes", [1, 2])
def test_each_cell_finds_what_it_needs_and_is_heard(processes, tmp_path, alone):
    errands, heard = Errands(tmp_path), Heard()
    work(errands, errands.cells(), processes, 1, heard)
    made = {name: (tmp_path / name).read_text().split(" ", 1) for name in "abcde"}
    assert {missing for _, missing in made.values()} == {"[]"}
    assert (str(os.getpid()) in {process for process, _ in made.values()}) == (processes == 1)
    assert sorted(heard.begun) == sorted(heard.ended) == list("abcde")
    assert {name for name, _ in heard.steps} == set("abcde")
    assert heard.steps[0][1] == (f"Part {heard.steps[0][0]}", 1, 4, "a quarter")
    assert heard.ended.index("c") > max(heard.ended.index("a"), heard.ended.index("b"))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_cell_that_fails_names_itself(processes, tmp_path, alone):
    errands = Errands(tmp_path, {"c": "refuse"})
    with pytest.raises(DataError, match=r"^Part c: expected more of it, found too little; bring more$"):
        work(errands, errands.cells(), processes, 1, Heard())
    assert (tmp_path / "a").exists()
    assert not (tmp_path / "d").exists()


def test_a_fault_of_the_program_names_its_cell_too(tmp_path):
    errands = Errands(tmp_path, {"a": "fail"})
    with pytest.raises(ZeroDivisionError) as error:
        work(errands, errands.cells(), 1, 1, Heard())
    assert any("'Part a'" in note for note in error.value.__notes__)


def test_a_process_that_is_killed_is_said_in_one_line(tmp_path, alone):
    """It had not waited for what was finished before."""
    errands = Errands(tmp_path, {"c": "die"})
    with pytest.raises(ConfigError, match="take fewer --processes"):
        work(errands, errands.cells()[2:], 2, 1, Heard())


STOPPED = """
import sys
from pathlib import Path
from knobs_core.paper.work import work
from tests.paper.test_work import Errands, Heard
if __name__ == "__main__":
    errands = Errands(Path(sys.argv[1]), {"c": "stay"})
    work(errands, errands.cells(), 2, 1, Heard())
"""


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_the_one_that_is_stopped(by, tmp_path):
    """Also in the middle of a cell that would take minutes."""
    program, here = tmp_path / "program.py", tmp_path / "here"
    program.write_text(STOPPED)
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(
        [sys.executable, str(program), str(tmp_path)], env={**os.environ, "PYTHONPATH": paths}, stderr=subprocess.PIPE
    )
    worker = int(until(lambda: here.exists() and here.read_text()))
    process.send_signal(by)
    _, said = process.communicate(timeout=60)
    assert (b"KeyboardInterrupt" in said) == (by == signal.SIGINT)

    def gone():
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    until(gone)
