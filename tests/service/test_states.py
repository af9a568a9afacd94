"""What is on air, what is not and why, how soon that is seen, and what is served while the database is down."""

import logging
from datetime import UTC, datetime, timedelta

import requests
import sqlalchemy as sa

from knobs_core.lists import HouseRules, recipe_of
from knobs_core.publishing import Database, Timings
from tests import waiting
from tests.service.serving import put, seen

LISTS = "/api/v1/recipes/noir/lists/u3"


def ask(address, path=LISTS, **more):
    return requests.get(address + path, timeout=30, **more)


def refused(address, status, path=LISTS):
    told = ask(address, path)
    document = told.json()
    assert (told.status_code, document["status"]) == (status, status)
    assert told.headers["Content-Type"] == "application/problem+json"
    assert told.headers["Cache-Control"] == "no-store"
    assert set(document) == {"type", "title", "status", "detail"}
    assert "\n" not in document["detail"]
    return document["detail"]


def test_a_draft_is_nowhere(studio):
    address, desk, store = studio
    said = refused(address, 404)
    store.save(recipe_of({"slug": "noir", "headline": "Secret"}), "ada")
    put(store, slug="sea")
    seen(desk, lambda live: "sea" in live.versions)
    assert refused(address, 404) == said
    assert refused(address, 404, "/api/v1/recipes/noir") == said
    assert "Secret" not in ask(address, "/api/v1/recipes").text


def test_only_the_version_that_was_published_is_served(studio):
    address, desk, store = studio
    put(store, headline="First", length=4)
    store.save(recipe_of({"slug": "noir", "headline": "Second"}), "ada", 1)
    seen(desk, lambda live: "noir" in live.versions)
    told = ask(address).json()
    assert (told["headline"], told["version"], len(told["rows"])) == ("First", 1, 4)
    store.publish("noir", 2, "bea", "Better.", 1)
    waiting.until(lambda: ask(address).json()["headline"] == "Second")
    assert ask(address).json()["version"] == 2
    store.publish("noir", 1, "bea", "Back.", 2)
    waiting.until(lambda: ask(address).json()["version"] == 1)


def test_before_its_time_after_it_and_taken_off_the_air(studio):
    address, desk, store = studio
    now = datetime.now(UTC)
    put(store, slug="soon", headline="Soon", valid_from=(now + timedelta(hours=1)).isoformat())
    put(store, slug="now", valid_to=(now + timedelta(seconds=30)).isoformat(), notes={"i1": "First."})
    put(store, slug="off")
    put(store, slug="archive")
    store.save(recipe_of({"slug": "over", "valid_to": (now - timedelta(seconds=1)).isoformat()}), "ada")
    with store.database.engine.begin() as connection:  # it was published while its time was not over
        connection.execute(sa.text("UPDATE recipes SET live = 1 WHERE slug = 'over'"))
    store.withdraw("off", "bea", "", 1)
    store.archive("archive", "bea")
    seen(desk, lambda live: {"off", "archive"} <= live.withdrawn and "over" in live.versions)
    assert "not on air yet" in refused(address, 404, "/api/v1/recipes/soon/lists/u3")
    assert "not on air yet" in refused(address, 404, "/api/v1/recipes/soon")
    for slug in ("off", "archive"):
        assert "taken off the air" in refused(address, 410, f"/api/v1/recipes/{slug}/lists/u3")
    assert refused(address, 410, "/api/v1/recipes/over/lists/u3")
    assert "The time of 'over' is over" in refused(address, 410, "/api/v1/recipes/over")
    assert [one["slug"] for one in ask(address, "/api/v1/recipes").json()["recipes"]] == ["now"]
    told = ask(address, "/api/v1/recipes/now").json()
    assert (told["notes"], told["version"], told["length"]) == ({"i1": "First."}, 1, 20)
    kept = ask(address, "/api/v1/recipes/now/lists/u3").headers["Cache-Control"]
    assert 0 <= int(kept.removeprefix("private, max-age=")) < 30


def test_rules_of_the_house_are_seen_and_hold_over_lists_by_dials_too(studio):
    address, desk, store = studio
    put(store, length=5)
    seen(desk, lambda live: "noir" in live.versions)
    before = ask(address).json()
    first = before["rows"][0]["item_id"]
    dials = "/api/v1/lists?reader=u3&n=5"
    assert ask(address, dials).json()["rows"][0]["item_id"] == first
    store.save_house(HouseRules(bans=(first,)), "bea", 0)
    seen(desk, lambda live: live.house.number == 1)
    for path in (LISTS, f"{LISTS}?rules=off", dials, f"{dials}&operator=paper"):
        assert first not in [row["item_id"] for row in ask(address, path).json()["rows"]]
    assert ask(address).json()["list_id"] != before["list_id"]


