"""One recipe: its desk, its rules, its versions, and what a forged browser cannot do."""

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from knobs_core.audience import most_readers
from knobs_core.base import ConfigError
from knobs_core.lists import Rules, arm_of, list_for, proposed_notes, recipe_of
from knobs_core.service import Client
from knobs_core.service.answers import ListRow
from knobs_ui.studio import drafts, room
from tests.knobs_ui.studio.editing import Editor, bare, press, texts


def test_a_recipe_begins_with_its_headline_and_is_saved(editor, store):
    [entry] = store.entries()
    assert (entry.slug, entry.headline, entry.draft, entry.live) == (
        "film-noir-for-christmas",
        "Film Noir for Christmas",
        1,
        None,
    )
    assert editor.desk["knobs"] == []
    assert "Draft: version 1 · never on air" in texts(editor.app)


@pytest.mark.parametrize(("headline", "said"), [("  film noir, for CHRISTMAS!", "is there"), ("!!!", "a few words")])
def test_a_headline_that_is_taken_or_none_begins_nothing(editor, store, demo_bundle, headline, said):
    with pytest.raises(ConfigError, match=said):
        drafts.begin(demo_bundle, headline)
    assert len(store.entries()) == 1


def test_the_desk_shows_the_audience_as_lists_for_makes_it(editor, demo_bundle):
    editor.add("film-noir", 0.3)
    told = editor.desk
    [knob] = told["knobs"]
    assert (knob["key"], knob["name"], knob["amount"]) == ("film-noir", "Film-Noir", 0.3)
    recipe = editor.recipe
    rules = Rules(demo_bundle, recipe)
    user = told["reader"]["name"].split()[-1]
    rows = list_for(demo_bundle.person(user), rules, rules.dials(recipe.dials))
    data = demo_bundle.interactions
    assert [row["title"] for row in told["reader"]["rows"]] == [data.main_title(row.column) for row in rows]
    assert {row["reason"] for row in told["reader"]["rows"]} == {"Film-Noir"}
    assert told["worst"][0]["name"] == f"User {user}"
    gains = [bar["share"] - bar["was"] for bar in told["exposure"]]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0


def test_shares_of_readers_are_counted_over_all_lists(editor, demo_bundle):
    """Against every reader's list, made one by one."""
    from knobs_core.audience import draw

    editor.add("film-noir", 0.3)
    rules = Rules(demo_bundle, editor.recipe)
    readers = draw(demo_bundle, 500, 0)
    dials = rules.dials(editor.recipe.dials)
    counts = np.zeros(demo_bundle.interactions.n_items)
    for row in readers.rows[: readers.n]:
        person = demo_bundle.person(demo_bundle.interactions.user_ids[row])
        counts[[one.column for one in list_for(person, rules, dials)]] += 1
    editor.say(order="reached")
    shown = editor.desk["exposure"]
    best = np.argsort(-counts, kind="stable")[: len(shown)]
    assert [bar["share"] for bar in shown] == pytest.approx(counts[best] / readers.n)
    assert [bar["title"] for bar in shown] == [demo_bundle.interactions.main_title(i) for i in best]


def test_a_drag_is_one_step_and_keeps_what_its_dials_are_made_of(editor):
    editor.add("film-noir", 0.1)
    assert editor.recipe.dials[0].neurons
    for amount in (0.14, 0.2, 0.28):
        editor.turn(held=True, film_noir=amount)
        assert editor.desk["knobs"][0]["amount"] == amount
    editor.turn(film_noir=0.3)
    assert editor.recipe.dials[0].neurons
    assert editor.recipe.dials[0].effects
    editor.say(undo=1)
    assert editor.recipe.dials[0].amount == 0.1
    editor.say(redo=1)
    assert editor.recipe.dials[0].amount == 0.3
    editor.say(remove="film-noir")
    assert editor.desk["knobs"] == []


def test_what_the_desk_says_again_is_done_once(editor):
    editor.add("film-noir", 0.1)
    for amount in (0.2, 0.3):
        editor.turn(film_noir=amount)
    for _ in range(2):
        editor.say(undo=1, told=7)
        assert editor.recipe.dials[0].amount == 0.2
        assert editor.desk["heard"] == 7
    editor.say(undo=1, told=8)
    assert editor.recipe.dials[0].amount == 0.1


