"""The door around a small application: what it adds to cookies where the app is reached by TLS, and where it is not."""

import asyncio

import pytest
import streamlit as st
from streamlit.runtime.secrets import Secrets

from knobs_ui.door import Door

COOKIES = [(b"set-cookie", b"a=1; Path=/"), (b"Set-Cookie", b"b=2; HttpOnly"), (b"x-other", b"c=3")]


def answer(path, **headers):
    """Headers that a browser gets for a path."""
    sent = []

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": list(COOKIES)})
        await send({"type": "http.response.body", "body": b""})

    async def send(message):
        sent.append(message)

    named = [(name.encode(), value.encode()) for name, value in {"host": "h.example", **headers}.items()]
    scope = {"type": "http", "path": path, "query_string": b"", "headers": named}
    asyncio.run(Door(application)(scope, None, send))
    return sent[0]["headers"]


@pytest.mark.parametrize(("scheme", "more"), [("https", b"; Secure"), ("http", b"")])
def test_cookies_travel_by_tls_alone_where_the_app_is_reached_by_it(monkeypatch, scheme, more):
    secrets = Secrets()
    secrets.merge_programmatic_secrets({"auth": {"redirect_uri": f"{scheme}://h.example/oauth2callback"}})
    monkeypatch.setattr(st, "secrets", secrets)
    monkeypatch.setenv("KNOBS_CHIEFS", "boss@example.org")
    assert answer("/panel") == [*((name, value + more) for name, value in COOKIES[:2]), COOKIES[2]]


def test_nothing_is_added_where_nobody_signs_in(monkeypatch):
    for name in ("KNOBS_READERS", "KNOBS_EDITORS", "KNOBS_CHIEFS", "KNOBS_SIGN_IN"):
        monkeypatch.delenv(name, raising=False)
    assert answer("/panel", referer="http://h.example/desk") == COOKIES
