"""What everybody passes who comes to the server: limits on what is sent, and headers that bind the browser.

A layer of the application (ASGI) in front of Streamlit's own, which has no settings for these:

    sessions     at most ``KNOBS_MAX_SESSIONS`` browsers at once; the next one reads that the room is full
    requests     links of at most LONGEST_LINK bytes; nothing but reading, and one file of presets a session
    addresses    of Streamlit's own those that the app uses; numbers about the server for its owner alone
    headers      no frames, no scripts or pictures from elsewhere, no address handed on

Behind it is the door (``door.py``), where people sign in and strangers stay outside if the owner wants that.
"""

import base64
import contextlib
import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knobs_core.base import ConfigError
from knobs_ui import provider, settings
from knobs_ui.door import ADDRESSES, Door, inner_path
from knobs_ui.owner import at_this_machine, is_loopback

LONGEST_LINK = 16_000  # bytes; what is read of a link is shorter, before its characters are escaped
USED = ("health", "host-config", "bidi-components/", "stream")  # of Streamlit's own addresses, below /_stcore/
UPLOAD, NUMBERS = "upload_file/", "metrics"
NO_PAGES = ("static/", "media/", "component/", *ADDRESSES)
FULL = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="20"><title>Knobs</title>'
    '<body style="font-family:sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem"><h1>The room is full</h1>'
    "<p>As many people are turning knobs here as this server has places. This page tries again by itself.</p>"
)


def layers() -> list[Any]:
    """What stands before the application, as the owner set it. Ends the process in one line where a setting is none."""
    with _in_one_line():
        settings.jobs()  # which pages ask for later, as for these
        settings.must_sign_in(), settings.groups_claim()
        for name in (settings.READERS, settings.EDITORS, settings.CHIEFS):
            settings.listed(name)
        gate = Middleware(Gate, most=settings.most_sessions(), headers=headers(settings.image_hosts()))
    return [gate, Middleware(Door)]


def check() -> None:
    """The same for how people sign in, once Streamlit knows the application and so where its secrets are."""
    with _in_one_line():
        provider.check(provider.auth())


@contextlib.contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except ConfigError as error:
        print(f"knobs: {error}", file=sys.stderr)
        raise SystemExit(2) from None


class Gate:
    """The layer.

    Args:
        app: what lies behind it; most: how many browsers may be inside; headers: what every answer says.
    """

    def __init__(self, app: ASGIApp, most: int, headers: dict[str, str]):
        self._app, self._most, self._headers = app, most, headers
        self._inside = 0  # open connections, each of them a session
        self._uploading: set[str] = set()  # sessions that are sending a file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, self._bound(send))
        else:
            await self._app(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._inside >= self._most:
            await send({"type": "websocket.close", "code": 1013})  # try again later
            return
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = inner_path(scope)
        own = path.removeprefix("_stcore/") if path.startswith("_stcore/") else None
        session = own.removeprefix(UPLOAD).split("/")[0] if own and own.startswith(UPLOAD) else ""
        refused = self._refused(scope, path, own, session)
        if refused is not None:
            await refused(scope, receive, send)
        elif session and scope["method"] == "PUT":
            self._uploading.add(session)
            try:
                st.runtime.get_instance().uploaded_file_mgr.remove_session_files(session)  # one a session, the last
                await self._app(scope, receive, send)
            finally:
                self._uploading.discard(session)
        else:
            await self._app(scope, receive, send)

    def _refused(
        self, scope: Scope, path: str, own: str | None, session: str
    ) -> PlainTextResponse | HTMLResponse | None:
        """Why a request is not passed on. own: its path below Streamlit's own addresses; session: that sends a file."""
        asked = Headers(scope=scope)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_LINK:
            return PlainTextResponse(f"A link here has at most {LONGEST_LINK} characters.", 414)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS", *(("PUT", "DELETE") if session else ())):
            return PlainTextResponse("Nothing can be sent to this address.", 405)
        if session in self._uploading:
            return PlainTextResponse("One file at a time.", 429)
        if own == NUMBERS and not at_this_machine((scope.get("client") or ("",))[0], asked):
            return PlainTextResponse("Not found.", 404)
        if own is not None and not session and own != NUMBERS and not own.startswith(USED):
            return PlainTextResponse("Not found.", 404)
        if own is None and not path.startswith(NO_PAGES) and self._inside >= self._most and _is_page(asked):
            return HTMLResponse(FULL, 503, {"Retry-After": "20"})
        return None

    def _bound(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        return with_headers


def headers(image_hosts: tuple[str, ...]) -> dict[str, str]:
    """What every answer says to browsers. image_hosts: that pictures may come from, beside the app itself."""
    policy = {
        "default-src": "'self'",
        "script-src": f"'self' blob: {_streamlits_own()}",  # Streamlit loads the modules of components as blobs
        "style-src": "'self' 'unsafe-inline'",  # Streamlit and Plotly write styles as they go
        "img-src": " ".join(("'self' data: blob:", *map(_source, image_hosts))),
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {what}" for name, what in policy.items()),
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _streamlits_own() -> str:
    """The scripts inside Streamlit's page, by their hashes."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _source(host: str) -> str:
    """A host as a source of pictures, by https but for this very machine."""
    return f"{'http' if is_loopback(host) else 'https'}://{host}:*"


def _is_page(asked: Headers) -> bool:
    return "text/html" in asked.get("accept", "")
