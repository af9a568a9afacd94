"""An OpenID provider of our own on this machine: whoever asks it is shown its people and picks who they are.

It speaks what https://openid.net/specs/openid-connect-core-1_0.html asks of the code flow, with RS256 and PKCE.
"""

import base64
import contextlib
import hashlib
import html
import secrets
import threading
import time
from urllib.parse import parse_qs, urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

from tests import waiting
from tests.serving import free_port

CLIENT, SECRET = "knobs", "not a secret"


class Provider:
    """The provider. people: claims of each, by a short name; ``lasts`` among them, which is not told, is for how many
    seconds its word holds, an hour by default. ends: whether people can sign out of it too."""

    def __init__(self, people, ends=False):
        self.people, self.url = people, f"http://127.0.0.1:{free_port()}"
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._codes, self._ends, self.signed_out = {}, ends, 0
        paths = {
            "/.well-known/openid-configuration": self._metadata,
            "/keys": self._keys,
            "/authorize": self._authorize,
            "/token": self._token,
            "/userinfo": self._userinfo,
            "/end": self._end,
        }
        self.app = Starlette(routes=[Route(path, does, methods=["GET", "POST"]) for path, does in paths.items()])

    async def _metadata(self, request):
        return JSONResponse({
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            **({"end_session_endpoint": f"{self.url}/end"} if self._ends else {}),
        })  # fmt: skip

    async def _keys(self, request):
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request):
        asked = dict(request.query_params)
        who = asked.pop("who", None)
        if who not in self.people:
            links = (f'<a href="?{html.escape(urlencode({**asked, "who": one}))}">{one}</a>' for one in self.people)
            return HTMLResponse(f"<title>Who are you?</title>{' '.join(links)}")
        code = secrets.token_urlsafe(16)
        self._codes[code] = who, asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request):
        told = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        who, asked = self._codes.pop(told["code"])
        digest = hashlib.sha256(told["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        pair = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        assert pair.replace("+", " ").replace("%20", " ") == f"{CLIENT}:{SECRET}"
        claims, now = dict(self.people[who]), int(time.time())
        until = now + claims.pop("lasts", 3600)
        claims |= {"iss": self.url, "aud": CLIENT, "iat": now, "exp": until, "nonce": asked["nonce"]}
        word = jwt.encode({"alg": "RS256", "kid": "one"}, {"sub": f"id of {who}", **claims}, self._key)
        return JSONResponse({"access_token": who, "token_type": "Bearer", "id_token": word, "expires_in": 3600})

    async def _userinfo(self, request):
        who = request.headers["authorization"].removeprefix("Bearer ")
        return JSONResponse({"sub": f"id of {who}", **self.people[who]})

    async def _end(self, request):
        self.signed_out += 1
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 302)


@contextlib.contextmanager
def provider(people, ends=False):
    """A provider at work."""
    one = Provider(people, ends)
    port = int(one.url.rpartition(":")[2])
    server = uvicorn.Server(uvicorn.Config(one.app, port=port, ws="none", lifespan="off", log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        waiting.until(lambda: server.started)
        yield one
    finally:
        server.should_exit = True
        thread.join(30)
