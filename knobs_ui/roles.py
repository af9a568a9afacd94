"""Who may do what: a role, worked out from what the provider has signed at every call, and never kept.

    stranger   has not signed in, or not in time
    reader     reads; is listed as one where readers are listed
    editor     makes recipes and changes them
    chief      puts them on air

People sign in by OpenID Connect; Streamlit asks the provider and keeps its answer, the claims, in a signed cookie. What
counts of them is an address that the provider has verified, or a group; the owner lists both (``settings.listed``).
Streamlit does not look at ``exp``, the time in seconds since 1970 at which the provider's word ends: that is done here.
Claims: https://openid.net/specs/openid-connect-core-1_0.html, 2 and 5.1.

Where nobody signs in (open mode), the owner at this machine is chief (``owner.at_home``), and everybody else a reader.
"""

import getpass
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.web.server.server_util import AUTH_COOKIE_NAME, get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from knobs_core.base import KnobsError, clean
from knobs_ui import owner, provider, settings

OPEN = "Signing in is off: anybody at this machine is editor and chief."
ELSEWHERE = 'signing in is off here; docs/hosting.md, "Who may do what", tells the owner how to switch it on'
EXPIRED = "your sign-in has expired: sign in again"
ENDED = "you have signed out: sign in again"
UNVERIFIED = "the provider has not verified your address, so it does not count: verify it there and sign in again"
NOT_LISTED = "you are not listed as a reader: ask the owner of this server"
LONGEST = 200  # characters of a name, as tables keep them

_ended: dict[tuple[str, ...], float] = {}  # sign-ins of which somebody has signed out: until when they would have held


class Role(IntEnum):
    """What somebody may do; each role may do what those below it may."""

    STRANGER, READER, EDITOR, CHIEF = range(4)


@dataclass(frozen=True)
class Somebody:
    """Whoever a session belongs to.

    Args:
        name: what is written beside what they do; "" for strangers
        role: what they may do
        open: whether nobody signs in here
        note: what keeps them from more and what to do about it, "" where there is nothing special
    """

    name: str
    role: Role
    open: bool = False
    note: str = ""


class ForbiddenError(KnobsError):
    """Something that whoever asks may not do."""


def somebody() -> Somebody:
    """Whoever this session belongs to."""
    if settings.signing_in():
        return known(st.user.to_dict())
    if owner.at_home():
        return Somebody(_login(), Role.CHIEF, open=True)
    return Somebody("", Role.READER, open=True, note=ELSEWHERE)


def require(role: Role) -> Somebody:
    """Whoever this session belongs to, who has at least this role. To be called where the deed is done, so that no
    forged message gets around it.

    Raises:
        ForbiddenError: they have less.
    """
    who = somebody()
    if who.role < role:
        article = "an" if role == Role.EDITOR else "a"
        found = f"{who.name or 'somebody'}, who is a {who.role.name.lower()}"
        more = "sign in" if who.role == Role.STRANGER else "ask the owner of this server to list you"
        raise ForbiddenError(f"{article} {role.name.lower()}", found, who.note or more)
    return who


def known(claims: Mapping[str, Any]) -> Somebody:
    """Who somebody is by their claims, now; by none, a stranger.

    Args:
        claims: as ``st.user`` has them: of the ID token, with ``is_logged_in``.
    """
    subject, until = claims.get("sub"), claims.get("exp")
    if claims.get("is_logged_in") is not True or not isinstance(subject, str) or not subject:
        return Somebody("", Role.STRANGER)
    if _sign_in(claims) in _ended:
        return Somebody("", Role.STRANGER, note=ENDED)
    if isinstance(until, bool) or not isinstance(until, int | float) or not until > time.time():
        return Somebody("", Role.STRANGER, note=EXPIRED)
    address = _verified(claims)
    marks = _groups(claims) | ({address} if address else set())
    called = clean(str(claims.get("name") or ""))[:80]
    bare = not called or "@" in called  # people write their names themselves, and could write somebody's address
    name = address or clean(subject if bare else f"{called} ({subject})")[:LONGEST]
    role = next((one for one, setting in LISTS.items() if marks & settings.listed(setting)), None)
    if role is None:
        role = Role.STRANGER if settings.listed(settings.READERS) else Role.READER
    unverified = UNVERIFIED if claims.get("email") and not address and role < Role.CHIEF else ""
    return Somebody(name, role, note=unverified or (NOT_LISTED if role == Role.STRANGER else ""))


LISTS = {Role.CHIEF: settings.CHIEFS, Role.EDITOR: settings.EDITORS, Role.READER: settings.READERS}  # highest first


def may_read(claims: Mapping[str, Any] | None = None) -> bool:
    """Whether somebody sees the app at all: whoever this session belongs to, or whoever has these claims."""
    if not settings.must_sign_in():
        return True
    return (somebody() if claims is None else known(claims)).role >= Role.READER


def signed(cookies: Mapping[str, str]) -> dict[str, Any]:
    """Claims by the cookies of a request, as Streamlit reads them for a session; empty where they are forged, signed
    for another address, or none at all."""

    def one(name: str) -> bytes | None:
        return decode_signed_value(get_cookie_secret(), name, cookies.get(name, "").encode("latin-1", "replace"))

    try:
        claims = json.loads(get_cookie_with_chunks(one, AUTH_COOKIE_NAME) or b"{}")
    except ValueError:
        return {}
    home = urlsplit(str(provider.auth().get("redirect_uri", "")))
    fits = isinstance(claims, dict) and claims.get("origin") == f"{home.scheme}://{home.netloc}"
    return claims if fits else {}


def end(claims: Mapping[str, Any]) -> None:
    """Let a sign-in count for nothing from now on, wherever its cookie still is: in another tab, or in a copy."""
    now, until = time.time(), claims.get("exp")
    for past in [one for one, held in list(_ended.items()) if held <= now]:
        _ended.pop(past, None)
    if isinstance(until, int | float) and until > now:
        _ended[_sign_in(claims)] = until


def _sign_in(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells one sign-in from all others: whose word it is, of whom, when, and the number that was asked with."""
    return tuple(str(claims.get(name)) for name in ("iss", "sub", "iat", "nonce"))


def _verified(claims: Mapping[str, Any]) -> str:
    """The address that the provider has verified, in lower case; "" where it has not. Some say "true" as a text."""
    address, said = claims.get("email"), claims.get("email_verified")
    if not isinstance(address, str) or not (said is True or said == "true"):
        return ""
    low = address.lower() if address.isascii() else ""
    return low if settings.ADDRESS.fullmatch(low) and len(low) <= settings.LONGEST_ADDRESS else ""


def _groups(claims: Mapping[str, Any]) -> set[str]:
    """Groups as the lists name them."""
    said = claims.get(settings.groups_claim())
    names = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return {f"{settings.GROUP}{name}" for name in names if isinstance(name, str)}


def _login() -> str:
    try:
        return clean(getpass.getuser())[:LONGEST] or "owner"
    except (OSError, KeyError):  # nobody is logged in, as in a container
        return "owner"
