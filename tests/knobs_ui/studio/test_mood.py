"""The same sentence over the desk of a recipe: its chips become dials of the draft."""

import pytest


def dials(editor):
    return {one.knob: one.amount for one in editor.recipe.dials}


def test_a_sentence_over_the_desk_proposes(editor):
    editor.add("war", 0.3)
    editor.say(say="scary, like Heat, snorkelwack")
    reading = editor.desk["reading"]
    assert [(chip["key"], chip["amount"]) for chip in reading["chips"]] == [("~6", 0.4), ("horror", 0.4)]
    assert reading["nothing"] == ["snorkelwack"]
    assert dials(editor) == {"war": 0.3}
    editor.say(unsay=1)
    assert editor.desk["reading"] is None
    editor.say(seek="frightening")
    assert editor.desk["sought"]["knobs"][0]["key"] == "horror"


def test_chips_become_dials_of_the_draft_in_one_step(editor):
    editor.add("war", 0.3)
    editor.say(mood={"amounts": {"horror": 0.4, "~6": -0.5}, "instead": False})
    assert dials(editor) == {"war": 0.3, "horror": 0.4, "~6": -0.5}
    assert all(one.neurons for one in editor.recipe.dials)  # what they are made of is kept
    editor.say(undo=1)
    assert dials(editor) == {"war": 0.3}
    editor.say(mood={"amounts": {"horror": 0.4}, "instead": True})
    assert dials(editor) == {"horror": 0.4}
    editor.say(undo=1)
    assert dials(editor) == {"war": 0.3}


@pytest.mark.parametrize(
    "told",
    [
        {"mood": {"amounts": {"horror": 7}, "instead": True}},
        {"mood": {"amounts": {"horror": float("nan")}, "instead": True}},
        {"mood": {"amounts": {"horror": "0.4"}, "instead": True}},
        {"mood": {"amounts": {"no such knob": 0.4}, "instead": True}},
        {"mood": {"amounts": {"no such knob": 0.4, "horror": 0.4}}},
        {"mood": {"amounts": {"x" * 10_000: 0.4}, "instead": True}},
        {"mood": {"amounts": {f"#{n}": 0.1 for n in range(900)}}},
        {"mood": {"amounts": {}, "instead": True}},
        {"mood": {"instead": True}},
        {"mood": ["horror"]},
        {"mood": "horror"},
        {"say": 12},
        {"say": "x" * 10_000},
        {"seek": ["horror"]},
        {"seek": "x" * 10_000},
        {"unsay": {"a": 1}},
    ],
)
def test_what_a_desk_could_not_say_changes_no_dial(editor, told):
    editor.add("war", 0.3)
    editor.say(**told)
    assert dials(editor) == {"war": 0.3}
    assert editor.desk["reading"] is None
    assert editor.desk["sought"] is None
    editor.say(undo=1)
    assert dials(editor) == {"war": 0.0}  # there was no step in between
