"""The panel on a stage: steps of a tour, the way back to the opening, and what a forged browser cannot do."""

import json

import pytest

from knobs_core.base.errors import ConfigError
from knobs_ui.stage import tour_of
from knobs_ui.stage.component import idle_minutes
from tests.knobs_ui import driving
from tests.knobs_ui.driving import board, choice, panel, release, sound


def told(app):
    """What the stage was last told."""
    protos = [element.proto for element in app.get("bidi_component")]
    return next(json.loads(proto.json) for proto in protos if proto.component_name == "knobs_stage")


def say(app, **event):
    """Send what the stage's front end would send, in this order."""
    app.session_state["stage"] = {name: {"order": n, "about": about} for n, (name, about) in enumerate(event.items())}
    app.run()
    app.session_state["stage"] = {}
    return sound(app)


def test_a_step_is_shown_whole_and_undone_at_once(app, demo_bundle):
    panel(app)
    before, rest = choice(app), board(app)["after"]
    say(app, step=3)
    assert choice(app).user_ids == ("72",)
    assert [key for key, _ in choice(app).dials] == ["latin american cinema", "studio ghibli"]
    assert (told(app)["at"], told(app)["focus"], told(app)["who"]) == (3, "Studio Ghibli", "User 72")
    assert told(app)["steps"][2]["say"] == tour_of(demo_bundle).step[2].say
    assert board(app)["after"] != rest
    assert [title.value for title in app.title] == ["User 72"]
    driving.say(app, undo=1)
    assert choice(app) == before


def test_a_step_that_is_said_again_is_gone_once(app):
    panel(app)
    before = choice(app)
    step = {"step": {"order": 1, "about": 3}, "told": 5}
    app.session_state["stage"] = step
    sound(app.run())
    assert told(app)["heard"] == 5
    app.session_state["stage"] = {}
    driving.say(app, undo=1)
    app.session_state["stage"] = step
    sound(app.run())
    assert choice(app) == before


def test_one_word_leads_back_to_the_opening_however_far_one_has_gone(app):
    panel(app)
    release(app, horror=0.4)
    driving.say(app, pin=1)
    opening = choice(app)
    assert opening.pins
    say(app, enter=1)
    say(app, step=7)
    release(app, heist=-0.5)
    assert choice(app).user_ids == ("72", "377")
    say(app, reset=2)
    assert choice(app) == opening
    assert (told(app)["at"], told(app)["focus"]) == (0, "")
    driving.say(app, undo=1)
    assert choice(app).user_ids == ("72", "377")


def test_keys_in_quick_succession_are_heard_in_their_order(app):
    panel(app)
    opening = choice(app)
    say(app, enter=None, step=2)
    assert choice(app).user_ids == ("72",)
    say(app, step=5, reset=None)
    assert (choice(app), told(app)["at"]) == (opening, 0)
    say(app, reset=None, step=7)
    assert choice(app).user_ids == ("72", "377")


def test_steps_before_the_first_are_the_opening(app):
    panel(app)
    say(app, enter=1)
    opening = choice(app)
    say(app, step=2)
    say(app, step=0)
    assert choice(app) == opening


@pytest.mark.parametrize("told_so", [3, "x", {"about": 3}, {"order": "1", "about": 3}, [1, 3]])
def test_what_has_not_the_shape_of_a_message_is_not_heard(app, told_so):
    panel(app)
    before = choice(app)
    app.session_state["stage"] = {"step": told_so}
    sound(app.run())
    assert choice(app) == before


@pytest.mark.parametrize(
    "event",
    [{"step": 99}, {"step": -1}, {"step": True}, {"step": "2"}, {"step": [1]}, {"invite": "x"}],
)
def test_what_a_browser_makes_up_changes_nothing(app, event):
    panel(app)
    before = choice(app)
    say(app, **event)
    assert choice(app) == before
    assert told(app)["at"] == 0
    assert told(app)["invitation"] is None


def test_an_invitation_is_sent_once_with_the_wish_it_answers(app, demo_bundle):
    panel(app)
    release(app, horror=0.4)
    say(app, invite=17)
    sent = told(app)["invitation"]
    assert sent["wish"] == 17
    assert sent["link"].endswith(f"?user=60&dials=horror:0.4&bundle={demo_bundle.id}")
    assert sent["image"].startswith("data:image/svg+xml")
    sound(app.run())
    assert told(app)["invitation"] is None


def test_a_tour_that_cannot_be_read_is_told_and_the_panel_goes_on(app, tmp_path, monkeypatch):
    file = tmp_path / "talk.toml"
    monkeypatch.setenv("KNOBS_TOUR", str(file))
    file.write_text('[[step]]\nsay = "a"\nusr = "1"\n', encoding="utf-8")
    app.run().switch_page("pages/panel.py").run()
    [fault] = [error.value.replace("\\", "") for error in app.error]
    assert fault.startswith("talk.toml, step 1: expected a key of a tour's step")
    assert len(board(app)["after"]) == 20
    assert told(app)["steps"] == []


def test_a_step_that_this_bundle_cannot_show_is_told(app, tmp_path, monkeypatch):
    file = tmp_path / "talk.toml"
    monkeypatch.setenv("KNOBS_TOUR", str(file))
    file.write_text('[[step]]\nsay = "a"\nuser = "nobody"\n', encoding="utf-8")
    before = choice(panel(app))
    say(app, step=1)
    assert app.toast[0].value.replace("\\", "").startswith("talk.toml, step 1: expected one of the 659 users")
    assert choice(app) == before
    assert told(app)["at"] == 0


def test_idle_minutes_come_from_the_owner_or_the_tour(app, tmp_path, monkeypatch):
    file = tmp_path / "talk.toml"
    monkeypatch.setenv("KNOBS_TOUR", str(file))
    file.write_text('idle = 2\n[[step]]\nsay = "a"\n', encoding="utf-8")
    assert told(panel(app))["idle"] == 120
    monkeypatch.setenv("KNOBS_IDLE", "0.5")
    assert told(sound(app.run()))["idle"] == 30
    monkeypatch.setenv("KNOBS_IDLE", "0")
    assert told(sound(app.run()))["idle"] == 0


@pytest.mark.parametrize("text", ["soon", "-1", "inf", "nan"])
def test_idle_minutes_are_a_number(monkeypatch, text):
    monkeypatch.setenv("KNOBS_IDLE", text)
    with pytest.raises(ConfigError, match=f"KNOBS_IDLE to be minutes, or 0 for never, found '{text}'"):
        idle_minutes()
