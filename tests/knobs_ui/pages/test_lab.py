"""The Lab: the model in plain words, a report that is run, watched and stopped, and reports side by side."""

import pytest

from knobs_core import paper
from knobs_core.paper import tables
from knobs_ui import lab
from knobs_ui.jobs import Job
from knobs_ui.lab import shipped
from knobs_ui.lab.experiments import _job
from tests.knobs_ui.driving import sound, start
from tests.knobs_ui.pages.reports import LITTLE
from tests.waiting import until

REPORT = "The paper's experiments"


@pytest.fixture(scope="module")
def home(planted_folder, tmp_path_factory):
    """A KNOBS_HOME with two finished reports."""
    home = tmp_path_factory.mktemp("lab-home")
    for seed in (1, 2):
        paper.run(str(planted_folder), home / "reports" / f"planted-{seed}", True, seed, "cpu", plan=LITTLE)
    return home


@pytest.fixture
def page(demo_path, home, monkeypatch):
    """The Lab, on the demo bundle, for a visitor who may start jobs."""
    monkeypatch.setenv("KNOBS_JOBS", "1")
    monkeypatch.setenv("KNOBS_BUNDLE", str(demo_path))
    monkeypatch.setenv("KNOBS_HOME", str(home))
    app = start()
    return sound(app.run().switch_page("pages/lab.py").run())


def open_tab(app, tab):
    app.session_state["lab tab"] = tab
    assert tab in lab.TABS
    return sound(app.run())


def test_quality_in_plain_words(page, demo_bundle):
    metrics = demo_bundle.manifest.metrics
    assert [metric.value for metric in page.metric] == [
        f"{metrics['cfae']['recall@20']:.0%}",
        f"{metrics['retained']['ndcg@20']:.0%}",
        f"{metrics['nested']['l0']:.0f}",
    ]
    assert page.dataframe[0].value["nDCG@20"].tolist() == [
        metrics[name]["ndcg@20"] for name in ("popularity", "cfae", "nested")
    ]


def test_past_reports_are_shown_and_compared(page, home):
    assert not page.get("plotly_chart")
    report = open_tab(page, REPORT).selectbox("lab report")
    assert [option.split(" ")[0] for option in report.options] == ["planted-2", "planted-1", "the"]
    report.set_value(str(home / "reports" / "planted-1")).run()
    assert len(sound(page).get("plotly_chart")) == 3
    shown = page.dataframe[0].value
    assert shown["ndcg"].tolist() == tables.read(home / "reports" / "planted-1", "table3_accuracy")["ndcg"].tolist()
    page.selectbox("lab report").set_value(str(home / "reports" / "planted-2")).run()
    page.selectbox("lab other").set_value(str(home / "reports" / "planted-1")).run()
    difference = sound(page).dataframe[0].value
    assert (difference["difference"] == difference["another"] - difference["one"]).all()
    first, second = (tables.read(home / "reports" / f"planted-{n}", "table3_accuracy")["recall"] for n in (2, 1))
    recall = difference[difference["what"] == "Recall@20"]
    assert recall["one"].tolist() == first.tolist()
    assert recall["another"].tolist() == second.tolist()


def test_a_newcomer_to_the_demo_finds_no_empty_tab(page, tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    for tab, charts in (("What steering costs", 1), (REPORT, 2)):
        open_tab(page, tab)
        assert len(page.get("plotly_chart")) == charts
        assert not page.info
        assert any(one.value.startswith("These came with the app, measured with") for one in page.caption)
    assert page.dataframe[0].value["model"].tolist()[:2] == ["popularity", "ELSA"]
    assert sum(file.stat().st_size for file in shipped.FOLDER.rglob("*.*")) < 300_000


def test_curves_of_the_demo_are_not_shown_for_other_data(planted_path, tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_JOBS", "1")
    monkeypatch.setenv("KNOBS_BUNDLE", str(planted_path))
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    page = sound(start().run().switch_page("pages/lab.py").run())
    for tab, offer in (("What steering costs", "Measure the steering"), (REPORT, "Run the report")):
        open_tab(page, tab)
        assert not page.get("plotly_chart")
        assert [button.label for button in page.button] == [offer]
        assert len(page.info) == 1


def test_whoever_may_not_start_jobs_reads_why(page, tmp_path, monkeypatch):
    monkeypatch.delenv("KNOBS_JOBS")
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    for tab in ("What steering costs", REPORT):
        open_tab(page, tab)
        assert not page.button
        assert any("knobs app --jobs, or KNOBS_JOBS=1" in element.proto.body for element in page.get("html"))


def test_every_word_is_explained_in_the_words_of_the_data(page, demo_bundle):
    open_tab(page, "Words")
    text = " ".join(element.proto.body for element in page.get("html"))
    for word in ("knob", "dial", "theme", "neuron", "bundle", "active", "true cosine"):
        assert f"<dt>{word}</dt>" in text
    assert f"more {demo_bundle.words.many} of its kind" in text


def test_a_report_is_started_watched_stopped_and_goes_on(page, demo_bundle, home):
    def button(label):
        return next(button for button in page.button if button.label == label)

    open_tab(page, REPORT)
    source = demo_bundle.interactions.source
    out = home / "reports" / f"{source.slug}-{source.checksum[:8]}-quick"
    button("Run the report").click()
    sound(page.run())
    until(lambda: (paper.read_progress(out) or {"done": 0})["done"] >= 2)
    page.switch_page("pages/user.py").run()
    page.switch_page("pages/lab.py").run()
    open_tab(page, REPORT)  # it goes on while other pages are used
    told = page.get("progress")[0].proto.text
    assert "of 5" in told
    button("Stop").click()
    sound(page.run())
    assert not _job(str(out)).running
    finished = len(list((out / "cells").glob("*.json")))
    assert finished >= 2
    assert button("Go on")
    assert not (out / "report.html").exists()


def test_the_trade_off_is_measured_and_shown(page, demo_bundle, planted_path, home):
    """The command writes what the tab reads."""
    open_tab(page, "What steering costs")
    assert [button.label for button in page.button] == ["Measure the steering"]
    assert any(caption.value.startswith("These came with the app") for caption in page.caption)
    file = home / "reports" / f"steering-{demo_bundle.id}.json"
    job = Job(["steer-eval", str(planted_path), "--json", "--out", str(file)])
    job.start()
    until(lambda: not job.running)
    assert job.fault == ""
    open_tab(page, "What steering costs")
    assert len(page.get("plotly_chart")) == 1
    assert not any(caption.value.startswith("These came with the app") for caption in page.caption)
    shown = page.dataframe[0].value
    assert shown["method"].iloc[0] in ("recipe", "centroid-code", "direction", "pseudo-items")
    assert shown["segment_at_95"].dropna().is_monotonic_decreasing
    file.unlink()