@pytest.mark.parametrize(
    "told",
    [
        {"dials": {"amounts": {"film-noir": 7, "nobody": 0.5}, "version": "x", "held": False}},
        {"dials": {"amounts": {"film-noir": float("nan")}, "version": "x", "held": "yes"}},
        {"dials": [1, 2, 3]},
        {"dials": {"amounts": "film-noir", "version": {"a": 1}}},
        {"add": "no such knob"},
        {"add": 12},
        {"like": 10**9},
        {"like": "0"},
        {"reader": 10**12},
        {"reader": -1},
        {"segment": "nobody's"},
        {"order": "by name"},
        {"remove": "nothing"},
    ],
)
def test_what_a_desk_could_not_say_changes_no_recipe(editor, told):
    editor.add("film-noir", 0.3)
    before = editor.recipe
    editor.say(**told)
    assert editor.recipe == before
    assert editor.desk["knobs"][0]["amount"] == 0.3


def test_segments_and_readers_are_looked_at(editor):
    editor.add("horror", 0.4)
    told = editor.desk
    few = next(one for one in told["segments"] if one["name"] == "Newcomers")
    editor.say(segment="Newcomers")
    assert editor.desk["segment"] == "Newcomers"
    assert f"of {few['n']:,} stay" in editor.desk["figures"][0]["was"]
    editor.say(segment="")
    editor.say(reader=told["best"][0]["reader"])
    assert editor.desk["reader"]["name"] == f"The list of {told['best'][0]['name']}"


def test_rules_are_fields_of_the_draft(editor):
    editor.tab("Rules")
    editor.field("text_input", "headline").input("Noir nights").run()
    editor.field("number_input", "length").set_value(8).run()
    editor.field("number_input", "pool last").set_value(1960).run()
    editor.field("multiselect", "pool without").set_value(["Horror"]).run()
    editor.find("pin", "casablanca", "Casablanca (1942)")
    editor.find("ban", "psycho", "Psycho (1960)")
    recipe = editor.recipe
    assert (recipe.headline, recipe.length, recipe.pool.last, recipe.pool.without) == (
        "Noir nights",
        8,
        1960,
        ("Horror",),
    )
    assert [(pin.item, pin.place) for pin in recipe.pins] == [("912", 1)]
    assert recipe.bans == ("1219",)
    editor.field("number_input", "pin 912").set_value(3).run()
    assert editor.recipe.pins[0].place == 3
    press(editor.app, f"{editor.name} ban drop 1219")
    assert editor.recipe.bans == ()
    editor.tab("List")
    assert [row["reason"] for row in editor.desk["reader"]["rows"]][2] == "pin"
    assert len(editor.desk["reader"]["rows"]) == 8


def test_notes_are_proposed_for_what_a_dial_brings_and_stay_the_editors(editor, demo_bundle):
    editor.add("film-noir", 0.4)
    proposed = proposed_notes(demo_bundle, editor.recipe)
    assert set(proposed.values()) == {"Here for more film-noir."}
    editor.tab("Rules")
    press(editor.app, f"{editor.name} propose")
    assert editor.recipe.notes == proposed
    first = next(iter(proposed))
    editor.field("text_input", f"note {first}").input("The one to begin with.").run()
    press(editor.app, f"{editor.name} propose")
    assert editor.recipe.notes == {**proposed, first: "The one to begin with."}


def test_a_rule_that_another_makes_void_is_named_on_the_desk(editor):
    editor.tab("Rules")
    editor.find("pin", "casablanca", "Casablanca (1942)")
    editor.find("ban", "casablanca", "Casablanca (1942)")
    assert "is pinned to place 1 but banned by the recipe" in texts(editor.app)
    editor.tab("List")
    assert editor.desk["conflicts"] == ["'Casablanca' is pinned to place 1 but banned by the recipe."]


def test_times_that_are_none_are_refused_and_the_field_stays(editor):
    from datetime import date

    editor.tab("Rules")
    editor.field("date_input", "valid_from day").set_value(date(2030, 12, 24)).run()
    editor.field("selectbox", "zone").set_value("Europe/Prague").run()
    assert editor.recipe.valid_from.isoformat() == "2030-12-24T00:00:00+01:00"
    editor.field("date_input", "valid_to day").set_value(date(2030, 12, 23)).run()
    assert "it ends before it begins" in editor.said
    assert editor.recipe.valid_to is None
    assert editor.field("date_input", "valid_to day").value is None


