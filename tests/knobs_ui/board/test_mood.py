"""What a visitor says they are in the mood for: it proposes, and turns only what it is told to, whoever forged it."""

import json
import math
from threading import Event

import pytest
import streamlit as st

from knobs_core.base import ConfigError
from knobs_core.sentences import SOUGHT, index_of
from knobs_ui import state
from knobs_ui.board import mood
from knobs_ui.board.events import Message, message, take_over
from tests.knobs_ui.driving import board, choice, panel, say


@pytest.fixture
def session(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    return st.session_state


@pytest.fixture
def told(monkeypatch):
    """What is told in a toast."""
    found = []
    monkeypatch.setattr(st, "toast", lambda text, icon: found.append(text))
    return found


@pytest.fixture
def visitor(demo_bundle, session):
    """Somebody with two dials that are turned."""
    session[state.KEY] = state.Timeline(state.Choice(user_ids=("15",), dials=(("heist", 0.3), ("war", -0.2))))
    return demo_bundle


def dials(bundle):
    return dict(state.current(bundle).dials)


def does(bundle, **events):
    take_over(bundle, Message(events=events))


def test_what_is_said_proposes_and_turns_nothing(visitor):
    does(visitor, say="a scary one like Heat, snorkelwack")
    reading = mood.mood_data()["reading"]
    assert (reading["sentence"], reading["nothing"], reading["problem"]) == (
        "a scary one like Heat, snorkelwack",
        ["snorkelwack"],
        "",
    )
    heat, scary = reading["chips"]
    assert heat == {
        "key": "~6",
        "name": "like Heat",
        "amount": 0.4,
        "said": "Heat",
        "sure": True,
        "why": "read as a title",
        "others": [],
    }
    assert (scary["key"], scary["said"], scary["why"]) == ("horror", "scary", "read as people say it")
    assert scary["others"][0].keys() == {"key", "name"}
    assert all(visitor.knobs[one["key"]].title == one["name"] for one in scary["others"])
    assert dials(visitor) == {"heist": 0.3, "war": -0.2}
    assert len(state.timeline(visitor).past) == 0


def test_a_guess_is_called_one(visitor):
    does(visitor, say="tights with swords")
    [chip] = mood.mood_data()["reading"]["chips"]
    assert not chip["sure"]
    assert chip["why"].startswith("read by what it means, ")
    assert chip["why"].endswith("% alike")
    does(visitor, say="horror, guys with swords")
    assert all(chip["sure"] for chip in mood.mood_data()["reading"]["chips"])


def test_chips_are_turned_in_one_step_beside_the_others(visitor):
    does(visitor, mood={"amounts": {"horror": 0.6, "1970s": 0.4, "war": 0.1}, "instead": False})
    assert dials(visitor) == {"heist": 0.3, "war": 0.1, "horror": 0.6, "1970s": 0.4}
    does(visitor, undo=1)
    assert dials(visitor) == {"heist": 0.3, "war": -0.2}
    does(visitor, redo=1)
    assert dials(visitor)["horror"] == 0.6


def test_or_instead_of_them(visitor):
    does(visitor, mood={"amounts": {"horror": 0.6}, "instead": True})
    assert dials(visitor) == {"horror": 0.6}
    does(visitor, undo=1)
    assert dials(visitor) == {"heist": 0.3, "war": -0.2}


@pytest.mark.parametrize(
    "forged",
    [
        {"amounts": {"horror": 7}},
        {"amounts": {"horror": math.nan}},
        {"amounts": {"horror": True}},
        {"amounts": {"horror": "0.5"}},
        {"amounts": {"horror": [0.5]}},
        {"amounts": {"no such knob": 0.5}},
        {"amounts": {"no such knob": 0.5, "horror": 0.4}},  # all of it or nothing
        {"amounts": {"~no such item": 0.5}},
        {"amounts": {"x" * 10_000: 0.5}},
        {"amounts": {f"#{n}": 0.1 for n in range(900)}},
        {"amounts": {f"#{n}": 0.1 for n in range(9_000)}},
        {"amounts": {5: 0.5, None: 0.1}},
        {"amounts": ["horror"]},
        {"amounts": None},
        {"amounts": {}},
        {},
        "horror",
        12,
        [{"amounts": {"horror": 0.5}}],
    ],
)
@pytest.mark.parametrize("instead", [False, True])
def test_forged_chips_change_nothing(visitor, session, told, forged, instead):
    if isinstance(forged, dict):
        forged = {**forged, "instead": instead}
    session["board"] = {"mood": forged}
    take_over(visitor, message())
    assert dials(visitor) == {"heist": 0.3, "war": -0.2}
    assert len(state.timeline(visitor).past) == 0
    assert len(told) <= 1
    assert all(len(one) < 500 for one in told)


@pytest.mark.parametrize("instead", ["yes", 1, None, [True], {"a": 1}])
def test_instead_is_true_and_nothing_else(visitor, instead):
    does(visitor, mood={"amounts": {"horror": 0.6}, "instead": instead})
    assert dials(visitor) == {"heist": 0.3, "war": -0.2, "horror": 0.6}


def test_what_is_believed_of_chips():
    assert mood.moved({"amounts": {"a": 1, "b": -1.0, "c": 2, "d": "x", "e": math.inf}, "instead": True}) == (
        {"a": 1.0, "b": -1.0},
        True,
    )
    assert mood.moved({}) == ({}, False)


@pytest.mark.parametrize("forged", ["x" * 10_000, 12, None, ["horror"], {"sentence": "horror"}, True, b"horror"])
def test_what_is_no_sentence_is_not_read(visitor, session, forged):
    session["board"] = {"say": forged, "seek": forged}
    take_over(visitor, message())
    assert mood.mood_data() == {"reading": None, "sought": None}


def test_a_long_sentence_is_cut(visitor):
    does(visitor, say="x" * 299 + " horror")
    assert mood.mood_data()["reading"]["chips"] == []
    does(visitor, say="horror " + "x" * 900)
    [chip] = mood.mood_data()["reading"]["chips"]
    assert chip["key"] == "horror"


@pytest.mark.parametrize(
    "sentence",
    [
        "\u202eorror\u202c horror",
        "\x00horror\x1b[31m",
        "<b>horror</b>",
        "=1+1 horror",
        "\ud800 horror",
        "a\u2028horror",
    ],
)
def test_what_could_do_something_is_not_shown(visitor, sentence):
    does(visitor, say=sentence)
    reading = mood.mood_data()["reading"]
    json.dumps(reading, allow_nan=False).encode()
    shown = [*reading["nothing"], *(chip["said"] for chip in reading["chips"])]
    assert not {"\u202e", "\u202c", "\x00", "\x1b", "\ud800", "\u2028"} & set("".join(shown))
    assert reading["sentence"] == sentence  # by which the browser knows that it was answered
    assert "horror" in [chip["key"] for chip in reading["chips"]]


@pytest.mark.parametrize("sentence", ["", "  ", "!?", "\u202e", "a film"])
def test_nothing_comes_of_nothing(visitor, sentence):
    does(visitor, say=sentence)
    assert mood.mood_data()["reading"] == {"sentence": sentence, "chips": [], "nothing": [], "problem": ""}


def test_without_a_text_model_it_is_said_why_and_names_are_found_yet(visitor, monkeypatch):
    import knobs_core.sentences as sentences

    def missing(*_):
        raise ConfigError("a text model", "none \u202e", "install it")

    mood._loading.clear()
    monkeypatch.setattr(sentences, "index_of", missing)
    does(visitor, say="horror", seek="scary")
    assert mood.mood_data()["reading"] == {
        "sentence": "horror",
        "chips": [],
        "nothing": [],
        "problem": str(ConfigError("a text model", "none ", "install it")),
    }
    assert mood.mood_data()["sought"] == {"text": "scary", "knobs": [], "items": [], "later": 0}


def test_a_sentence_is_put_away(visitor):
    does(visitor, say="horror")
    does(visitor, unsay=1)
    assert mood.mood_data()["reading"] is None
    does(visitor, unsay=1)
    assert mood.mood_data()["reading"] is None


def test_while_the_text_model_is_loaded_a_search_is_put_off(visitor, monkeypatch):
    import knobs_core.sentences as sentences

    loaded, index = Event(), index_of(visitor)
    monkeypatch.setattr(sentences, "index_of", lambda _: loaded.wait(30) and index)
    mood._loading.clear()
    does(visitor, ready=1)  # the field has the focus
    assert mood.mood_data() == {"reading": None, "sought": None}
    does(visitor, seek="frightening")
    assert mood.mood_data()["sought"] == {"text": "frightening", "knobs": [], "items": [], "later": 1}
    does(visitor, seek="frightening")
    assert mood.mood_data()["sought"]["later"] == 2  # so that it is heard as news, and asked once more
    loaded.set()
    mood._index(visitor).result()
    does(visitor, seek="frightening")
    assert mood.mood_data()["sought"]["later"] == 0
    assert mood.mood_data()["sought"]["knobs"][0]["key"] == "horror"


def test_knobs_are_found_by_meaning_the_nearest_first(visitor):
    mood._index(visitor).result()
    does(visitor, seek="frightening")
    found = mood.mood_data()["sought"]
    near = [one for one in index_of(visitor).near(["frightening"], mood.MEANT)[0] if one.likeness >= SOUGHT]
    assert found["text"] == "frightening"
    assert [one["key"] for one in found["knobs"]] == [one.knob.key for one in near]
    assert found["knobs"][0]["key"] == "horror"
    assert found["knobs"][0].keys() == {"key", "name", "gloss"}
    assert 1 <= len(found["knobs"]) <= mood.MEANT
    scary = visitor.interactions.tags.query("tag == 'horror'")["item"].unique()
    assert found["items"][0] in scary  # titles typical of them, each once
    assert len(found["items"]) == len(set(found["items"]))
    for nothing in ("", " ", "snorkelwack"):
        does(visitor, seek=nothing)
        assert mood.mood_data()["sought"] == {"text": nothing, "knobs": [], "items": [], "later": 0}
    json.dumps(mood.mood_data())


def test_what_one_visitor_says_another_does_not_see(visitor, monkeypatch):
    does(visitor, say="horror", seek="scary")
    monkeypatch.setattr(st, "session_state", {})
    assert mood.mood_data() == {"reading": None, "sought": None}


def test_a_page_reads_a_sentence_turns_its_chips_and_takes_them_back(app):
    panel(app)
    say(app, say="scary, like Heat, snorkelwack")
    reading = board(app)["reading"]
    assert [(chip["key"], chip["said"]) for chip in reading["chips"]] == [("~6", "Heat"), ("horror", "scary")]
    assert reading["nothing"] == ["snorkelwack"]
    assert choice(app).dials == ()
    say(app, mood={"amounts": {"~6": 0.4, "horror": -0.4}, "instead": False})
    assert choice(app).dials == (("~6", 0.4), ("horror", -0.4))
    assert {knob["key"]: knob["amount"] for knob in board(app)["knobs"] if knob["amount"]} == {
        "~6": 0.4,
        "horror": -0.4,
    }
    assert board(app)["reading"] == reading  # it stays until it is put away
    say(app, undo=1)
    assert choice(app).dials == ()
    say(app, seek="frightening")
    assert board(app)["sought"]["knobs"][0]["key"] == "horror"
    say(app, unsay=1)
    assert board(app)["reading"] is None
