"""The page of a taste: another user, one's own, a group."""

import re
from html import escape

import pytest

from knobs_core.base import title_case
from knobs_ui.board import catalogue
from knobs_ui.people import lit
from tests.knobs_ui.driving import board, choice, from_wall, pick, sound, wall


@pytest.fixture
def user_page(app):
    """The page where somebody of the data set is chosen."""
    app.run()
    app.session_state["way"] = "One user"
    return app.switch_page("pages/user.py").run()


def test_the_bare_address_greets_a_newcomer_with_titles_that_many_know(app, demo_bundle):
    shown = wall(sound(app.run()))
    likes = demo_bundle.interactions.matrix.getnnz(axis=0)
    assert len(shown["covers"]) == 24
    assert min(likes[cover["item"]] for cover in shown["covers"]) >= sorted(likes)[-100]
    assert (shown["themes"], shown["list"], shown["picked"], shown["memory"]) == ([], [], [], None)
    assert shown["ask"] is True
    assert len(shown["people"]) == 6
    assert shown["people"][0]["line"].startswith("Loves ")
    assert any("MovieLens by GroupLens" in block.proto.body for block in app.get("html"))


def test_each_pick_lights_up_themes_and_deals_a_list(app, demo_bundle):
    columns = [cover["item"] for cover in wall(sound(app.run()))["covers"]][4:7]
    one = wall(pick(app, columns[0]))
    three = wall(pick(app, *columns))
    ids = demo_bundle.interactions.item_ids[columns].tolist()
    person = demo_bundle.person(items=ids)
    assert [row["item"] for row in three["list"]] == person.recommend(n=7).recommendation.items.tolist()
    assert [theme["key"] for theme in three["themes"]] == [theme.key for theme in lit(person.themes(12))]
    assert one["list"] != three["list"]
    assert choice(app).item_ids == tuple(ids)
    assert three["memory"] == {"link": {"items": ",".join(ids), "bundle": demo_bundle.id}}
    assert wall(pick(app))["list"] == []  # all are taken back
    assert len(choice(app).user_ids) == 1  # of nobody is of the first user


def test_of_a_large_catalogue_the_most_liked_titles_are_searched_and_the_field_says_so(app, monkeypatch):
    assert wall(sound(app.run()))["search"] == "Or type any title"
    monkeypatch.setattr(catalogue, "WHOLE", 100)
    assert wall(sound(app.run()))["search"] == "Or type one of the 100 most liked titles"


def test_what_a_forged_wall_says_is_left_out(app, demo_bundle):
    app.run()
    n = demo_bundle.interactions.n_items
    pick(app, -1, n, "3", True, None, 5, 5, [6])
    assert choice(app).item_ids == (demo_bundle.interactions.item_ids[5],)
    before = choice(app)
    for said in ({"picks": "all"}, {"picks": {"items": 7, "version": ""}}, {"user": "nobody"}, {"user": [1]}):
        from_wall(app, **said)
        assert choice(app) == before


def test_who_comes_back_finds_picks_and_dials_and_is_told_what_is_gone(app, demo_bundle):
    link = {"items": "260,1198,2571", "dials": "heist:0.3"}
    shown = wall(from_wall(app.run(), memory={"bundle": demo_bundle.id, "link": link}))
    assert [cover["title"] for cover in shown["picked"]][1:] == ["Raiders of the Lost Ark", "The Matrix"]
    assert (shown["returned"], shown["note"], shown["ask"]) == (True, "", False)
    assert choice(app).dials == (("heist", 0.3),)
    assert wall(from_wall(app, forget=1))["returned"] is False
    assert choice(app).item_ids == ()


@pytest.mark.parametrize(
    "link",
    [
        {"items": "260,no-such", "dials": "heist:0.3"},
        {"items": "260", "dials": "#4:0.2~heist:0.3", "bundle": "other", "names": "4:Rain"},
    ],
)
def test_what_another_bundle_does_not_have_is_left_out_with_one_quiet_line(app, link):
    shown = wall(from_wall(app.run(), memory={"link": link}))
    assert choice(app).item_ids == ("260",)
    assert shown["note"].startswith("Not all of what you had is here any more")
    assert choice(app).dials == (("heist", 0.3),)


@pytest.mark.parametrize("memory", [{}, {"link": 7}, {"link": {"user": "nobody"}}, {"link": {}, "bundle": None}, "x"])
def test_a_memory_that_holds_nobody_greets_a_newcomer(app, memory):
    shown = wall(from_wall(app.run(), memory=memory))
    assert (shown["returned"], shown["ask"], shown["picked"]) == (False, False, [])


def test_somebody_else_is_met_by_a_line_of_their_taste(app):
    somebody = wall(sound(app.run()))["people"][2]
    from_wall(app, user=somebody["id"])
    assert choice(app).user_ids == (somebody["id"],)
    assert app.title[0].value == f"User {somebody['id']}"


def test_another_user_gets_another_list(app, user_page):
    app.selectbox("user").set_value("15").run()
    assert any(re.match(r"Loves .*: .* · User 15 · 310 likes$", option) for option in app.selectbox("user").options)
    app.switch_page("pages/panel.py").run()
    first = board(sound(app))["after"]
    app.switch_page("pages/user.py").run()
    app.selectbox("user").set_value("30").run()
    app.switch_page("pages/panel.py").run()
    assert board(sound(app))["after"] != first


def test_how_far_names_go_is_one_sentence(app, user_page, demo_bundle):
    app.selectbox("user").set_value("15").run()
    [line] = [one.value for one in sound(app).markdown if "has a name" in one.value]
    active = demo_bundle.person("15").neurons()
    named = [one for one in active if one.label.tags]
    share = sum(one.activation for one in named) / sum(one.activation for one in active)
    assert line == f"{share:.0%} of this taste has a name: {len(named)} of {len(active)} active neurons."
    [bars] = [one.proto.body for one in app.get("html") if 'aria-label="Strongest neurons"' in one.proto.body]
    shown = re.findall(r"<li><span><bdi>([^<]*)</bdi>(<small>)?", bars)
    assert [bool(small) for _, small in shown] == [not one.label.tags for one in active[:12]]
    assert not [name for name, _ in shown if name.startswith("like ")]


def test_a_taste_has_its_themes(app, user_page, demo_bundle):
    app.selectbox("user").set_value("15").run()
    [bars] = [one.proto.body for one in sound(app).get("html") if 'aria-label="Themes"' in one.proto.body]
    expected = demo_bundle.person("15").themes()
    assert re.findall(r"<li><span><bdi>([^<]*)</bdi><small>", bars) == [
        escape(title_case(theme.name)) for theme in expected
    ]
    assert f"<b>{expected[0].strength:.1f} ± {expected[0].error:.1f}</b>" in bars


def test_a_group_sees_how_well_each_is_served(app):
    app.run()
    app.switch_page("pages/user.py").run()
    app.session_state["way"] = "Group night"
    app.run()
    app.multiselect("group").set_value(["4", "15", "31"]).run()
    app.switch_page("pages/panel.py").run()
    assert len(choice(sound(app)).user_ids) == 3
    group = board(app)["group"]
    assert len(group["names"]) == len(group["shares"]) == 3
    assert all(0 <= share <= 1 for share in group["shares"])
