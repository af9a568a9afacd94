"""Which bundle the app opens: none that can be used, and none yet."""

import dataclasses
import os
import shutil

import pytest

from knobs_core import bundles
from knobs_ui import server
from knobs_ui.board import catalogue
from knobs_ui.place import facts
from tests.knobs_ui.driving import board, panel, sound, start


def test_a_bundle_that_cannot_be_used_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(tmp_path / "none"))
    broken = start().run()
    assert not broken.exception
    assert "make one with: knobs train" in broken.error[0].value.replace("\\", "")


def test_a_knob_that_its_owner_renames_is_shown_so_to_the_next_visitor_and_to_one_who_turns(
    planted_bundle, tmp_path, monkeypatch
):
    path = tmp_path / "b"
    bundles.save(planted_bundle, path)
    monkeypatch.setenv("KNOBS_BUNDLE", str(path))
    app = panel(start())
    first = board(app)["knobs"][0]
    assert first["name"] == planted_bundle.knobs[first["key"]].title
    for names in ({first["key"]: "Rainy days"}, {first["key"]: "Dry days"}, {}):
        bundles.save_names(planted_bundle.with_names(names), path)
        shown = names.get(first["key"], first["name"])
        for page in (panel(start()), sound(app.run())):
            knob = next(one for one in board(page)["knobs"] if one["key"] == first["key"])
            assert knob["name"] == shown
        assert any(shown in one["names"] for one in catalogue.all_knobs(bundles.load(path)))


def test_another_bundle_of_the_same_second_is_noticed(planted_bundle, tmp_path):
    """Also where a copy keeps the time of the file it is a copy of."""
    path, seen = tmp_path / "b", set()
    for reach in (1.0, 2.0):
        labels = [dataclasses.replace(planted_bundle.labels[0], reach=reach), *planted_bundle.labels[1:]]
        bundles.save(dataclasses.replace(planted_bundle, labels=labels), path, keep=1)
        os.utime(path / bundles.MANIFEST, (1e9, 1e9))
        seen.add(facts(path))
    assert len(seen) == 2


def test_a_bundle_by_address_is_the_one_of_this_server_until_it_ends(
    planted_bundle, planted_path, tmp_path, monkeypatch
):
    monkeypatch.setenv("KNOBS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KNOBS_BUNDLE", f"file://{tmp_path / 'b'}")
    missing = start().run()
    assert "expected a bundle folder with a manifest.json, found none at file:" in missing.error[0].value
    shutil.copytree(planted_path, tmp_path / "b")
    key = board(panel(start()))["knobs"][0]["key"]
    bundles.save_names(planted_bundle.with_names({key: "Rainy days"}), tmp_path / "b")
    assert "Rainy days" not in [knob["name"] for knob in board(panel(start()))["knobs"]]
    assert server.bundle_path().is_relative_to(tmp_path / "cache")


@pytest.mark.slow
def test_the_demo_gets_its_map_beside_the_app_and_only_once(planted_bundle, tmp_path, monkeypatch):
    """Any bundle in the demo's place will do: a small one is drawn sooner."""
    monkeypatch.delenv("KNOBS_BUNDLE", raising=False)
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    path = tmp_path / "bundles" / "demo"
    bundles.save(planted_bundle, path)
    app = panel(start())
    assert len(board(app)["after"]) == 20
    job = server.drawing(planted_bundle)
    began = job.began
    assert job.running
    sound(app.run())
    assert server.drawing(planted_bundle) is job
    assert job.began == began
    page = sound(panel(start()).switch_page("pages/map.py").run())  # it waits, and shows the map as soon as it is there
    assert any(element.proto.component_name == "knobs_map" for element in page.get("bidi_component"))
    assert bundles.load(path).projection is not None


def test_a_bundle_that_somebody_named_is_left_as_it_is(planted_bundle, planted_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(planted_path))
    panel(start())
    assert not server.drawing(bundles.load(planted_path)).began
