"""All recipes: documents, calendar, house rules, health, and who may see them."""

from datetime import UTC, datetime, timedelta

import pytest

from knobs_core.lists import recipe_of, turns_of
from knobs_ui import owner
from knobs_ui.studio import drafts
from knobs_ui.studio.overview import Span
from tests.knobs_ui.driving import panel, release, sound
from tests.knobs_ui.studio.editing import Editor, bare, press, texts


def studio(app, tab="Recipes"):
    app.run().switch_page("pages/studio.py")
    app.session_state["studio tab"] = tab
    return sound(app.run())


def test_readers_have_no_studio(app, monkeypatch):
    monkeypatch.setattr(owner, "is_owner", lambda: False)
    app.run().switch_page("pages/studio.py").run()
    assert "an editor" in bare(app.error[0].value)
    assert [button.label for button in app.button] == []


def test_documents_say_what_they_are_and_are_archived(app, store, demo_bundle):
    recipe = recipe_of({"slug": "noir", "headline": "*Noir*", "dials": [{"knob": "film-noir", "amount": 0.3}]})
    store.save(recipe, "ada")
    store.publish("noir", 1, "bea", "now", None)
    studio(app)
    said = texts(app)
    assert "Film-Noir +0.30 · 20 titles · always" in said
    assert "live: version 1" in said
    assert ":green-badge[On air]" in said
    press(app, "archive noir")
    assert store.live("noir") is None
    assert "No recipe yet" in texts(app)
    app.toggle(key="archived too").set_value(True).run()
    press(app, "archive noir")
    assert [entry.state for entry in store.entries()] == ["draft"]


def test_the_calendar_warns_where_times_overlap(app, store):
    now = datetime.now(UTC)
    for name, begins, ends in (("one", -1, 2), ("two", 1, 4), ("three", 5, 6)):
        times = {"valid_from": now + timedelta(days=begins), "valid_to": now + timedelta(days=ends)}
        store.save(recipe_of({"slug": name, **times}), "ada")
        store.publish(name, 1, "ada", "now", None)
    studio(app, "Calendar")
    warned = [bare(one.value) for one in app.warning]
    assert warned == ["**one** and **two** are on air at the same time."]


@pytest.mark.parametrize(
    ("one", "other", "meets"),
    [
        ((None, None), (None, None), True),
        ((1, 3), (3, 5), False),
        ((1, 3), (2, None), True),
        ((None, 2), (2, None), False),
        ((4, None), (None, 5), True),
    ],
)
def test_spans_meet_at_some_moment(one, other, meets):
    def span(begins, ends):
        days = [datetime(2030, 1, day, tzinfo=UTC) if day else None for day in (begins, ends)]
        return Span("x", "x", 1, *days)

    assert span(*one).meets(span(*other)) is meets
    assert span(*other).meets(span(*one)) is meets


def test_house_rules_hold_at_once(app, store):
    studio(app, "House rules")
    app.text_input(key="house ban typed").input("psycho").run()
    press(app, "Psycho (1960)")
    assert store.house().rules.bans == ("1219",)
    app.multiselect(key="house without").set_value(["Horror"]).run()
    assert store.house().rules.without == ("Horror",)
    assert "Version 2 by" in texts(app)


def test_a_recipe_of_another_bundle_is_carried_over_and_nothing_goes_on_air(app, store, demo_bundle):
    dials = turns_of(demo_bundle, demo_bundle.knobs.dials({"film-noir": 0.3}))
    lost = {"knob": "no such theme", "amount": 0.2, "name": "No such theme"}
    document = {"slug": "old", "bundle": "another", "dials": [*(one.model_dump() for one in dials), lost]}
    store.save(recipe_of(document), "ada")
    studio(app, "Health")
    assert ":red-badge[Needs a person]" in texts(app)
    press(app, "Carry it over into a draft")
    now = store.version("old")
    assert (now.number, now.recipe.bundle) == (2, demo_bundle.id)
    assert [turn.knob for turn in now.recipe.dials] == ["film-noir"]
    assert store.live("old") is None
    assert ":green-badge[Fits]" in texts(app)


def test_the_panel_offers_a_recipe_with_its_dials_to_editors_alone(app, store, demo_bundle, monkeypatch):
    panel(app)
    release(app, horror=0.3)
    press(app, "Make a recipe")
    assert [field.label for field in app.text_input] == ["Headline"]
    made = drafts.begin(demo_bundle, "Dark", dials=turns_of(demo_bundle, demo_bundle.knobs.dials({"horror": 0.3})))
    [dial] = store.version(made).recipe.dials
    assert (dial.knob, dial.amount, bool(dial.effects)) == ("horror", 0.3, True)
    monkeypatch.setattr(owner, "is_owner", lambda: False)
    panel(app)
    assert "Make a recipe" not in [button.label for button in app.button]


def test_a_recipe_that_begins_with_a_shelf_shows_its_dials(store, app, demo_bundle):
    name = drafts.begin(demo_bundle, "From a lasso", shelf={"wanted": ["912", "913"]})
    editor = Editor.at(name)
    assert "Casablanca (1942): covered ." in texts(editor.app)
