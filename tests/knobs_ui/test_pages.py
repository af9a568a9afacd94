"""Every page through Streamlit's own test runner, on the real demo bundle. The board is driven by what its front end
would send."""

import itertools
import json

import pytest
from streamlit.testing.v1 import AppTest

from knobs_ui import html, state
from tests.plain import recommend

VERSIONS = itertools.count(1)


@pytest.fixture
def app(demo_path, monkeypatch):
    """The app on the demo bundle, opened at its front door."""
    monkeypatch.setenv("KNOBS_BUNDLE", str(demo_path))
    return AppTest.from_file("../../app.py", default_timeout=60)


def sound(app):
    assert not app.exception
    assert not app.error
    return app


def panel(app):
    return sound(app.run().switch_page("pages/panel.py").run())


def board(app):
    """What the board was last told."""
    protos = [element.proto for element in app.get("bidi_component")]
    return next(json.loads(proto.json) for proto in protos if proto.component_name == "knobs_board")


def release(app, **amounts):
    """Let go of knobs at these amounts."""
    version = str(next(VERSIONS))
    return say(app, dials={"amounts": {**amounts}, "version": version})


def say(app, **what):
    """Send what the board's front end would send."""
    app.session_state["board"] = what
    app.run()
    app.session_state["board"] = {"dials": what.get("dials")}  # events last for one run
    return sound(app)


def press(app, label):
    next(button for button in app.button if label in (button.label, button.key)).click()
    return sound(app.run())


def choice(app):
    return app.session_state[state.KEY].now


def test_front_door_leads_to_the_panel(app):
    sound(app.run())
    told = board(app)
    assert told["linear"]
    assert len(told["before"]) == 20
    assert told["before"] == told["after"]
    assert any("MovieLens by GroupLens" in block.proto.body for block in app.get("html"))


def test_a_knob_says_what_it_is(app):
    panel(app)
    knobs = board(app)["knobs"]
    assert len(knobs) == 9
    for knob in knobs:
        assert knob["name"]
        assert knob["facts"].startswith("lit ")
        assert 0 < knob["level"] <= 1
        assert sum(weight for _, weight in knob["recipe"]) == pytest.approx(1)
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


@pytest.mark.parametrize("kind", ["proven", "weak", "between"])
def test_a_card_shows_the_evidence(app, demo_bundle, kind):
    knobs = [knob for knob in demo_bundle.knobs.values() if knob.effect]
    kinds = [("proven" if knob.effect.proven else "weak" if knob.weak else "between") for knob in knobs]
    knob = knobs[kinds.index(kind)]
    panel(app)
    say(app, card=knob.key)
    [badge] = [block.value for block in app.markdown if "badge[" in block.value]
    title = {"proven": "Does what it says", "weak": "Weak", "between": "Brings the titles it was made from"}[kind]
    assert title in badge
    assert any("What else rises" in caption.value for caption in app.caption)
    assert len(app.get("plotly_chart")) == 2


def quality_tab(path):
    from pathlib import Path

    from knobs_core import bundles
    from knobs_ui.lab import knobs

    knobs.render(bundles.load(Path(path)))


def test_quality_tab_shows_verdicts_and_luck(planted_path):
    tab = sound(AppTest.from_function(quality_tab, args=(str(planted_path),), default_timeout=60).run())
    assert [metric.label for metric in tab.metric] == [
        "Average precision",
        "AUROC",
        "Tenfold knob",
        "Tenfold, held out",
    ]
    assert sum(caption.value.startswith("by luck") for caption in tab.caption) == 4
    assert len(tab.dataframe) == 2
    assert {"does what it says"} <= set(tab.dataframe[0].value["verdict"])


def test_no_two_knobs_share_a_name(demo_bundle):
    names = [knob.name.lower() for knob in demo_bundle.knobs.values()]
    assert len(names) == len(set(names))


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
    other = AppTest.from_file("../../app.py", default_timeout=60)
    for name, value in link.items():
        other.query_params[name] = value
    panel(other)
    assert choice(other) == choice(app)
    assert board(other)["after"] == board(app)["after"]


