"""The tab that says what fires a neuron only together."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from knobs_core.bundles import evaluate
from tests.knobs_ui.driving import sound
from tests.knobs_ui.studio.editing import bare


def sets_tab(path):
    from pathlib import Path

    from knobs_core import bundles
    from knobs_ui.lab import sets

    sets.render(bundles.load(Path(path)))


@pytest.fixture
def home(planted_path, tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    monkeypatch.setenv("KNOBS_BUNDLE", str(planted_path))
    monkeypatch.setenv("KNOBS_JOBS", "1")
    return tmp_path


def test_sets_are_looked_for_when_asked(home, planted_path):
    tab = sound(AppTest.from_function(sets_tab, args=(str(planted_path),), default_timeout=60).run())
    assert [button.label for button in tab.button] == ["Look for sets"]
    assert tab.info
    assert not tab.dataframe


def test_what_was_found_is_told_beside_luck_and_a_row_shows_its_sets(home, planted_path, planted_bundle):
    found = evaluate.sets(planted_bundle).document
    (home / "reports").mkdir()
    (home / "reports" / f"sets-{planted_bundle.id}.json").write_text(json.dumps(found))
    tab = sound(AppTest.from_function(sets_tab, args=(str(planted_path),), default_timeout=60).run())
    summary, rows = found["summary"], found["neurons"]
    assert [bare(metric.value) for metric in tab.metric] == [
        f"{summary['needs']:.1%}", f"{summary['frequent']:.2%}", f"{summary['holding']} of {summary['named']}"
    ]  # fmt: skip
    assert f">paired blindly {summary['blind']:.2%}<" in "".join(one.proto.body for one in tab.get("html"))
    table, sets = (frame.value for frame in tab.dataframe)
    assert table["neuron"].tolist() == [f"#{row['neuron']}" for row in rows]
    assert table["need two"].tolist() == [row["needs"] for row in rows]
    assert sets["titles"].tolist() == [" + ".join(one["titles"]) for one in rows[0]["sets"]]
    assert len(tab.get("plotly_chart")) == 1
    assert not tab.button
