"""The page of a taste: another user, one's own, a group."""

import re
from html import escape

from tests.knobs_ui.driving import board, choice, panel, sound


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


def test_how_far_names_go_is_one_sentence(app, demo_bundle):
    app.run()
    app.switch_page("pages/user.py").run()
    app.selectbox("user").set_value(14).run()
    [line] = [one.value for one in sound(app).markdown if "has a name" in one.value]
    active = demo_bundle.person(demo_bundle.interactions.user_ids[14]).neurons()
    named = [one for one in active if one.label.tags]
    share = sum(one.activation for one in named) / sum(one.activation for one in active)
    assert line == f"{share:.0%} of this taste has a name: {len(named)} of {len(active)} active neurons."
    [bars] = [one.proto.body for one in app.get("html") if 'aria-label="Strongest neurons"' in one.proto.body]
    shown = re.findall(r"<li><span>([^<]*)(<small>)?", bars)
    assert [bool(small) for _, small in shown] == [not one.label.tags for one in active[:12]]
    assert not [name for name, _ in shown if name.startswith("like ")]


def test_a_taste_has_its_themes_and_a_single_title_has_few(app, demo_bundle):
    app.run()
    app.switch_page("pages/user.py").run()
    app.selectbox("user").set_value(14).run()
    themes = lambda: [one.proto.body for one in sound(app).get("html") if 'aria-label="Themes"' in one.proto.body]  # noqa: E731
    [bars] = themes()
    expected = demo_bundle.person(demo_bundle.interactions.user_ids[14]).themes()
    assert re.findall(r"<li><span>([^<]*)<small>", bars) == [escape(theme.name) for theme in expected]
    assert f"<b>{expected[0].strength:.1f} ± {expected[0].error:.1f}</b>" in bars
    app.session_state["way"] = "Build your own"
    app.run()
    app.multiselect("titles").set_value([100]).run()
    assert sum(body.count("<li>") for body in themes()) <= len(expected)


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
