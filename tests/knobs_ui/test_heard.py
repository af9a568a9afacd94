"""What a browser says may be anything: what is wanted comes of it, or nothing."""

import math

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as given_by

from knobs_core.base import ConfigError
from knobs_ui import heard

ANYTHING = given_by.recursive(
    given_by.none() | given_by.booleans() | given_by.integers() | given_by.floats() | given_by.text(max_size=8),
    lambda inner: given_by.lists(inner, max_size=4) | given_by.dictionaries(given_by.text(max_size=8), inner),
)
HUGE = 10**400


@pytest.mark.parametrize("value", [True, "0.5", None, [0.5], {}, math.nan, math.inf, -math.inf, HUGE, -HUGE, 1.01])
def test_what_is_no_number(value):
    assert heard.number(value, 1) is None


@pytest.mark.parametrize("value", [0, 1, -1, 0.25, -0.0])
def test_numbers(value):
    assert heard.number(value, 1) == value
    assert type(heard.number(value, 1)) is float


@pytest.mark.parametrize("value", [True, 1.0, "1", None, -1, HUGE, [1], math.nan])
def test_what_is_no_whole_number(value):
    assert heard.whole(value) is None


def test_whole_numbers_texts_lists_and_tables():
    assert heard.whole(7, 0, 8) == 7
    assert heard.whole(8, 0, 8) is None
    assert heard.whole(-480, -500) == -480
    assert heard.text("horror") == "horror"
    assert heard.text("x" * 20_000_000) is None
    assert heard.listed([1, 2], 2) == [1, 2]
    assert heard.listed([1, 2, 3], 2) is None
    assert heard.listed("ab") is None
    assert heard.table({"a": 1, "x" * 2_000: 2, 3: 4}) == {"a": 1}
    assert heard.table(dict.fromkeys(map(str, range(5_000)))) is None
    assert heard.key_or_place("#12") == "#12"
    assert heard.key_or_place(12) == 12
    assert heard.key_or_place(True) is None


@given(ANYTHING)
def test_whatever_is_said_nothing_breaks(value):
    for check in (heard.table, heard.listed, heard.text, heard.whole, heard.number, heard.key_or_place, heard.anything):
        check(value)
    assert heard.yes(value) is (value is True)


@pytest.mark.parametrize("state", [None, 5, "x", [1], {}])
def test_a_component_that_says_no_table_says_nothing(monkeypatch, state):
    monkeypatch.setattr(st, "session_state", {"board": state})
    assert heard.said("board") == {}
    assert heard.said("map") == {}


def test_a_deed_that_is_said_again_is_taken_over_once(monkeypatch):
    session = {"board": {"undo": 7, "told": 7}, "map": {"told": 7}}
    monkeypatch.setattr(st, "session_state", session)

    def new(who="board", fault=None):
        with heard.once(who) as is_new:
            if fault:
                raise fault
        return is_new

    with pytest.raises(SystemExit):  # as Streamlit ends a run: nothing was taken over yet
        new(fault=SystemExit())
    assert new()
    assert not new()
    assert heard.taken("board") == 7
    assert new("map")  # another component, with numbers of its own
    session["board"] = {"pin": 8, "told": 8}
    with pytest.raises(ConfigError):  # which is told, and not told again
        new(fault=ConfigError("a", "b", "c"))
    assert not new()
    assert heard.taken("board") == 8
    session["board"] = {"rest": 9}
    assert new()
    assert new()  # what has no number may be heard as often as it comes
    assert heard.taken("board") == 8