def test_a_quota_is_added_and_taken_out(editor):
    editor.tab("Rules")
    app, name = editor.app, editor.name
    app.selectbox(key=f"{name} quota of").set_value("decade")
    app.number_input(key=f"{name} quota most").set_value(2)
    app.number_input(key=f"{name} quota window").set_value(5)
    press(app, "Add")
    [quota] = editor.recipe.quotas
    assert (quota.of, quota.most, quota.window) == ("decade", 2, 5)
    press(app, f"{name} quota 0")
    assert editor.recipe.quotas == ()
    press(app, "Add")  # neither at most nor at least
    assert "a quota says how many" in editor.said


def test_a_draft_beside_what_is_live(editor, store):
    editor.add("film-noir", 0.3)
    editor.save()
    assert "Saved as version 2" in editor.said
    store.publish(editor.name, 2, "bea", "now", None)
    editor.turn(film_noir=0.5)
    assert "with changes in hand · version 2 is live and on air" in texts(editor.app)
    editor.tab("Versions")
    said = texts(editor.app)
    assert "**Version 2** · live" in said
    assert "film-noir +0.30 added" in said
    press(editor.app, "from 1")
    assert editor.recipe.dials == ()
    press(editor.app, "Discard changes")
    assert editor.recipe.dials[0].amount == 0.3


def test_a_second_editor_loses_nothing(editor, store):
    editor.add("film-noir", 0.3)
    editor.save()
    editor.tab("Rules")
    other = Editor.at(editor.name)
    other.turn(film_noir=0.5)
    other.tab("Rules")
    other.field("text_input", "headline").input("Dark nights").run()
    other.save()
    editor.field("number_input", "length").set_value(10).run()
    editor.save()  # another field: both come together
    assert "It holds what others changed meanwhile" in editor.said
    now = store.version(editor.name).recipe
    assert (now.length, now.headline, now.dials[0].amount) == (10, "Dark nights", 0.5)


def test_who_has_changed_nothing_goes_on_with_what_others_saved(editor, store):
    other = Editor.at(editor.name)
    other.add("film-noir", 0.3)
    other.save()
    editor.app.run()
    assert editor.desk["knobs"][0]["amount"] == 0.3
    assert "Draft: version 2 " in texts(editor.app)


def test_what_both_changed_is_asked_about(editor, store):
    editor.add("film-noir", 0.3)
    editor.save()
    other = Editor.at(editor.name)
    other.turn(film_noir=0.5)
    other.save()
    editor.turn(film_noir=0.1)
    editor.save()
    said = texts(editor.app)
    assert "saved version 3 meanwhile" in said
    assert "Theirs: film-noir +0.30 -> +0.50" in said
    assert "Yours: film-noir +0.30 -> +0.10" in said
    assert store.version(editor.name).number == 3
    press(editor.app, "Save mine over it")
    assert store.version(editor.name).recipe.dials[0].amount == 0.1
    assert [version.number for version in store.history(editor.name)] == [4, 3, 2, 1]
    other.turn(film_noir=0.7)
    other.save()
    press(other.app, "Take theirs")
    assert other.recipe.dials[0].amount == 0.1


def test_what_was_not_saved_comes_back_from_the_browser(editor, store):
    editor.add("film-noir", 0.3)
    kept = {"base": 1, "recipe": editor.recipe.model_dump(mode="json", exclude_defaults=True)}
    again = Editor.at(editor.name)
    assert again.recipe.dials == ()
    key = f"draft {editor.name} of {again.app.session_state['bundle'].id}"
    again.app.session_state[key] = {"rows": [kept]}
    again.app.run()
    assert again.recipe.dials[0].amount == 0.3
    assert "is here again" in again.said
    assert store.version(editor.name).number == 1


@pytest.mark.parametrize(
    "rows",
    [
        "x",
        [3],
        [{"base": 99, "recipe": {"slug": "film-noir-for-christmas"}}],
        [{"base": 1, "recipe": {"slug": "another"}}],
        [{"base": 1, "recipe": {"slug": "film-noir-for-christmas", "length": 10**9}}],
    ],
)
def test_what_a_browser_says_it_kept_is_checked(editor, rows):
    again = Editor.at(editor.name)
    key = f"draft {editor.name} of {again.app.session_state['bundle'].id}"
    again.app.session_state[key] = {"rows": rows}
    again.app.run()
    assert not again.app.exception
    assert again.recipe == recipe_of(
        {"slug": editor.name, "headline": "Film Noir for Christmas", "bundle": again.recipe.bundle}
    )