def test_a_recipe_of_another_bundle_is_served_where_it_fits(studio, planted_bundle):
    address, desk, store = studio
    fits, neuron = {"knob": "concept 3", "amount": 0.3}, {"knob": "#5", "amount": 0.3}
    put(store, slug="fits", bundle="0123456789ab", dials=[fits])
    put(store, slug="numbers", bundle="0123456789ab", dials=[neuron])
    put(store, slug="arms", bundle="0123456789ab", arms=[{"name": "b", "share": 0.1, "dials": [neuron]}])
    put(store, slug="gone", bundle="0123456789ab", dials=[{"knob": "concept 99", "amount": 0.3}])
    put(store, slug="own", bundle=planted_bundle.id, dials=[neuron])
    put(store, slug="lost", pins=[{"item": "zzz", "place": 1}])
    seen(desk, lambda live: len(live.versions) == 6)
    for slug in ("fits", "own"):
        assert ask(address, f"/api/v1/recipes/{slug}/lists/u3").json()["bundle"] == planted_bundle.id
    for slug, names in (("numbers", "#5"), ("arms", "#5"), ("gone", "concept 99")):
        said = refused(address, 409, f"/api/v1/recipes/{slug}/lists/u3")
        assert all(one in said for one in ("0123456789ab", planted_bundle.id, names))
    said = refused(address, 409, "/api/v1/recipes/lost/lists/u3")
    assert planted_bundle.id in said
    assert "'zzz'" in said
    assert ask(address, "/api/v1/recipes/lost/lists/u3?rules=off").status_code == 200


def test_readers_who_are_not_in_the_data_get_nothing_where_the_owner_says_so(planted_bundle, tmp_path):
    from tests.service.serving import Store, serving

    with serving(planted_bundle, f"sqlite:///{tmp_path / 's.sqlite'}", unknown="404", max_n=7) as (address, desk):
        put(Store(desk.watch._database))
        seen(desk, lambda live: live.versions)
        assert "'stranger'" in refused(address, 404, "/api/v1/recipes/noir/lists/stranger")
        assert refused(address, 404, "/api/v1/lists?reader=stranger")
        assert refused(address, 404, "/api/v1/explain?reader=stranger&item=i1")
        assert len(ask(address).json()["rows"]) == 7
        assert "at most 7 rows" in refused(address, 422, f"{LISTS}?n=8")


def test_while_the_database_is_down_what_was_read_last_is_served(studio, tmp_path, caplog):
    caplog.set_level(logging.WARNING, "knobs")
    address, desk, store = studio
    put(store, length=5)
    seen(desk, lambda live: live.versions)
    before = ask(address)
    assert "Knobs-Stale" not in before.headers
    store.database.close()
    (tmp_path / "base").rename(tmp_path / "away")
    waiting.until(lambda: "Knobs-Stale" in ask(address).headers)
    during = ask(address)
    assert (during.status_code, during.json()) == (200, before.json())
    assert int(during.headers["Knobs-Stale"]) >= 0
    assert ask(address, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    health = ask(address, "/api/v1/health").json()
    assert (health["database"], health["recipes"]) == (False, 1)
    unknown = ask(address, "/api/v1/recipes/other")
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (503, "5")
    (tmp_path / "away").rename(tmp_path / "base")
    waiting.until(lambda: "Knobs-Stale" not in ask(address).headers)
    assert ask(address, "/api/v1/health").json()["database"]
    assert refused(address, 404, "/api/v1/recipes/other")
    said = [record.getMessage() for record in caplog.records]
    assert 1 <= len([one for one in said if "served from what was read last" in one]) <= 3  # and not once a look
    assert said[-1] == "the database of recipes is there again"


def test_how_long_lists_took_is_written_down_and_kept_while_the_database_is_down(studio, tmp_path, monkeypatch):
    address, desk, store = studio
    put(store, length=5)
    seen(desk, lambda live: live.versions)

    def made():
        with Database(str(store.database.url)) as other:
            took = Timings(other).of("noir", datetime.now(UTC))
        return took.n if took else 0

    tag = ask(address).headers["ETag"]
    ask(address, headers={"If-None-Match": tag})  # a 304 makes no list, what is refused neither
    ask(address, "/api/v1/recipes/noir/lists/u3?n=5000")
    ask(address, "/api/v1/recipes/other/lists/u3")
    requests.post(f"{address}/api/v1/recipes/noir/lists", json={"readers": ["u1", "u2"]}, timeout=30)
    monkeypatch.setattr("knobs_core.service.watch.COUNTED", 0)
    waiting.until(lambda: made() == 3)
    store.database.close()
    (tmp_path / "base").rename(tmp_path / "away")
    waiting.until(lambda: "Knobs-Stale" in ask(address).headers)
    asked = sum(ask(address).status_code == 200 for _ in range(4))
    (tmp_path / "away").rename(tmp_path / "base")
    waiting.until(lambda: "Knobs-Stale" not in ask(address, "/api/v1/health").headers)
    waiting.until(lambda: made() > 3 + asked)
    assert sum(desk.watch._took.values()) == 0


def test_a_version_that_this_server_cannot_read_is_said_to_be_so(studio):
    address, desk, store = studio
    put(store, slug="sea")
    store.save(recipe_of({"slug": "noir"}), "ada")
    with store.database.engine.begin() as connection:
        connection.execute(sa.text("""UPDATE versions SET document = '{"slug": "noir", "n": 1}' WHERE slug = 'noir'"""))
        connection.execute(sa.text("UPDATE recipes SET live = 1 WHERE slug = 'noir'"))
    seen(desk, lambda live: live.broken)
    assert "cannot be read by this server" in refused(address, 500)
    assert ask(address, "/api/v1/recipes/sea/lists/u3").status_code == 200


def test_how_the_server_is(studio, planted_bundle):
    told = ask(studio[0], "/api/v1/health").json()
    assert (told["bundle"], told["database"], told["recipes"]) == (planted_bundle.id, True, 0)
    assert 0 <= told["looked"] <= told["uptime"] + 5
