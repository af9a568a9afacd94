"""Any domain: what is on screen speaks of the items as the data set does, and credits whoever made it."""

import re

import pytest

from knobs_core import bundles
from tests.given import ROOT, SMALL
from tests.knobs_ui.driving import board, panel, say, sound, start

FILM = re.compile(r"\bfilms?\b(?![- ]noir)", re.IGNORECASE)
FRONT_ENDS = ("board", "map", "shared", "stage", "wall")
OF_MOVIELENS = "knobs_core/evaluation/cold_start.py"  # groups of well-known titles by name, among them silent ones


@pytest.fixture(scope="module")
def papers(planted_folder, tmp_path_factory):
    """The planted bundle as a data set of papers, on disk."""
    path = tmp_path_factory.mktemp("papers") / "b"
    says = {"item": "essay", "credit": "Essays by <nobody>, CC0: example.org/essays"}
    bundles.save(bundles.train(str(planted_folder), "elsa", overrides={**SMALL, "data": says}, device="cpu"), path)
    return path


@pytest.fixture
def app(papers, monkeypatch, tmp_path):
    monkeypatch.setenv("KNOBS_BUNDLE", str(papers))
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    return panel(start())


def texts(app):
    kinds = ("markdown", "caption", "button", "selectbox", "metric", "info", "subheader", "html", "title")
    found = [element.proto for kind in kinds for element in app.get(kind)]
    return re.sub(r"\s+", " ", " ".join(str(proto) for proto in found))


def test_the_footer_credits_the_loaded_set_and_the_authors_of_the_method(app):
    whole = sound(start().run())  # with what surrounds the page
    footer = next(element.proto.body for element in whole.get("html") if "knobs-footer" in element.proto.body)
    assert "Essays by &lt;nobody&gt;, CC0: example.org/essays." in footer
    assert "From Knots to Knobs" in footer
    assert "MovieLens" not in footer


def test_what_is_asked_and_told_on_the_panel_is_in_the_words_of_the_data(app):
    say(app, ask=1)
    assert "Ask for an essay" in texts(app)
    assert app.selectbox[-1].label == "Essay"
    assert app.selectbox[-1].placeholder == "Type an essay"
    knob = next(knob["key"] for knob in board(app)["knobs"])
    say(app, card=knob)
    assert "essays" in texts(app)


def test_the_lab_is_in_the_words_of_the_data(app):
    for tab in ("How good is it", "How far names go", "What the knobs do", "What steering costs", "Words"):
        page = app.switch_page("pages/lab.py").run()
        page.session_state["lab tab"] = tab
        sound(page.run())
        assert "essays" in texts(page), tab
        assert not re.search(r"\btitles\b", texts(page)), tab


def test_nothing_on_screen_or_in_a_line_of_text_says_film_by_itself():
    found = []
    for folder, ending in (("", "app.py"), ("pages", "*.py"), ("knobs_ui", "*.py"), ("knobs_core", "*.py"),
                           *((f"assets/{one}", "*.*") for one in FRONT_ENDS)):  # fmt: skip
        files = (ROOT / folder).glob(ending) if not folder else (ROOT / folder).rglob(ending)
        for file in files:
            name = file.relative_to(ROOT).as_posix()
            if file.suffix in (".py", ".js", ".css", ".html") and name != OF_MOVIELENS and "bundled" not in name:
                lines = enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
                found += [f"{name}:{number}: {line.strip()}" for number, line in lines if FILM.search(line)]
    assert found == []