@pytest.mark.parametrize(
    ("parameters", "n_problems"),
    [
        ({"user": "nobody", "dials": "horror:9~nope:0.1~horror"}, 4),
        ({"items": "260,<script>", "seen": "x"}, 2),
        ({"user": "1,2,3,4,5,6"}, 1),
        ({}, 0),
    ],
)
def test_forged_links_are_reported_and_harmless(demo_bundle, parameters, n_problems):
    read, problems = state.from_link(demo_bundle, parameters)
    assert len(problems) == n_problems
    assert len(read.user_ids) <= 4
    assert read.dials == ()


@pytest.mark.parametrize(
    "keys", [["~260"], ["~260", "~1"], ["horror", "~260", "heist"], ["~1", "horror"], ["#5", "~260", "~1"]]
)
def test_a_link_holds_dials_made_of_items_too(demo_bundle, keys):
    dials = tuple((key, 0.1 * place) for place, key in enumerate(keys, start=1))
    written = state.to_link(state.Choice(user_ids=("15",), dials=dials, pinned=dials))
    read, problems = state.from_link(demo_bundle, written)
    assert problems == []
    for found in (read.dials, read.pinned):
        assert [key for key, _ in found] == keys
        assert [amount for _, amount in found] == pytest.approx([amount for _, amount in dials])


def test_another_user_gets_another_list(app):
    panel(app)
    first = board(app)["after"]
    app.switch_page("pages/user.py").run()
    app.selectbox("user").set_value(14).run()
    app.switch_page("pages/panel.py").run()
    assert board(sound(app))["after"] != first


def test_one_title_is_enough_for_a_taste_of_ones_own(app):
    app.run()
    app.switch_page("pages/user.py").run()
    app.session_state["way"] = "Build your own"
    app.run()
    assert "Pick at least one title" in app.info[0].value
    app.multiselect("titles").set_value([100]).run()
    assert len(choice(app).item_ids) == 1
    app.switch_page("pages/panel.py").run()
    assert sound(app).title[0].value == "Your own taste"
    assert 100 not in board(app)["after"]


def test_a_group_sees_how_well_each_is_served(app):
    app.run()
    app.switch_page("pages/user.py").run()
    app.session_state["way"] = "Group night"
    app.run()
    app.multiselect("group").set_value([3, 14, 30]).run()
    app.switch_page("pages/panel.py").run()
    assert len(choice(sound(app)).user_ids) == 3
    bars = [bar.proto for bar in app.get("progress")]
    assert len(bars) == 3
    assert all(0 <= bar.value <= 100 for bar in bars)


@pytest.mark.parametrize(("event", "shows"), [("card", "What lights it"), ("item", "Every part of the score")])
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
    one, two = (panel(AppTest.from_file("../../app.py", default_timeout=60)) for _ in range(2))
    rest = board(two)
    release(one, horror=0.9)
    two.run()
    assert board(two) == rest
    assert board(one)["after"] != rest["after"]


def test_a_bundle_that_cannot_be_used_says_so_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_BUNDLE", str(tmp_path / "none"))
    broken = AppTest.from_file("../../app.py", default_timeout=60).run()
    assert not broken.exception
    assert "make one with: knobs train" in broken.error[0].value


def test_the_first_start_trains_the_demo_with_progress(tmp_path, monkeypatch):
    monkeypatch.delenv("KNOBS_BUNDLE", raising=False)
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    first = AppTest.from_file("../../app.py", default_timeout=120).run()
    assert (tmp_path / "bundles" / "demo" / "manifest.json").exists()
    assert len(board(sound(first))["after"]) == 20


def test_titles_and_names_are_untrusted():
    nasty = '<img src=x onerror="alert(1)">'
    assert "<img" not in html.ranked([html.Row(1, nasty, nasty)], nasty)
    assert "<img" not in html.names([nasty])
    assert html.plain("*bold* [link](x) :red[y] $x$") == "\\*bold\\* \\[link\\](x) \\:red\\[y\\] \\$x\\$"
