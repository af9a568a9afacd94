"""The door between the gate and the app: who comes in where people sign in, and how they do.

A layer of the application (ASGI). The one place that every message of every browser passes:

    messages    of somebody who may not read become "show the page", without anything else in them: no widget, component
                or fragment hears them, and the page they get is the one where they sign in (``sign_in.page``)
    files       that the app made for somebody are given to nobody who may not read
    addresses   auth/login, auth/logout and oauth2callback are open where people sign in, and nothing is there elsewhere
    the way in  leads back to the page somebody came from
    cookies     travel by TLS alone where the app is reached by TLS
"""

from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.auth_util import encode_provider_token
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

from knobs_ui import provider, roles, settings

LOGIN, LOGOUT, CALLBACK = ADDRESSES = ("auth/login", "auth/logout", "oauth2callback")
MADE = ("media/", "_stcore/upload_file/")  # files of somebody's own
HARMLESS = ("app_heartbeat", "stop_script")
SHOW = BackMsg(rerun_script=ClientState()).SerializeToString()
BACK = "knobs_back"  # the cookie with the page that somebody signs in from
LONGEST_WAY = 2_000  # characters of its address
PATIENCE = 900  # seconds that it is kept


class Door:
    """The layer. app: what lies behind it."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._app(scope, _heard(scope, receive), send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, asked = inner_path(scope), Headers(scope=scope)
        on = settings.signing_in()
        if path in ADDRESSES and not on:
            await PlainTextResponse("Not found.", 404)(scope, receive, send)
        elif path == LOGOUT and asked.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            await PlainTextResponse("Sign out on a page of this app.", 403)(scope, receive, send)
        elif path.startswith(MADE) and on and not roles.may_read(_claims(scope)):
            await PlainTextResponse("Sign in first.", 403)(scope, receive, send)
        elif on:
            if path == LOGOUT:
                roles.end(_claims(scope))
            way = _kept(asked) if path == CALLBACK else _way_back(scope, path, asked)
            await self._app(_asking(scope) if path == LOGIN else scope, receive, _sent(path, way, send))
        else:
            await self._app(scope, receive, send)


def inner_path(scope: Scope) -> str:
    """The path that a request asks for, within the app: without Streamlit's base path and without slashes before it."""
    return scope["path"].removeprefix("/" + base_path()).lstrip("/")


def base_path() -> str:
    return str(st.get_option("server.baseUrlPath") or "").strip("/")


def _heard(scope: Scope, receive: Receive) -> Receive:
    """What a browser says, as far as it may say anything."""

    async def hear() -> Message:
        message = await receive()
        if message["type"] != "websocket.receive" or not settings.must_sign_in() or roles.may_read(_claims(scope)):
            return message
        return {"type": "websocket.receive", "bytes": _bare(message.get("bytes") or b"")}

    return hear


def _bare(said: bytes) -> bytes:
    try:
        return said if BackMsg.FromString(said).WhichOneof("type") in HARMLESS else SHOW
    except Exception:  # protobuf's own error is none of the language's
        return SHOW


def _claims(scope: Scope) -> dict[str, Any]:
    return roles.signed(_cookies(Headers(scope=scope)))


def _cookies(asked: Headers) -> dict[str, str]:
    return cookie_parser("; ".join(asked.getlist("cookie")))


def _asking(scope: Scope) -> Scope:
    """A request to sign in, with the signed name of the provider that Streamlit wants. So a page can have a plain link,
    which names the provider as ``with``."""
    told = dict(part.partition("=")[::2] for part in scope["query_string"].decode("latin-1").split("&"))
    wanted, there = unquote(told.get("with", "")), list(provider.providers(provider.auth()))
    token = encode_provider_token(wanted if wanted in there else there[0])
    return {**scope, "query_string": urlencode({"provider": token}).encode()}


def _way_back(scope: Scope, path: str, asked: Headers) -> str:
    """The page to which somebody is to come back once they have signed in, where this request tells; else ""."""
    if path == LOGIN:  # from the page that the browser names, or from the one that a stranger asked for
        came = urlsplit(asked.get("referer", ""))
        way = f"{came.path}?{came.query}" if came.query else came.path
        here = way if came.netloc == asked.get("host") and _is_ours(way) else ""
        return (_kept(asked) or here) if settings.must_sign_in() else here
    shown = "text/html" in asked.get("accept", "") and not path.startswith("_stcore/")
    if not shown or path in ADDRESSES or not settings.must_sign_in() or roles.may_read(_claims(scope)):
        return ""
    way = quote(scope["path"]) + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
    return way if _is_ours(way) else ""


def _kept(asked: Headers) -> str:
    """The page that the cookie names; "" where it is none of ours."""
    way = unquote(_cookies(asked).get(BACK, ""))
    return way if _is_ours(way) else ""


def _is_ours(way: str) -> bool:
    """Whether an address is a page of this app and leads nowhere else."""
    inside = way == f"/{base_path()}" or way.startswith(f"/{base_path()}/".replace("//", "/"))
    plain = way.isascii() and way.isprintable() and "\\" not in way and not way.startswith("//")
    return inside and plain and len(way) <= LONGEST_WAY


def _sent(path: str, way: str, send: Send) -> Send:
    """What is sent: with the cookie that holds the way back, or on that way, and with cookies for TLS alone."""
    safe = str(provider.auth().get("redirect_uri", "")).startswith("https://")

    async def with_cookies(message: Message) -> None:
        if message["type"] == "http.response.start":
            told = MutableHeaders(scope=message)
            if way:
                told.append("set-cookie", _cookie(*(("", 0) if path == CALLBACK else (quote(way, safe=""), PATIENCE))))
            if way and path == CALLBACK:
                told["location"] = way
            if safe:
                message["headers"] = [
                    (name, value + b"; Secure" if name.lower() == b"set-cookie" else value)
                    for name, value in message["headers"]
                ]
        await send(message)

    return with_cookies


def _cookie(value: str, seconds: int) -> str:
    return f"{BACK}={value}; Path=/{base_path()}; Max-Age={seconds}; HttpOnly; SameSite=Lax"