def test_dials_from_a_shelf(editor):
    app = editor.app
    for typed, title in (("casablanca", "Casablanca (1942)"), ("maltese", "The Maltese Falcon (1941)")):
        editor.find("wanted", typed, title)
    editor.find("unwanted", "psycho", "Psycho (1960)")
    assert editor.recipe.shelf.wanted == ("912", "913")
    assert "Casablanca (1942): covered ." in texts(app)
    press(app, "Put them on the desk")
    assert 1 <= len(editor.recipe.dials) <= 10
    assert any(turn.amount > 0 for turn in editor.recipe.dials)


def test_the_smallest_dials_for_a_wish(editor):
    app, name = editor.app, editor.name
    editor.add("film-noir", 0.1)
    app.selectbox(key=f"{name} wish theme").set_value("film-noir")
    app.number_input(key=f"{name} wish share").set_value(30)
    press(app, "Find the dials")
    assert "These dials do it. No smaller turn does it" in texts(app)
    press(app, "Put these dials on the desk")
    assert editor.recipe.dials[0].amount > 0.1
    app.text_input(key=f"{name} wish title").input("No Such Film")
    next(one for one in app.button if one.label == "Find the dials").click()
    app.run()
    assert "'No Such Film'" in bare(app.error[0].value)


def test_thresholds_of_a_knob(editor):
    editor.add("film-noir", 0.1)
    press(editor.app, "Work them out")
    said = texts(editor.app)
    assert "reaches 50% of the readers" in said
    assert "Exact, with all other dials as they stand." in said


def test_a_recipe_that_is_not_there(app):
    app.query_params["recipe"] = "nowhere"
    app.run().switch_page("pages/recipe.py").run()
    assert app.title[0].value == "No such recipe"


def test_keys_of_programs_are_told_where_lists_are_delivered(editor, store):
    from knobs_core.publishing import Keys

    editor.tab("Deliver")
    assert "No program has a key yet" in texts(editor.app)
    Keys(store.database).create("website")
    editor.tab("Deliver")
    said = texts(editor.app)
    assert "website" in said
    assert "never" in said
    curl, python, render = (code.value for code in editor.app.code)
    assert f"/api/v1/recipes/{editor.name}/lists/" in curl
    assert f"--recipe {editor.name}.json" in render
    first, _, client, loop, row = python.splitlines()
    known = {}
    exec(f"{first}\n{client}", known)  # what an editor copies works as it stands
    assert isinstance(known["client"], Client)
    assert f'client.list("{editor.name}", ' in loop
    fields = set(re.findall(r"row\.(\w+)", row))
    assert fields <= set(ListRow.model_fields)


def arms(editor):
    return [(arm.name, arm.share, {one.knob: one.amount for one in arm.dials}) for arm in editor.recipe.arms]


def dealt(editor):
    """What the table says who gets: {arm: (share, of the audience)}."""
    rows = re.findall(
        r"<tr><td><bdi>(.*?)</bdi></td><td><bdi>(.*?)</bdi></td><td><bdi>(\d+) of 500<", texts(editor.app)
    )
    return {name: (share, int(n)) for name, share, n in (map(bare, row) for row in rows)}


def test_arms_are_added_named_weighed_and_taken_out(editor, store, demo_bundle):
    editor.add("film-noir", 0.3)
    editor.tab("Rules")
    press(editor.app, "Add an arm")
    assert arms(editor) == [("b", 0.1, {"film-noir": 0.3})]
    editor.field("text_input", "arm 0 name").input("dark").run()
    editor.field("number_input", "arm 0 share").set_value(25.0).run()
    editor.tab("List")
    editor.turn(film_noir=0.0)
    editor.tab("Rules")
    press(editor.app, "Add an arm")
    assert arms(editor) == [("dark", 0.25, {"film-noir": 0.3}), ("b", 0.1, {})]
    assert "Film-Noir +0.30" in texts(editor.app)
    assert "No dials: its readers get their own list, under the rules." in texts(editor.app)
    found = dealt(editor)
    assert {name: share for name, (share, _) in found.items()} == {
        "the recipe itself": "65%",
        "dark": "25%",
        "b": "10%",
    }
    readers = room.audience(demo_bundle).readers
    of = [arm_of(editor.recipe, user) for user in demo_bundle.interactions.user_ids[readers.rows[: readers.n]]]
    assert found["dark"][1] == sum(arm is not None and arm.name == "dark" for arm in of)
    assert sum(n for _, n in found.values()) == 500
    editor.save()
    assert store.version(editor.name).recipe.arms == editor.recipe.arms
    press(editor.app, f"{editor.name} arm 0 away")
    assert arms(editor) == [("b", 0.1, {})]
    press(editor.app, "undo draft")
    assert [name for name, *_ in arms(editor)] == ["dark", "b"]


