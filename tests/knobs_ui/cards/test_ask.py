"""Asking for a title: the answer is set on the board, and brings it into the list."""

import pytest

from tests.knobs_ui.driving import board, choice, panel, press, say, sound


@pytest.fixture
def asked(app):
    """The panel with the question open."""
    panel(app)
    say(app, ask=1)
    return app


def test_the_answer_is_set_on_the_board_and_brings_the_title_in(asked, demo_bundle):
    title = next(box for box in asked.selectbox if box.label == "Title")
    person = demo_bundle.person(user=choice(asked).user_ids[0])
    ranked = person.recommend(n=60).recommendation.items.tolist()
    title.set_value(ranked[40]).run()
    [told] = [block.value for block in sound(asked).success]
    assert told.startswith("It comes to rank ")
    press(asked, "Set the board so")
    rank = int(told.removeprefix("It comes to rank ").split(",")[0])
    assert board(asked)["after"].index(ranked[40]) + 1 == rank <= 10
    assert 1 <= len(choice(asked).dials) <= 3


def test_a_title_that_is_there_already_needs_no_turn(asked):
    first = board(asked)["after"][0]
    next(box for box in asked.selectbox if box.label == "Title").set_value(first).run()
    assert [block.value for block in sound(asked).success] == ["It stands at rank 1 already."]
    assert "Set the board so" not in [button.label for button in asked.button]


def test_a_title_that_nothing_brings_in_is_told(asked, monkeypatch):
    monkeypatch.setattr("knobs_core.bundles.person.counterfactual", lambda *_: None)
    next(box for box in asked.selectbox if box.label == "Title").set_value(board(asked)["after"][5]).run()
    assert [block.value.startswith("No turn of three knobs brings ") for block in sound(asked).warning] == [True]
