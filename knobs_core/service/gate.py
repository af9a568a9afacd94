"""What everybody passes who asks for lists: limits, the key, and what every answer says.

A layer (ASGI) in front of the addresses, so that nothing of a request is read before its key was looked at:

    link      at most LONGEST_LINK bytes, else 414; its parts stay as they were sent, so that an id may hold a slash
    key       ``Authorization: Bearer KEY``, else 401; not for the health of the server and for its pages
    body      JSON that says so, else 415, which forms of other sites cannot send; at most LONGEST_BODY bytes, else 413
    answers   say how old the look at the database is where it cannot be read now (Knobs-Stale, in seconds)

Without any valid key in the database the server answers to programs on this very machine, unless it listens to others
too, and then to nobody; ``open`` lets everybody in.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knobs_core.base import at_this_machine, is_loopback
from knobs_core.publishing import key_of
from knobs_core.service.problems import Problem
from knobs_core.service.settings import Settings
from knobs_core.service.watch import Watch

LONGEST_LINK, LONGEST_BODY = 16_000, 65_536  # bytes
HEALTH = "/api/v1/health"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = "default-src 'none'; frame-ancestors 'none'"


class Gate:
    """The layer.

    Args:
        app: what lies behind it; watch: knows the keys; settings: of the owner.
    """

    def __init__(self, app: ASGIApp, watch: Watch, settings: Settings):
        self._app, self._watch, self._settings = app, watch, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        send = self._bound(send)
        try:
            self._let_in(scope)
            body = await _body(scope, receive)
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        await self._app({**scope, "path": path}, _again(body, receive), send)

    def _let_in(self, scope: Scope) -> None:
        """Raises: Problem: 414, or 401 without a key that is valid."""
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > LONGEST_LINK:
            raise Problem(414, f"A link here has at most {LONGEST_LINK} characters.")
        if self._settings.open or not scope["path"].startswith("/api/") or scope["path"] == HEALTH:
            return
        asked, keys = Headers(scope=scope), self._watch.live.keys
        kind, _, secret = asked.get("authorization", "").partition(" ")
        key = key_of(keys, secret.strip()) if kind.lower() == "bearer" else None
        if key is not None:
            self._watch.count(key.name)
            return
        if not keys and not secret and is_loopback(self._settings.address):
            if at_this_machine((scope.get("client") or ("",))[0], dict(asked)):
                return
            said = "There is no key yet, so that only this machine is answered: knobs keys create NAME makes one."
        elif secret:
            said = "The key is not valid."
        else:
            said = "A key is wanted, as: Authorization: Bearer KEY."
        raise Problem(401, said, {"WWW-Authenticate": "Bearer"})

    def _bound(self, send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("Cache-Control", "no-store")
                if self._watch.stale:
                    headers["Knobs-Stale"] = str(round(self._watch.age))
            await send(message)

        return with_headers


async def _body(scope: Scope, receive: Receive) -> bytes:
    """What is sent beside the link. Raises: Problem: 413, 415."""
    headers = Headers(scope=scope)
    said, kind = headers.get("content-length", "0"), headers.get("content-type", "").partition(";")[0].strip().lower()
    if scope["method"] == "POST" and kind != "application/json":
        raise Problem(415, "What is sent here is JSON, with the header Content-Type: application/json.")
    body, more = bytearray(), scope["method"] not in ("GET", "HEAD")
    while more and int(said) <= LONGEST_BODY and len(body) <= LONGEST_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if int(said) > LONGEST_BODY or len(body) > LONGEST_BODY:
        raise Problem(413, f"What is sent here has at most {LONGEST_BODY:,} bytes.", {"Connection": "close"})
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more for those behind."""
    told = False

    async def receive_again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