def test_what_is_no_arm_is_said_in_a_sentence_and_stays_as_it_was(editor):
    editor.tab("Rules")
    for _ in range(2):
        press(editor.app, "Add an arm")
    before = arms(editor)
    for typed, said in {
        "  ": "expected letters, digits, '.', '-' or '_', found no name; it is still called b",
        "b b": "expected letters, digits, '.', '-' or '_', found 'b b'; it is still called b",
        "c": "expected a name of its own, found 'c'; it is still called b",
    }.items():
        editor.field("text_input", "arm 0 name").input(typed).run()
        assert editor.said == said
        assert editor.field("text_input", "arm 0 name").value == "b"
    for percent in (90.0, 99.9):
        editor.field("number_input", "arm 0 share").set_value(percent).run()
        assert editor.said == f"expected less than 90%, found {percent:.4g}%; it still has 10%"
        assert editor.field("number_input", "arm 0 share").value == 10
    assert arms(editor) == before
    editor.field("number_input", "arm 0 share").set_value(89.9).run()
    assert [share for _, share, _ in arms(editor)] == [0.899, 0.1]
    press(editor.app, "Add an arm")
    assert sum(share for _, share, _ in arms(editor)) < 1


def test_dials_of_an_arm_come_to_the_desk_and_go_back(editor):
    editor.add("film-noir", 0.3)
    editor.tab("Rules")
    press(editor.app, "Add an arm")
    editor.tab("List")
    editor.turn(film_noir=-0.2)
    editor.tab("Rules")
    press(editor.app, "Swap with the desk")
    assert arms(editor) == [("b", 0.1, {"film-noir": -0.2})]
    assert [one.amount for one in editor.recipe.dials] == [0.3]
    press(editor.app, "Swap with the desk")
    assert arms(editor) == [("b", 0.1, {"film-noir": 0.3})]
    press(editor.app, "Use the desk's dials")
    assert arms(editor) == [("b", 0.1, {"film-noir": -0.2})]
    for _ in range(7):
        press(editor.app, "Add an arm")
    assert "A recipe has 8 arms at most." in texts(editor.app)
    assert "Add an arm" not in [bare(one.label) for one in editor.app.button]


def test_how_long_lists_took_is_told_where_they_are_delivered(editor, store):
    from knobs_core.publishing import Counted, Timings, step_of

    editor.tab("Deliver")
    assert "No server has made a list of it in the last 24 hours." in texts(editor.app)
    counts = {Counted(editor.name, step_of(0.0015)): 1_500, Counted(editor.name, step_of(0.25)): 100}
    Timings(store.database).add({**counts, Counted("other", step_of(9)): 9_000}, datetime.now(UTC))
    editor.tab("Deliver")
    said = texts(editor.app)
    assert "Servers made 1,600 lists of it in the last 24 hours." in said
    assert "Half of the lists took at most 1.6 ms, 95 in 100 (p95) at most 289.6 ms." in said


def test_on_a_large_catalogue_the_desk_has_as_many_readers_as_a_frame_has_room_for(planted_bundle, monkeypatch):
    monkeypatch.setattr(room, "FRAME", 0.002)
    people = room.audience(planted_bundle, seed=7).readers
    assert people.n == most_readers(planted_bundle.interactions.n_items, 0.002) < 500
    assert "500 would take too long" in people.sentence


def test_at_rest_the_desk_shows_whom_titles_reach(editor):
    assert editor.desk["order"] == "reached"
    assert len(editor.desk["exposure"]) == 15
    assert all(bar["share"] == bar["was"] > 0 for bar in editor.desk["exposure"])
    editor.add("film-noir", 0.3)
    assert editor.desk["order"] == "gained"
