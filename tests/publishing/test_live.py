"""What readers may get, in one look at the database."""

import sqlalchemy as sa

from knobs_core.lists import HouseRules, recipe_of
from knobs_core.publishing import Keys, Live


def put(store, slug, number=1, was=None, **fields):
    store.save(recipe_of({"slug": slug, **fields}), "ada", number - 1)
    store.publish(slug, number, "bea", "On air.", was)


def test_drafts_are_no_part_of_it(store):
    assert Live.look(store.database).versions == {}
    store.save(recipe_of({"slug": "secret"}), "ada")
    put(store, "noir")
    store.save(recipe_of({"slug": "noir", "length": 7}), "ada", 1)
    live = Live.look(store.database)
    assert {slug: version.number for slug, version in live.versions.items()} == {"noir": 1}
    assert live.withdrawn == frozenset()


def test_what_was_taken_off_the_air_is_named(store):
    for slug in ("noir", "west", "sea"):
        put(store, slug)
    store.withdraw("noir", "bea", "", 1)
    store.archive("west", "bea")
    live = Live.look(store.database)
    assert (set(live.versions), live.withdrawn) == ({"sea"}, {"noir", "west"})


def test_only_new_versions_are_read(store):
    put(store, "noir")
    put(store, "sea")
    before = Live.look(store.database)
    asked = []
    sa.event.listen(store.database.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    put(store, "sea", 2, 1, length=5)
    asked.clear()
    now = Live.look(store.database, before)
    assert len([query for query in asked if "FROM versions" in query]) == 1
    assert now.versions["noir"] is before.versions["noir"]
    assert now.versions["sea"].recipe.length == 5


def test_a_version_that_nobody_understands_breaks_no_other(store):
    put(store, "noir")
    put(store, "sea")
    with store.database.engine.begin() as connection:
        connection.execute(
            sa.text("""UPDATE versions SET document = '{"slug": "noir", "length": 0}' WHERE slug = 'noir'""")
        )
    live = Live.look(store.database)
    assert set(live.versions) == {"sea"}
    assert "length" in live.broken["noir"]


def test_rules_and_keys(store):
    keys = Keys(store.database)
    keys.create("site")
    keys.create("old")
    keys.revoke("old")
    store.save_house(HouseRules(bans=("i1",)), "bea", 0)
    live = Live.look(store.database)
    assert [key.name for key in live.keys] == ["site"]
    assert (live.house.number, live.house.rules.bans) == (1, ("i1",))
