"""Presets: saved under a name, with the person or without, replaced only when asked, exported and imported."""

import json

import pytest

from knobs_ui.cards.presets import LARGEST, MOST, checked, exported, imported
from tests.knobs_ui.driving import choice, from_browser, panel, press, release, say


def said(app, *kinds):
    """What stands on the page, or in its toasts, as a person reads it."""
    elements = [element for kind in kinds or ("success", "warning") for element in getattr(app, kind)]
    return [element.value.replace("\\", "") for element in elements]


def save(app, name, person=False):
    """Save the dials of the board as they stand."""
    say(app, keep=1)
    app.text_input("preset name").set_value(name)
    app.checkbox("preset person").set_value(person)
    press(app, "Save these dials")


@pytest.fixture
def empty(app):
    """The Panel in a browser that has kept nothing."""
    panel(app)
    from_browser(app, "store", rows=[])
    release(app, horror=0.5)
    return app


def test_a_preset_is_saved_and_that_stays_on_screen(empty, demo_bundle):
    save(empty, " Friday ")
    assert empty.session_state["presets"] == [{"name": "Friday", "dials": "horror:0.5", "bundle": demo_bundle.id}]
    assert said(empty) == ["Saved: Friday"]


def test_a_preset_of_that_name_is_replaced_only_when_asked(empty):
    save(empty, "Friday")
    release(empty, horror=0.25)
    for answer, kept in (("leave preset", "horror:0.5"), ("replace preset", "horror:0.25")):
        save(empty, "Friday")
        assert said(empty) == ["Replace 'Friday'?"]
        assert empty.session_state["presets"][0]["dials"] == "horror:0.5"
        press(empty, answer)
        assert [preset["dials"] for preset in empty.session_state["presets"]] == [kept]
        assert "Replace 'Friday'?" not in said(empty)


@pytest.mark.parametrize("person", [False, True])
def test_a_preset_sets_the_person_where_it_holds_one(empty, person):
    first = choice(empty)
    save(empty, "Friday", person)
    button = next(button for button in empty.button if button.key == "use 0")
    assert button.label == ("Friday · User " + first.user_ids[0] if person else "Friday")
    empty.session_state["timeline"] = type(empty.session_state["timeline"])(
        type(first)(user_ids=("15",), dials=(("heist", 0.1),))
    )
    press(empty, "use 0")
    assert choice(empty).dials == (("horror", 0.5),)
    assert choice(empty).user_ids == (first.user_ids if person else ("15",))
    assert said(empty, "toast") == [f"Friday: Horror +0.50, for User {choice(empty).user_ids[0]}"]


def test_a_preset_of_another_training_obeys_the_rules_of_links(empty, demo_bundle):
    empty.session_state["presets"] = [
        {"name": "Old", "dials": "#5:0.5~horror:0.1", "bundle": "other", "names": "5:Rain"}
    ]
    say(empty, keep=1)
    press(empty, "use 0")
    assert choice(empty).dials == (("horror", 0.1),)
    assert any("another training: 'Rain' is not here" in one for one in said(empty, "toast"))


def test_what_is_exported_is_imported_again(demo_bundle):
    kept = [{"name": "Friday", "dials": "horror:0.5", "user": "15"}, {"name": "Ä*[x]", "dials": "heist:0.1"}]
    data = exported(demo_bundle, kept).encode()
    assert imported(data, []) == (kept, "Taken: 2 of 2.")
    assert imported(data, kept[:1]) == (kept, "Taken: 1 of 2; 1 have the name of one that is here.")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x" * (LARGEST + 1), "at most 512 kB"),
        (b"\xff\xfe", "no file of presets"),
        (b"[1, 2]", "no file of presets"),
        (b'{"presets": {}}', "no file of presets"),
        (b"[" * 100_000, "no file of presets"),
        (json.dumps({"presets": [{"name": "x"}, 7, {"name": 3, "dials": "a:1"}]}).encode(), "Taken: 0 of 3; 3 are no"),
        (
            json.dumps({"presets": [{"name": "n" * 61, "dials": "a:1"}, {"name": " ", "dials": "a:1"}]}).encode(),
            "0 of 2",
        ),
    ],
)
def test_a_file_that_is_none_is_told_and_changes_nothing(data, says):
    kept = [{"name": "Friday", "dials": "horror:0.5"}]
    found, line = imported(data, kept)
    assert found == kept
    assert says in line


def test_no_more_presets_are_taken_than_are_kept():
    rows = [{"name": f"{n}", "dials": "horror:0.5"} for n in range(MOST + 5)]
    found, line = imported(json.dumps({"presets": rows}).encode(), [{"name": "Friday", "dials": "heist:0.1"}])
    assert len(found) == MOST
    assert line == f"Taken: {MOST - 1} of {MOST + 5}; 6 are more than {MOST}."


def test_only_what_a_preset_may_have_is_kept():
    assert checked({"name": "a", "dials": "b:1", "evil": "x", "user": 7}) == {"name": "a", "dials": "b:1"}
