"""Asking for a title: the answer is set on the board, added or in its place, and brings it into the list."""

import re

import pytest

from knobs_core.base import searchable
from knobs_ui.cards.ask import meant
from tests.knobs_ui.driving import board, choice, panel, press, release, say, sound


@pytest.fixture
def asked(app):
    """The panel with the question open."""
    panel(app)
    say(app, ask=1)
    return app


def ask(app, column):
    next(box for box in app.selectbox if box.label == "Title").set_value(column).run()
    return sound(app)


def told_rank(app):
    return [int(found[1]) for block in app.markdown if (found := re.search(r"\*\*rank (\d+)\*\*", block.value))]


def test_the_answer_is_set_on_the_board_and_brings_the_title_in(asked, demo_bundle):
    person = demo_bundle.person(user=choice(asked).user_ids[0])
    wanted = person.recommend(n=60).recommendation.items[40]
    ask(asked, int(wanted))
    [rank] = told_rank(asked)
    assert any(caption.value.startswith("Enters: ") for caption in asked.caption)
    press(asked, "Set the board so")
    assert board(asked)["after"].index(wanted) + 1 == rank <= 10
    assert 1 <= len(choice(asked).dials) <= 3


def test_it_is_added_to_the_board_as_it_stands_or_takes_its_place(asked, demo_bundle):
    release(asked, horror=0.3)
    person = demo_bundle.person(user=choice(asked).user_ids[0])
    wanted = person.recommend({"horror": 0.3}, n=60).recommendation.items[40]
    ask(asked, int(wanted))
    added, anew = told_rank(asked)
    press(asked, "Add to the board")
    assert board(asked)["after"].index(wanted) + 1 == added <= 10
    assert choice(asked).amount("horror")
    say(asked, undo=1)
    press(asked, "Replace the board")
    assert board(asked)["after"].index(wanted) + 1 == anew <= 10
    assert not choice(asked).amount("horror")


def test_a_title_that_is_there_already_needs_no_turn(asked, demo_bundle):
    first = board(asked)["after"][0]
    ask(asked, first)
    title = demo_bundle.interactions.title_with_year(first)
    assert [block.value.replace("\\", "") for block in asked.success] == [f"{title} stands at rank 1 already."]
    assert "Set the board so" not in [button.label for button in asked.button]


def test_a_title_that_nothing_brings_in_is_told(asked, monkeypatch):
    monkeypatch.setattr("knobs_core.bundles.person.counterfactual", lambda *_: None)
    ask(asked, board(asked)["after"][5])
    assert [block.value.startswith("No turn of three knobs brings ") for block in sound(asked).warning] == [True]


def test_a_title_is_found_without_its_accents_and_what_is_none_is_told(demo_bundle):
    data, free = demo_bundle.interactions, list(range(demo_bundle.interactions.n_items))
    bare = [searchable(title) for title in data.items["title"]]
    accented = [
        column
        for column, title in enumerate(data.items["title"])
        if not title.isascii() and bare.count(bare[column]) == 1
    ]
    assert len(accented) > 10
    for column in accented:
        assert meant(data, bare[column], free) == (column, "")
    assert meant(data, bare[accented[0]], free[:1])[0] is None
    item, why = meant(data, "no such title", free)
    assert item is None
    assert "or one title, found 'no such title'" in why
