"""What a report takes, worked out by hand; and that a plan says how long its trainings are."""

import math
import types

import pytest

from knobs_core import paper
from knobs_core.base import ConfigError
from knobs_core.paper import estimate
from knobs_core.paper.cells import Cell, Training
from knobs_core.paper.estimate import Estimate
from tests.paper.plans import LITTLE

FOUND = Estimate({"a": 60.0, "b": 30.0, "c": 10.0}, 70.0, 2_000_000_000, 3_000_000)


def test_several_processes_share_the_work_as_far_as_it_does_not_wait():
    last = estimate.LAST
    assert FOUND.lasts(1) == 100 + last
    assert FOUND.lasts(2) == 70 + last  # a half would be 50, and what waits for each other takes 70
    assert FOUND.sentence(2) == "75 s at most in 2 processes, 4.0 GB of memory, 3 MB on disk"
    assert Estimate({}, 0, 0, 10**6).sentence(1) == f"{last:.0f} s at most, 1 MB on disk"


def test_what_is_left_follows_the_pace():
    """At the pace that was estimated 40% take 40% of the time; at half of it, the rest takes nearly twice as long."""
    whole = FOUND.lasts(1)
    assert FOUND.left({}, 1, 0.0) == pytest.approx(whole)
    assert FOUND.left({"b": 1.0, "c": 1.0}, 1, 0.4 * whole) == pytest.approx(0.6 * whole)
    slow = FOUND.left({"b": 1.0, "c": 1.0}, 1, 0.8 * whole)
    assert slow == pytest.approx(0.6 * whole * 0.9 / 0.5)
    assert FOUND.left({"a": 0.5}, 1, 0.3 * whole) == pytest.approx(0.7 * whole)
    assert FOUND.left({"a": 1.0, "b": 1.0, "c": 1.0}, 1, whole) == 0


class Scripted:
    """A study of so many users and items, whose trial takes the times that a clock shows."""

    def __init__(self, users, items, marks=0):
        class Of:
            pass

        self.split, self.data, self._marks = Of(), Of(), marks
        self.split.train, self.data.n_items = range(users), items

    def make(self, cell, listen):
        for _ in range(self._marks):
            listen(None)


def test_a_cell_is_scaled_from_its_trial(monkeypatch):
    """Begun at 0, passes end at 5 and 8, all at 10: a pass takes 3, and the rest 10 - 2 * 3 = 4."""
    times = iter([0.0, 5.0, 8.0, 10.0, 0.0, 7.0])
    monkeypatch.setattr(estimate, "time", types.SimpleNamespace(perf_counter=lambda: next(times)))
    training = Training(epochs=25, batch_size=1000, draws=2, others=500)
    cell = Cell("x", "X", None, (), "x", training)
    users, tried, items = 50_000, 2_000, 6_000
    expected = 4 * (users + items) / (tried + items) + 25 * 3 * math.ceil(100_500 / 1000) / math.ceil(4_500 / 1000)
    real, trial = Scripted(users, items), Scripted(tried, items, marks=2)
    assert estimate._seconds(real, trial, cell, cell) == pytest.approx(expected)
    measured = cell._replace(training=None)
    assert estimate._seconds(real, Scripted(tried, items), measured, measured) == pytest.approx(7 * 56_000 / 8_000)


def test_a_prospect_leaves_nothing_and_counts_what_is_left(source, tmp_path):
    report = paper.Report(str(source), tmp_path / "out", True, 1, "cpu", plan=LITTLE)
    told = []
    found = report.prospect(3, told.append)
    assert not (tmp_path / "out").exists()
    study, _ = report._study()
    cells = {cell.name: cell for cell in study.cells()}
    assert list(found.estimate.seconds) == [cell.name for cell in found.left] == list(cells)
    assert (found.parts, found.processes, found.threads) == (len(cells), 3, 1)
    assert (told[-1].stage, told[-1].done) == ("Measuring what it takes", told[-1].total)
    assert min(found.estimate.seconds.values()) >= 0
    assert 0 < found.estimate.chain < sum(found.estimate.seconds.values())
    # every model of a kind is as large, and a recommender of 8 dimensions has its weights in four bytes each
    training = cells["cfae-elsa-8"].training
    assert (training.epochs, training.steps(len(study.split.train))) == (3, math.ceil(480 / training.batch_size))
    weights = 4 * 8 * study.data.n_items
    assert found.estimate.disk > estimate.PAGE + weights


def test_a_plan_changes_what_all_trainings_share():
    plan = paper.plan_of(False, {"sae": {"batch_size": "64"}}).changed({"sae": {"patience": 10}, "cfae": {"epochs": 9}})
    assert plan.changes == {"sae": {"batch_size": "64", "patience": 10}, "cfae": {"epochs": 9}}
    quick = paper.plan_of(True, {"sae": {"epochs": 7}})
    assert quick.changes["sae"] == {**paper.QUICK.changes["sae"], "epochs": 7}
    few = paper.plan_of(False, {"grid": {"ks": "8, 32", "l1s": "0.003", "losses": "l2"}})
    assert (few.ks, few.l1s, few.losses, few.width_ratios) == ((8, 32), (0.003,), ("l2",), (2, 4, 8))
    for field, value in (("ks", "few"), ("dims", "8")):
        with pytest.raises(ConfigError, match=field):
            paper.plan_of(False, {"grid": {field: value}})
    for section, field in (("sae", "k"), ("sae", "width_ratio"), ("cfae", "dim"), ("words", "one")):
        with pytest.raises(ConfigError, match=field if section != "words" else "words"):
            paper.plan_of(False, {section: {field: 1}})
