"""The panel: knobs, lists, cards, presets, links, and what a forged browser cannot do."""

import json
import re

import pytest

from knobs_ui import state
from tests.knobs_ui.driving import board, choice, panel, press, release, say, sound, start
from tests.plain import recommend


def test_the_front_door_with_a_link_leads_to_the_panel(app):
    app.query_params["user"] = "60"
    sound(app.run())
    told = board(app)
    assert told["linear"]
    assert len(told["before"]) == 20
    assert told["before"] == told["after"]
    [footer] = [block.proto.body for block in app.get("html") if "MovieLens by GroupLens" in block.proto.body]
    assert "Model: DLAE 128 + TopK 512." in footer


def test_a_knob_says_what_it_is(app):
    panel(app)
    knobs = board(app)["knobs"]
    assert len(knobs) == 9
    for knob in knobs:
        assert knob["name"]
        assert re.match(r"\d+% active", knob["facts"])
        assert 0 < knob["level"] <= 1
        assert knob["depth"] > 0
    [ticks] = [json.loads(e.proto.json) for e in app.get("bidi_component") if e.proto.component_name == "knobs_ticks"]
    assert any(ticks["ticks"].values())
    app.toggle("all knobs").set_value(True).run()
    assert len(board(sound(app))["knobs"]) == 32


def test_a_turn_gives_the_servers_own_list_and_reset_the_old_one(app, demo_bundle):
    panel(app)
    rest, knob = board(app), board(app)["knobs"][0]
    release(app, **{knob["key"]: 0.6})
    told = board(app)
    assert told["before"] == rest["before"]
    assert choice(app).dials == ((knob["key"], 0.6),)
    history = demo_bundle.interactions.matrix[demo_bundle.interactions.user_ids.tolist().index(choice(app).user_ids[0])]
    expected = recommend(demo_bundle.nested, history, state.dials_of(demo_bundle, choice(app).dials))
    assert told["after"] == expected.items.tolist() != rest["after"]
    assert {int(item): rank for item, rank in told["ranks"].items()} == dict(
        zip(expected.items.tolist(), expected.unsteered_rank.tolist(), strict=True)
    )
    press(app, "Reset all")
    assert board(app)["after"] == rest["after"]


def test_undo_and_redo_walk_the_whole_way(app):
    panel(app)
    first = choice(app)
    release(app, horror=0.5)
    release(app, heist=-0.5)
    press(app, "undo")
    assert choice(app).dials == (("horror", 0.5),)
    press(app, "undo")
    assert choice(app) == first
    press(app, "redo")
    press(app, "redo")
    assert choice(app).dials == (("horror", 0.5), ("heist", -0.5))


def test_any_knob_can_be_added_and_removed(app):
    panel(app)
    app.selectbox("add a knob").set_value("film-noir").run()
    assert board(sound(app))["knobs"][0]["name"] == "film-noir"
    assert board(app)["knobs"][0]["added"]
    say(app, remove="film-noir")
    assert "film-noir" not in [knob["name"] for knob in board(sound(app))["knobs"]]


def test_weak_knobs_are_searched_only_when_asked_for(app, demo_bundle):
    panel(app)
    weak = {key: knob for key, knob in demo_bundle.knobs.items() if knob.weak}
    assert weak
    few = app.selectbox("add a knob").options
    app.toggle("weak knobs").set_value(True).run()
    every = app.selectbox("add a knob").options
    assert len(every) - len(few) == len(weak)
    assert not [option for option in few if option.endswith(" · weak")]
    assert len([option for option in every if option.endswith(" · weak")]) == len(weak)
    app.selectbox("add a knob").set_value(next(iter(weak))).run()
    assert board(sound(app))["knobs"][0]["facts"].endswith("weak")


