"""Ctrl-C at every single line of a save: the old bundle or the new one is there, and nothing else."""

import dataclasses
import itertools
import shutil
import signal
import sys

import pytest

from knobs_core import base, bundles
from knobs_core.base import places
from knobs_core.bundles import files
from tests.attacks.kills import rest

LINES = {files.__file__, places.__file__, base.storage.__file__}


@pytest.fixture
def made(planted_bundle, monkeypatch):
    """Two bundles of few and small files, which are written in no time, told apart by their seeds."""
    monkeypatch.setattr(files.contents, "encoded", lambda *_: [("one", b"1"), ("two", b"2")])
    monkeypatch.setattr("os.fsync", lambda _: None)
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    seeds = (planted_bundle.manifest.model_copy(update={"seed": seed}) for seed in (1, 2))
    yield [dataclasses.replace(planted_bundle, manifest=manifest) for manifest in seeds]
    signal.signal(signal.SIGINT, previous)


def interrupted(work, line):
    """Do some work until Ctrl-C is pressed at its line of this number, where it still has one; whether it had."""
    lines, pressed = itertools.count(1), False

    def trace(frame, event, _):
        nonlocal pressed
        if frame.f_code.co_filename not in LINES:
            return None
        if event == "line" and next(lines) == line:
            pressed = True
            signal.raise_signal(signal.SIGINT)
        return trace

    before = sys.gettrace()
    try:
        sys.settrace(trace)
        work()
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return pressed


@pytest.mark.parametrize(("exchanged", "keep"), [(True, 0), (False, 1)])
def test_the_old_bundle_or_the_new_one_is_there_and_nothing_else(made, tmp_path, monkeypatch, exchanged, keep):
    old, new = made
    path, seen = tmp_path / "place" / "b", []
    if not exchanged:
        monkeypatch.setattr(places, "exchange", lambda *_: False)
    for _ in range(1 + keep):
        bundles.save(old, tmp_path / "before" / "b", keep)
    for line in itertools.count(1):
        shutil.rmtree(path.parent, ignore_errors=True)
        shutil.copytree(tmp_path / "before", path.parent)
        pressed = interrupted(lambda: bundles.save(new, path, keep), line)
        assert rest(path, keep) == [], line
        seen.append(bundles.read_manifest(path).seed)
        assert [bundles.read_manifest(one).seed for one in places.kept(path)] == keep * [1], line
        if not pressed:
            break
    assert line > 100
    turned = seen.index(2)
    assert seen == turned * [1] + (line - turned) * [2]
    assert 50 < turned < line - 10


def test_ctrl_c_waits_for_the_end_of_what_is_short():
    done = []

    def work():
        with base.undisturbed():
            signal.raise_signal(signal.SIGINT)
            done.append("all of it")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done
