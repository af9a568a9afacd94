"""Who is answered: whoever shows a key, or without any key this very machine."""

import contextlib

import pytest
import requests

from knobs_core.publishing import Database, Keys
from tests import waiting
from tests.service.serving import seen, serving

CLOSED = ("/api/v1/recipes", "/api/v1/recipes/noir/lists/u3", "/api/v1/lists?reader=u3", "/api/v1/search?q=i")
OPEN = ("/api/v1/health", "/openapi.json", "/docs")


def status(address, path, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.get(address + path, headers=named, timeout=30).status_code


@contextlib.contextmanager
def keyed(bundle, tmp_path, names=("site",), **settings):
    """(address, desk, keys, their secrets)."""
    url = f"sqlite:///{tmp_path / 'studio.sqlite'}"
    with Database(url) as database:
        secrets = [Keys(database).create(name) for name in names]
    with serving(bundle, url, **settings) as (address, desk):
        yield address, desk, Keys(desk.watch._database), secrets


def test_with_a_key_in_the_database_everybody_shows_one(planted_bundle, tmp_path):
    with keyed(planted_bundle, tmp_path) as (address, _, _, (secret,)):
        for path in CLOSED:
            told = requests.get(address + path, timeout=30)
            assert (told.status_code, told.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert "A key is wanted" in told.json()["detail"]
            assert status(address, path, Authorization=f"Bearer {secret}") in (200, 404)
            wrong = (secret, f"Basic {secret}", f"Bearer {secret}x", f"Bearer {secret[:-1]}", "Bearer", "Bearer ä")
            for shown in wrong:
                assert status(address, path, Authorization=shown.encode()) == 401
        for path in OPEN:
            assert status(address, path) == 200
        assert status(address, CLOSED[0], Authorization=f"bearer  {secret} ") == 200


def test_nothing_of_a_body_is_read_without_a_key(planted_bundle, tmp_path):
    with keyed(planted_bundle, tmp_path) as (address, *_):
        for body in (b"{", b"[" * 70_000):
            assert requests.post(f"{address}/api/v1/lists", data=body, timeout=30).status_code == 401


def test_a_key_that_is_revoked_opens_nothing_soon_after(planted_bundle, tmp_path):
    with keyed(planted_bundle, tmp_path, ("site", "mail")) as (address, desk, keys, (site, mail)):
        keys.revoke("site")
        seen(desk, lambda live: len(live.keys) == 1)
        assert status(address, "/api/v1/recipes", Authorization=f"Bearer {site}") == 401
        assert status(address, "/api/v1/recipes", Authorization=f"Bearer {mail}") == 200
        made = keys.create("new")
        waiting.until(lambda: status(address, "/api/v1/recipes", Authorization=f"Bearer {made}") == 200)


def test_calls_are_counted_and_written_now_and_then(planted_bundle, tmp_path, monkeypatch):
    with keyed(planted_bundle, tmp_path) as (address, desk, keys, (secret,)):
        for _ in range(5):
            status(address, "/api/v1/recipes", Authorization=f"Bearer {secret}")
        status(address, "/api/v1/recipes")
        before = desk.watch._at
        waiting.until(lambda: desk.watch._at > before)
        assert keys.all()[0].calls == 0  # a minute has not gone
        monkeypatch.setattr("knobs_core.service.watch.COUNTED", 0)
        waiting.until(lambda: keys.all()[0].calls == 5)
        assert keys.all()[0].used
        monkeypatch.undo()
        status(address, "/api/v1/recipes", Authorization=f"Bearer {secret}")
    with Database(f"sqlite:///{tmp_path / 'studio.sqlite'}") as database:  # as the server ends, what is left is written
        assert Keys(database).all()[0].calls == 6


def test_without_any_key_this_machine_alone_is_answered(studio):
    address, *_ = studio
    assert status(address, "/api/v1/recipes") == 200
    for headers in (
        {"X_Forwarded_For": "192.0.2.7"},
        {"Forwarded": "for=192.0.2.7"},
        {"Host": "rebound.example.org"},
        {"Origin": "https://elsewhere.example.org"},
        {"Authorization": "Bearer knobs_of_yesterday"},
    ):
        assert status(address, "/api/v1/recipes", **headers) == 401


@pytest.mark.parametrize(("open_", "expected"), [(True, 200), (False, 401)])
def test_a_server_for_others_answers_without_a_key_only_on_purpose(planted_bundle, tmp_path, open_, expected):
    with keyed(planted_bundle, tmp_path, (), address="0.0.0.0", open=open_) as (address, *_):
        assert status(address, "/api/v1/recipes") == expected
        assert status(address, "/api/v1/health") == 200
