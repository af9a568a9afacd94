"""The panel: knobs, lists, cards, presets, links, and what a forged browser cannot do."""

import json
import re

import numpy as np
import pytest

from knobs_core.base import title_case
from knobs_core.steering import served
from knobs_ui import state
from knobs_ui.board import catalogue
from tests.knobs_ui.driving import address, board, choice, from_browser, panel, press, release, say, sound, start
from tests.plain import recommend


def test_a_link_at_the_front_door_leads_to_the_panel(app):
    app.query_params["user"] = "15"
    sound(app.run())
    told = board(app)
    assert told["linear"]
    assert len(told["before"]) == 20
    assert told["before"] == told["after"]
    [footer] = [block.proto.body for block in app.get("html") if "MovieLens by GroupLens" in block.proto.body]
    assert "Model: DLAE 128 + TopK 512." in footer


def test_a_knob_says_what_it_is(app):
    panel(app)
    told = board(app)
    assert told["way"] == "themes"
    assert 3 <= len(told["knobs"]) <= 9
    for knob in told["knobs"]:
        assert knob["kind"] == "concept"
        assert knob["name"] == title_case(knob["key"])
        assert re.match(r"\d+\.\d\N{MULTIPLICATION SIGN} average", knob["facts"])
        assert len(knob["gloss"].split(", ")) >= 3
        assert 0 < knob["level"] <= 1
        assert knob["depth"] > 0
        assert knob["up"][-1] == 1
        assert knob["down"][-1] == -1
    [ticks] = [json.loads(e.proto.json) for e in app.get("bidi_component") if e.proto.component_name == "knobs_ticks"]
    assert any(ticks["ticks"].values())


def test_what_the_board_says_again_is_done_once(app):
    panel(app)
    release(app, horror=0.3)
    release(app, horror=0.6)
    say(app, undo=5, told=5)
    assert choice(app).turned == (("horror", 0.3),)
    assert board(app)["heard"] == 5
    say(app, undo=5, told=5)
    assert choice(app).turned == (("horror", 0.3),)
    assert board(app)["heard"] == 5
    say(app, undo=6, told=6)
    assert choice(app).turned == ()


def test_the_same_taste_in_neurons_with_the_same_dials(app):
    panel(app)
    release(app, horror=0.3)
    say(app, way="neurons")
    told = board(app)
    first, *others = told["knobs"]
    assert (first["key"], first["amount"], first["added"]) == ("horror", 0.3, True)
    assert told["way"] == "neurons"
    assert {knob["kind"] for knob in others} == {"neuron"}
    assert all(re.match(r"\d+% active", knob["facts"]) for knob in others)
    say(app, more=True)
    assert len(board(app)["knobs"]) == 1 + told["more"]["n"] > len(told["knobs"])
    say(app, way="themes")
    assert board(app)["knobs"][0]["key"] == "horror"
    say(app, way="none such")
    assert board(app)["way"] == "themes"


def test_of_few_titles_few_knobs(app, demo_bundle):
    app.query_params["items"] = demo_bundle.interactions.item_ids[
        np.argmax(demo_bundle.interactions.matrix.getnnz(axis=0))
    ]
    panel(app)
    say(app, way="neurons")
    assert 1 <= len(board(app)["knobs"]) <= 3


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
    say(app, reset=1)
    assert board(app)["after"] == rest["after"]


def test_undo_and_redo_walk_the_whole_way(app):
    panel(app)
    first = choice(app)
    release(app, horror=0.5)
    release(app, heist=-0.5)
    say(app, undo=1)
    assert choice(app).dials == (("horror", 0.5),)
    say(app, undo=2)
    assert choice(app) == first
    assert not board(app)["undo"]
    say(app, redo=3)
    say(app, redo=4)
    assert not board(app)["redo"]
    assert choice(app).dials == (("horror", 0.5), ("heist", -0.5))


def test_any_knob_can_be_added_and_removed(app):
    panel(app)
    say(app, add="film-noir")
    assert board(app)["knobs"][0]["name"] == "Film-Noir"
    assert board(app)["knobs"][0]["added"]
    say(app, like=board(app)["after"][0])
    assert [knob["kind"] for knob in board(app)["knobs"][:2]] == ["concept", "item"]
    say(app, remove="film-noir")
    assert "film-noir" not in [knob["key"] for knob in board(app)["knobs"]]
    say(app, clear=1)
    assert not any(knob["added"] for knob in board(app)["knobs"])


def test_all_knobs_with_a_name_can_be_searched(demo_bundle):
    listed = {one["key"]: one for one in catalogue.all_knobs(demo_bundle)}
    assert {key for key, one in listed.items() if one["weak"]} == {
        key for key, knob in demo_bundle.knobs.items() if knob.weak and key in listed
    }
    assert all(knob.label is None or knob.label.named for knob in map(demo_bundle.knobs.get, listed))
    assert listed["film-noir"]["names"] == ["Film-Noir"]
    assert listed["film-noir"]["gloss"]
    renamed = demo_bundle.with_names({"horror": "Dark nights"})
    assert {tuple(one["names"]) for one in catalogue.all_knobs(renamed)} > {("Dark nights", "horror")}


