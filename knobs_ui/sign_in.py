"""What people see of signing in: a line at the top of every page, and the one page that strangers see where everybody
has to sign in. Plain links, which need no run of the page and no script; ``door.py`` answers them."""

from urllib.parse import quote

import streamlit as st

from knobs_core.base import capital
from knobs_ui import html, provider, roles, settings
from knobs_ui.door import LOGIN, LOGOUT


def bar() -> None:
    """The line at the top: who has signed in, and the way in or out; below it what keeps them from more, where that is
    something special. Nothing where nobody signs in."""
    if settings.signing_in() and roles.may_read():
        with st.container(key="signed"):
            _plate(roles.somebody())
        _note(roles.somebody())


def page() -> None:
    """The page for whoever may not read here; ends the run."""
    st.title("Knobs", anchor=False)
    st.html(html.note("This server shows its pages to people who have signed in."))
    _note(roles.somebody())
    _plate(roles.somebody())
    st.stop()


def _plate(who: roles.Somebody) -> None:
    name = f"<span>Signed in as {html.name(who.name)} · {html.name(who.role.name.lower())}</span> "
    line = f'{name}<a href="{LOGOUT}">Sign out</a>' if who.name else _ways_in()
    st.html(f'<nav class="knobs-signed" aria-label="Signing in">{line}</nav>')


def _note(who: roles.Somebody) -> None:
    if who.note:
        st.html(html.note(f"{capital(who.note)}."))


def _ways_in() -> str:
    """Links to the providers, as HTML; one alone needs no name."""
    names = list(provider.providers(provider.auth()))
    if len(names) == 1:
        return f'<a href="{LOGIN}">Sign in</a>'
    return " ".join(
        f'<a href="{LOGIN}?with={html.escaped(quote(name))}">Sign in with {html.name(name)}</a>' for name in names
    )
