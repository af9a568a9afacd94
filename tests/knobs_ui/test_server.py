"""Which bundle the app opens: none that can be used, and none yet."""

import dataclasses
import os

import pytest

from knobs_core import bundles
from knobs_ui import server
from tests.knobs_ui.driving import board, panel, sound, start, wall


def test_a_bundle_that_cannot_be_used_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(tmp_path / "none"))
    broken = start().run()
    assert not broken.exception
    assert "make one with: knobs train" in broken.error[0].value


def test_a_knob_that_its_owner_renames_is_shown_so_to_the_next_visitor_and_to_one_who_turns(
    planted_bundle, tmp_path, monkeypatch
):
    path = tmp_path / "b"
    bundles.save(planted_bundle, path)
    monkeypatch.setenv("KNOBS_BUNDLE", str(path))
    app = panel(start())
    first = board(app)["knobs"][0]
    assert first["name"] == planted_bundle.knobs[first["key"]].name
    for names in ({first["key"]: "Rainy days"}, {first["key"]: "Dry days"}, {}):
        bundles.save_names(planted_bundle.with_names(names), path)
        shown = names.get(first["key"], first["name"])
        for page in (panel(start()), sound(app.run())):
            knob = next(one for one in board(page)["knobs"] if one["key"] == first["key"])
            assert knob["name"] == shown
            options = next(box for box in page.selectbox if box.key == "add a knob").options
            assert any(option.startswith(f"{shown} · neuron {first['key']}") for option in options)


def test_another_bundle_of_the_same_second_is_noticed(planted_bundle, tmp_path):
    """Also where a copy keeps the time of the file it is a copy of."""
    path, seen = tmp_path / "b", set()
    for reach in (1.0, 2.0):
        labels = [dataclasses.replace(planted_bundle.labels[0], reach=reach), *planted_bundle.labels[1:]]
        bundles.save(dataclasses.replace(planted_bundle, labels=labels), path, keep=1)
        os.utime(path / bundles.MANIFEST, (1e9, 1e9))
        seen.add(server._version(path))
    assert len(seen) == 2


@pytest.mark.slow
def test_the_first_start_trains_the_demo_with_progress(tmp_path, monkeypatch):
    monkeypatch.delenv("KNOBS_BUNDLE", raising=False)
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    first = start().run()
    assert (tmp_path / "bundles" / "demo" / "manifest.json").exists()
    assert len(wall(sound(first))["covers"]) == 24