def test_a_knob_that_was_found_plays_its_list_before_it_is_chosen(app, demo_bundle):
    panel(app)
    before = choice(app)
    from_browser(app, "board", preview="film-noir")
    app.run()
    told = board(sound(app))["preview"]
    assert (told["about"], told["name"]) == ("film-noir", "Film-Noir")
    noir = set(demo_bundle.interactions.tags.query("tag == 'film-noir'")["item"])
    assert len(noir & set(told["items"])) > len(noir & set(board(app)["after"]))
    assert choice(app) == before
    for forged in ("no such knob", -1, 10**9, [], {}):
        from_browser(app, "board", preview=forged)
        app.run()
        assert board(sound(app)).get("preview") is None


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
    say(app, pin=1)
    release(app, horror=0.0, heist=0.5)
    told = board(app)
    assert told["pins"] == [{"name": "Horror +0.50", "items": horror}]
    say(app, pin=2)
    heist = board(app)["after"]
    assert [pin["items"] for pin in board(app)["pins"]] == [horror, heist]
    say(app, so=0)
    assert board(app)["after"] == horror
    for forged in (7, -1, "x", None):
        say(app, unpin=forged)
    say(app, unpin=0)
    assert [pin["items"] for pin in board(app)["pins"]] == [heist]
    for n in range(5):
        say(app, pin=n + 3)
    assert len(board(app)["pins"]) == 3


def test_a_group_sees_how_well_each_is_served(app, demo_bundle):
    app.query_params["user"] = "15,30"
    panel(app)
    release(app, horror=0.4)
    told = board(app)
    history = demo_bundle.person(users=["15", "30"]).history
    expected = served(demo_bundle.engine, history, np.array(told["after"]))
    assert told["group"]["names"] == ["User 15", "User 30"]
    np.testing.assert_allclose(told["group"]["shares"], expected)
    assert told["group"]["blob"]


def test_filters_leave_out_what_does_not_fit(app, demo_bundle):
    panel(app)
    data, rest = demo_bundle.interactions, board(app)["after"]
    say(app, filter={"first": 1990, "last": None, "only": ["Drama"], "without": ["Crime"], "fresh": True})
    told = board(app)
    assert len(told["after"]) == 20
    assert told["after"] != rest
    for column in told["after"]:
        item = data.items.iloc[column]
        assert item["year"] >= 1990
        assert "Drama" in item["genres"].split("|")
        assert "Crime" not in item["genres"].split("|")
    say(app, length=50)
    assert len(board(app)["after"]) == 50
    say(app, undo=1)
    say(app, undo=2)
    assert board(app)["after"] == rest


def test_filters_that_leave_nothing_are_refused_and_forged_ones_harmless(app):
    panel(app)
    rest = board(app)["after"]
    from_browser(app, "board", filter={"first": 3000})
    app.run()
    assert ["filters that leave a title" in toast.value for toast in app.toast] == [True]
    for forged in ("x", 3, [], {"first": "1990", "only": "Drama", "without": [3], "fresh": "yes"}, {"first": 10**9}):
        say(app, filter=forged)
        assert board(app)["after"] == rest
    for forged in (7, "20", None, [10]):
        say(app, length=forged)
    assert board(app)["n"] == 20


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
    "event", [{"item": "abc"}, {"item": 10**9}, {"item": -1}, {"item": [1]}, {"card": ["x"]}, {"remove": {}},
              {"add": "none such"}, {"add": []}, {"like": -1}, {"like": "x"}, {"so": 4}]
)  # fmt: skip
def test_a_forged_click_opens_nothing(app, event):
    panel(app)
    before = choice(app)
    say(app, **event)
    sound(app)
    assert choice(app) == before
    assert not [button for button in app.button if button.key == "close the sheet"]


def test_the_choice_survives_a_visit_to_another_page(app):
    panel(app)
    release(app, horror=0.4)
    app.switch_page("pages/user.py").run()
    app.switch_page("pages/panel.py").run()
    assert choice(sound(app)).amount("horror") == 0.4


def test_a_link_opens_the_same_state_elsewhere(app, demo_path, demo_bundle):
    panel(app)
    release(app, horror=0.4, heist=-0.25)
    link = address(app)
    assert link == state.to_link(demo_bundle, choice(app))
    other = start()
    for name, value in link.items():
        other.query_params[name] = value
    panel(other)
    assert choice(other) == choice(app)
    assert board(other)["after"] == board(app)["after"]


@pytest.mark.parametrize(("event", "shows"), [("card", "What activates it"), ("item", "Every part of the score")])
def test_cards_and_receipts_stand_beside_the_board_until_they_are_closed(app, event, shows):
    panel(app)
    about = board(app)["knobs"][0]["key"] if event == "card" else board(app)["after"][3]
    say(app, **{event: about})
    texts = [block.value for block in [*app.markdown, *app.caption]]
    assert any(shows in text for text in texts), texts
    release(app, horror=0.3)
    assert any(shows in block.value for block in [*app.markdown, *app.caption])
    say(app, close=1)
    assert not any(shows in block.value for block in [*app.markdown, *app.caption])


def test_the_knob_on_a_card_is_the_knob(app):
    panel(app)
    say(app, card="#7")
    [told] = [json.loads(e.proto.json) for e in app.get("bidi_component") if e.proto.component_name == "knobs_single"]
    assert (told["key"], told["amount"]) == ("#7", 0)


def test_presets_are_saved_applied_and_deleted(app):
    panel(app)
    from_browser(app, "store", rows=[{"name": "*spooky*", "dials": "horror:0.5"}, {"name": 3}, "junk"])
    app.run()
    assert app.session_state["presets"] == [{"name": "*spooky*", "dials": "horror:0.5"}]
    say(app, keep=1)
    press(app, "use 0")
    assert choice(app).dials == (("horror", 0.5),)
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
