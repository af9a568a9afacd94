"""A PostgreSQL that goes down under a running server, comes back, or is busy for long: lists go on."""

import logging
from datetime import UTC, datetime

import psycopg
import pytest
import requests

from knobs_core.publishing import Database, Keys, Timings
from tests import waiting
from tests.postgresql import running
from tests.service.serving import Store, put, seen, serving

LISTS = "/api/v1/recipes/noir/lists/u3"


@pytest.fixture(scope="module")
def postgresql():
    with running() as server:
        yield server


@pytest.fixture
def served(planted_bundle, postgresql):
    """(ask, desk, store) of a server with "noir" on air and a key, in a database of its own."""
    with psycopg.connect(postgresql.address, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS lists WITH (FORCE)")
        connection.execute("CREATE DATABASE lists")
    url = postgresql.address.replace("/postgres?", "/lists?")
    with Database(url) as database:
        put(Store(database), length=5)
        secret = Keys(database).create("site")
    with serving(planted_bundle, url) as (address, desk):

        def ask(path=LISTS):
            return requests.get(address + path, headers={"Authorization": f"Bearer {secret}"}, timeout=30)

        yield ask, desk, Store(desk.watch._database)


def stale(ask):
    return "Knobs-Stale" in ask("/api/v1/health").headers


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_lists_go_on_while_it_is_down_and_it_is_found_again(postgresql, served, mode, caplog, monkeypatch):
    caplog.set_level(logging.WARNING, "knobs")
    monkeypatch.setattr("knobs_core.service.watch.COUNTED", 0.2)
    ask, desk, store = served
    before = ask()
    assert "Knobs-Stale" not in before.headers
    postgresql.stop(mode)
    try:
        waiting.until(lambda: stale(ask))
        for _ in range(3):
            during = ask()
            assert (during.status_code, during.json()) == (200, before.json())
            assert during.elapsed.total_seconds() < 5  # the database would have ten
        assert not ask("/api/v1/health").json()["database"]
        unknown = ask("/api/v1/recipes/other")
        assert (unknown.status_code, unknown.headers["Retry-After"]) == (503, "5")
        assert unknown.json()["detail"] == "The database of recipes is down, and 'other' was not on air."
    finally:
        postgresql.start()
    waiting.until(lambda: not stale(ask))
    assert ask("/api/v1/recipes/other").status_code == 404
    put(store, slug="sea")
    seen(desk, lambda live: "sea" in live.versions)
    waiting.until(lambda: (took := Timings(store.database).of("noir", datetime.now(UTC))) and took.n == 4)
    waiting.until(lambda: Keys(store.database).all()[0].calls > 4)  # nothing of what was counted is lost
    said = [record.getMessage() for record in caplog.records if record.name == "knobs"]
    assert "there again" in said[-1]
    assert len(said) <= 8  # and not a line a look
    assert not any("\n" in one or "site" in one for one in said)


def test_lists_go_on_while_it_does_not_answer(postgresql, served, monkeypatch):
    monkeypatch.setattr("knobs_core.service.watch.PATIENCE", 0.5)
    ask, desk, store = served
    before = ask().json()
    with psycopg.connect(store.database.url.set(drivername="postgresql").render_as_string(False)) as other:
        other.execute("LOCK TABLE recipes IN ACCESS EXCLUSIVE MODE")
        waiting.until(lambda: stale(ask))
        assert ask().json() == before
        assert ask("/api/v1/recipes/other").status_code == 503
        other.rollback()
    waiting.until(lambda: not stale(ask))
    put(store, slug="sea")
    seen(desk, lambda live: "sea" in live.versions)
