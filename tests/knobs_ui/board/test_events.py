"""What a component says comes from a browser: whatever its shape, a message comes of it or nothing."""

import contextlib
import math

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as strategies

from knobs_ui import state
from knobs_ui.board.events import EVENTS, Message, message, take_over, take_turns, version

JUNK = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.floats() | strategies.text(max_size=5),
    lambda inner: (
        strategies.lists(inner, max_size=3)
        | strategies.dictionaries(
            strategies.sampled_from(["dials", "amounts", "version", "held", *EVENTS, "x"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@pytest.fixture
def session(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    return st.session_state


def test_a_turn_and_an_event(session):
    session["board"] = {"dials": {"version": 7, "amounts": {"horror": 0.5}, "held": True}, "item": 3}
    assert message() == Message("7", {"horror": 0.5}, True, {"item": 3})
    assert message("map") == Message()


@given(strategies.dictionaries(strategies.sampled_from(["dials", *EVENTS]), JUNK, max_size=4))
def test_whatever_is_said_has_the_shape_of_a_message(session, said):
    session["board"] = said
    heard = message()
    assert isinstance(heard.version, str)
    assert isinstance(heard.held, bool)
    assert dict(heard.amounts) == heard.amounts
    assert heard.events.keys() <= {*EVENTS}


@pytest.fixture
def visitor(planted_bundle, session):
    session[state.KEY] = state.Timeline(state.Choice(user_ids=("u7",)))
    return planted_bundle


def test_a_turn_is_taken_over_once(visitor):
    heard = Message("1", {"concept 3": 0.4})
    for _ in range(2):
        take_over(visitor, heard)
    assert state.current(visitor).dials == (("concept 3", 0.4),)
    assert len(state.timeline(visitor).past) == 1
    take_over(visitor, Message("2", {"concept 3": 0.4}))  # nothing new in it
    assert len(state.timeline(visitor).past) == 1


class Ended(BaseException):
    """Streamlit ends a run."""


class Interrupted(dict):
    """A session whose run is ended at one access to it, as it is for another run that is waiting."""

    def __init__(self, session, after):
        super().__init__(session)
        self.left = after

    def _access(self):
        self.left -= 1
        if self.left < 0:
            raise Ended

    def get(self, *of):
        self._access()
        return super().get(*of)

    def __getitem__(self, key):
        self._access()
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        self._access()
        super().__setitem__(key, value)

    def __contains__(self, key):
        self._access()
        return super().__contains__(key)


def test_a_turn_outlives_a_run_that_ends_at_any_access_to_the_session(visitor, session, monkeypatch):
    for after in range(100):
        monkeypatch.setattr(st, "session_state", Interrupted(session, after))
        with contextlib.suppress(Ended):
            take_turns(visitor, Message("1", {"concept 3": 0.4}))
            break
        monkeypatch.setattr(st, "session_state", dict(st.session_state))
        take_turns(visitor, Message("1", {"concept 3": 0.4}))
        assert state.current(visitor).dials == (("concept 3", 0.4),), after
        assert len(state.timeline(visitor).past) == 1
        assert version() == "1"
    assert after > 5


@pytest.mark.parametrize("amounts", [{"nothing": 0.5}, {"concept 3": 7}, {"concept 3": math.nan}, {"concept 3": "x"}])
def test_a_turn_that_cannot_be_is_told_and_changes_nothing(visitor, monkeypatch, amounts):
    told = []
    monkeypatch.setattr(st, "toast", lambda text, icon: told.append(text))
    take_over(visitor, Message("1", amounts))
    assert state.current(visitor).dials == ()
    assert len(told) == 1


def test_what_comes_together_is_taken_over_together(visitor):
    take_over(visitor, Message(events={"length": 10, "pin": 1}))
    assert (state.current(visitor).n, len(state.current(visitor).pins)) == (10, 1)


def test_steps_back_and_knobs_that_go(visitor):
    take_over(visitor, Message("1", {"concept 3": 0.4, "concept 4": 0.2}))
    take_over(visitor, Message("1", events={"remove": "concept 3"}))
    assert state.current(visitor).dials == (("concept 4", 0.2),)
    take_over(visitor, Message("1", events={"undo": 1}))
    assert len(state.current(visitor).dials) == 2
    take_over(visitor, Message("1", events={"redo": 1}))
    assert len(state.current(visitor).dials) == 1