@pytest.mark.parametrize("kind", ["Finds others strongly", "Finds others", "Brings what it was told", "Weak"])
def test_a_card_shows_the_evidence(app, demo_bundle, kind):
    knobs = [knob for knob in demo_bundle.knobs.values() if knob.effect]
    kinds = [("Weak" if knob.weak else knob.effect.grade.capitalize()) for knob in knobs]
    knob = knobs[kinds.index(kind)]
    panel(app)
    say(app, card=knob.key)
    [badge] = [block.value for block in app.markdown if "badge[" in block.value]
    assert kind in badge
    if kind.startswith("Finds"):
        assert any(f"climbs from place {round(knob.effect.rest):,} to" in caption.value for caption in app.caption)
    assert any("What else rises" in caption.value for caption in app.caption)
    assert len(app.get("plotly_chart")) == 2


def test_pinned_lists_stay_for_comparison(app):
    panel(app)
    release(app, horror=0.5)
    horror = board(app)["after"]
    press(app, "Pin")
    release(app, horror=0.0, heist=0.5)
    assert board(app)["before"] == horror
    assert board(app)["reference"] == "Pinned"
    press(app, "Unpin")
    assert board(app)["reference"] == "Before"


@pytest.mark.parametrize(
    "told",
    [
        {"amounts": {"horror": 7}},
        {"amounts": {"horror": float("nan")}},
        {"amounts": {"horror": "much"}},
        {"amounts": {"no such knob": 0.5}},
        {"amounts": ["horror"]},
        {"amounts": None},
        "horror",
    ],
)
def test_what_a_forged_browser_says_changes_nothing(app, told):
    panel(app)
    before = choice(app)
    say(app, dials=told | {"version": "x"} if isinstance(told, dict) else told)
    assert choice(app) == before


@pytest.mark.parametrize(
    "event", [{"item": "abc"}, {"item": 10**9}, {"item": -1}, {"item": [1]}, {"card": ["x"]}, {"remove": {}}]
)
def test_a_forged_click_opens_nothing(app, event):
    panel(app)
    before = choice(app)
    say(app, **event)
    sound(app)
    assert choice(app) == before
    assert "open" not in app.session_state


def test_the_choice_survives_a_visit_to_another_page(app):
    panel(app)
    release(app, horror=0.4)
    app.switch_page("pages/user.py").run()
    app.switch_page("pages/panel.py").run()
    assert choice(sound(app)).amount("horror") == 0.4


def test_a_link_opens_the_same_state_elsewhere(app, demo_path, demo_bundle):
    panel(app)
    release(app, horror=0.4, heist=-0.25)
    link = state.to_link(choice(app))
    other = start()
    for name, value in link.items():
        other.query_params[name] = value
    panel(other)
    assert choice(other) == choice(app)
    assert board(other)["after"] == board(app)["after"]


@pytest.mark.parametrize(("event", "shows"), [("card", "What activates it"), ("item", "Every part of the score")])
def test_cards_and_receipts_open(app, event, shows):
    panel(app)
    about = board(app)["knobs"][0]["key"] if event == "card" else board(app)["after"][3]
    say(app, **{event: about})
    texts = [block.value for block in [*app.markdown, *app.caption]]
    assert any(shows in text for text in texts), texts


def test_presets_are_saved_applied_and_deleted(app):
    panel(app)
    app.session_state["store"] = {"presets": [{"name": "*spooky*", "dials": "horror:0.5"}, {"name": 3}, "junk"]}
    app.run()
    assert app.session_state["presets"] == [{"name": "*spooky*", "dials": "horror:0.5"}]
    press(app, "Keep")
    press(app, "use 0")
    assert choice(app).dials == (("horror", 0.5),)
    press(app, "Keep")
    press(app, "drop 0")
    assert app.session_state["presets"] == []


def test_two_visitors_never_see_each_others_dials(demo_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(demo_path))
    one, two = (panel(start()) for _ in range(2))
    rest = board(two)
    release(one, horror=0.9)
    two.run()
    assert board(two) == rest
    assert board(one)["after"] != rest["after"]
