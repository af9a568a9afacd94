"""Saving, publishing and what two people do at once, on SQLite and on PostgreSQL."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from knobs_core.base import ConfigError, UnknownNameError
from knobs_core.lists import HouseRules, recipe_of
from knobs_core.publishing import Database, OvertakenError, Store
from tests.waiting import at_once


def recipe(slug="noir", **fields):
    return recipe_of({"slug": slug, **fields})


def test_saving_makes_versions_and_changes_nothing_on_air(store):
    first = store.save(recipe(headline="Noir"), "ada").version
    store.publish("noir", 1, "chief", "for tonight", None)
    second = store.save(recipe(headline="Noir", length=12), "ada", base=1).version
    assert (first.number, second.number) == (1, 2)
    assert store.live("noir").number == 1
    assert [version.number for version in store.history("noir")] == [2, 1]
    assert store.version("noir").recipe.length == 12
    assert store.version("noir", 1).recipe == recipe(headline="Noir")
    assert second.at.tzinfo is not None
    assert abs(datetime.now(UTC) - store.version("noir").at) < timedelta(hours=1)
    assert [(entry.draft, entry.live, entry.state) for entry in store.entries()] == [(2, 1, "on air")]


def test_saving_the_same_again_makes_no_version(store):
    store.save(recipe(headline="Noir"), "ada")
    assert store.save(recipe(headline="Noir"), "bob", base=1).version.number == 1


def test_a_second_editor_gets_both_changes(store):
    store.save(recipe(headline="Noir"), "ada")
    store.save(recipe(headline="Dark"), "ada", base=1)
    saved = store.save(recipe(headline="Noir", length=12), "bob", base=1)
    assert saved.version.recipe == recipe(headline="Dark", length=12)
    assert saved.merged == ("headline",)


def test_a_second_editor_who_changed_the_same_is_told_and_nothing_is_lost(store):
    store.save(recipe(headline="Noir"), "ada")
    store.save(recipe(headline="Dark"), "ada", base=1)
    with pytest.raises(OvertakenError, match=r"version 2, saved by ada at .*both of you changed headline") as told:
        store.save(recipe(headline="Black"), "bob", base=1)
    assert told.value.fields == ("headline",)
    assert store.version("noir").recipe.headline == "Dark"
    assert store.save(recipe(headline="Black"), "bob", base=told.value.theirs.number).version.number == 3


def test_a_new_recipe_does_not_take_the_place_of_another(store):
    store.save(recipe(headline="Noir"), "ada")
    with pytest.raises(OvertakenError, match="a name that is free"):
        store.save(recipe(headline="Mine"), "bob")
    assert store.version("noir").recipe.headline == "Noir"


def test_publishing_needs_a_note_and_the_state_that_was_seen(store):
    store.save(recipe(), "ada")
    store.save(recipe(length=12), "ada", base=1)
    with pytest.raises(ConfigError, match="a note"):
        store.publish("noir", 1, "chief", " ", None)
    store.publish("noir", 1, "chief", "first", None)
    with pytest.raises(OvertakenError, match="nothing of noir on air, found version 1"):
        store.publish("noir", 2, "other", "second", None)
    store.publish("noir", 2, "other", "second", 1)
    store.publish("noir", 1, "chief", "back to the first", 2)
    store.withdraw("noir", "chief", "", 1)
    with pytest.raises(ConfigError, match="found none"):
        store.withdraw("noir", "chief", "", 1)
    assert store.live("noir") is None
    assert [(act.what, act.by, act.was, act.now) for act in store.acts("noir")] == [
        ("withdrawn", "chief", 1, None),
        ("published", "chief", 2, 1),
        ("published", "other", 1, 2),
        ("published", "chief", None, 1),
    ]


def test_time_is_asked_when_it_is_read(store):
    now = datetime.now(UTC)
    store.save(recipe("past", valid_to=now - timedelta(days=1)), "ada")
    store.save(recipe("future", valid_from=now + timedelta(days=1)), "ada")
    with pytest.raises(ConfigError, match="whose time is not over"):
        store.publish("past", 1, "chief", "late", None)
    store.publish("future", 1, "chief", "early", None)
    assert {entry.slug: entry.state for entry in store.entries()} == {"past": "draft", "future": "upcoming"}


def test_the_archive_takes_off_the_air(store):
    store.save(recipe(), "ada")
    store.publish("noir", 1, "chief", "first", None)
    store.archive("noir", "chief")
    assert (store.entries(), store.live("noir")) == ([], None)
    assert [entry.state for entry in store.entries(archived=True)] == ["archived"]
    with pytest.raises(ConfigError, match="not archived"):
        store.publish("noir", 1, "chief", "again", None)
    store.archive("noir", "chief", archived=False)
    assert [entry.state for entry in store.entries()] == ["draft"]


def test_house_rules_have_versions_too(store):
    assert store.house().rules == HouseRules()
    store.save_house(HouseRules(bans=("1",)), "chief", 0)
    with pytest.raises(ConfigError, match="version 0, found version 1"):
        store.save_house(HouseRules(bans=("2",)), "other", 0)
    store.save_house(HouseRules(bans=("1", "2")), "other", 1)
    assert (store.house().number, store.house().rules.bans) == (2, ("1", "2"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.version("none"),
        lambda store: store.live("none"),
        lambda store: store.history("none"),
        lambda store: store.save(recipe("none"), "ada", base=3),
        lambda store: store.publish("none", 1, "ada", "why", None),
        lambda store: store.archive("none", "ada"),
    ],
)
def test_what_there_is_not_is_named(store, ask):
    with pytest.raises(UnknownNameError, match="none"):
        ask(store)


def test_an_unknown_version_is_named(store):
    store.save(recipe(), "ada")
    with pytest.raises(UnknownNameError, match="found 7"):
        store.save(recipe(length=3), "ada", base=7)


def test_many_who_save_at_once_lose_nothing(url):
    """Eight people add five notes each, all of them upon the first version."""
    with Database(url) as database:
        Store(database).save(recipe(), "ada")

    def work(person):
        with Database(url) as database:
            store = Store(database)
            for i in range(5):
                base = store.version("noir")
                notes = {**base.recipe.notes, f"{person}-{i}": "seen"}
                store.save(base.recipe.model_copy(update={"notes": notes}), str(person), base.number)

    at_once(work, 8)
    with Database(url) as database:
        assert len(Store(database).version("noir").recipe.notes) == 40
        numbers = [version.number for version in Store(database).history("noir")]
    assert numbers == list(range(41, 0, -1))


def test_of_two_who_publish_at_once_one_is_told(url):
    with Database(url) as database:
        Store(database).save(recipe(), "ada")
    barrier, told = threading.Barrier(4), []

    def work(person):
        with Database(url) as database:
            barrier.wait()
            try:
                Store(database).publish("noir", 1, str(person), "why", None)
            except OvertakenError as error:
                told.append(error)

    at_once(work, 4)
    assert len(told) == 3
    with Database(url) as database:
        assert len(Store(database).acts("noir")) == 1
