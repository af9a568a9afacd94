"""By which provider people sign in: ``[auth]`` of Streamlit's secrets, in Streamlit's own form, checked at the start.

One provider is written into ``[auth]`` itself, several into ``[auth.NAME]``:
https://docs.streamlit.io/develop/concepts/connections/authentication
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st

from knobs_core.base import ConfigError, require
from knobs_ui import settings
from knobs_ui.owner import is_loopback

SHORTEST_SECRET = 32  # characters that cookies are signed with
NEEDED = ("client_id", "client_secret", "server_metadata_url")
DOCS = "write it: docs/hosting.md, 'Who may do what'"


def auth() -> Mapping[str, Any]:
    """``[auth]``; empty where there is none.

    Raises:
        ConfigError: there is a file of secrets that cannot be read.
    """
    if st.secrets.load_if_toml_exists():
        said = st.secrets.get("auth", {})
        return said if isinstance(said, Mapping) else {}
    there = [name for name in st.get_option("secrets.files") or () if Path(name).exists()]
    if there:
        raise ConfigError("Streamlit's secrets as TOML", f"{there[0]}, which is none", "mend it or take it away")
    return {}


def providers(said: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Providers in ``[auth]`` by the names that Streamlit gives them; "default" is that of ``[auth]`` itself."""
    named = {name: one for name, one in said.items() if isinstance(one, Mapping) and name != "client_kwargs"}
    return {"default": said, **named} if said.keys() & set(NEEDED) or not named else named


def check(said: Mapping[str, Any]) -> None:
    """Whether the settings of signing in and what ``[auth]`` says agree, and hold what is needed.

    Raises:
        ConfigError: they do not.
    """
    lists = f"{settings.CHIEFS} or {settings.EDITORS}"
    if settings.signing_in() and not said:
        raise ConfigError("[auth] in Streamlit's secrets, as people are to sign in", "none", DOCS)
    if said and not settings.signing_in():
        raise ConfigError(
            f"somebody in {lists}, as Streamlit's secrets have [auth]", "nobody", "list somebody, or take [auth] away"
        )
    if not said:
        return
    require("authlib", "signing in")
    if st.get_option("server.trustedUserHeaders"):
        raise ConfigError("server.trustedUserHeaders not to be set beside [auth]", "it", "take one of them away")
    secret = str(said.get("cookie_secret", ""))
    if len(secret) < SHORTEST_SECRET:
        raise ConfigError(
            f"cookie_secret in [auth] with at least {SHORTEST_SECRET} characters", f"{len(secret)}",
            "make one: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
        )  # fmt: skip
    told = str(said.get("redirect_uri", ""))
    home = urlsplit(told)
    safe = home.scheme == "https" or (home.scheme == "http" and is_loopback(home.hostname or ""))
    if not (home.hostname and safe and home.path.endswith("/oauth2callback")):
        raise ConfigError(
            "redirect_uri in [auth] as https://HOST/oauth2callback, by http at this machine alone", f"'{told[:80]}'",
            "write the address of this app, and /oauth2callback behind it",
        )  # fmt: skip
    for name, one in providers(said).items():
        missing = [key for key in NEEDED if not one.get(key)]
        if missing:
            raise ConfigError(f"{', '.join(NEEDED)} for the provider '{name}'", f"no {', '.join(missing)}", DOCS)
        if "_" in name:
            raise ConfigError("providers without _ in their names", f"'{name}'", "call it otherwise")
