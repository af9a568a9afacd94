"""What people see of signing in: a line at the top of every page, and the one page that strangers see where everybody
has to sign in. Plain links, which need no run of the page and no script; ``door.py`` answers them."""

from urllib.parse import quote

import streamlit as st

from knobs_core.base import capital
from knobs_ui import html, provider, roles, settings
from knobs_ui.door import LOGIN, LOGOUT


def bar() -> None:
    """The line at the top: who has signed in, and the way in or out. Nothing where nobody signs in."""
    if settings.signing_in() and roles.may_read():
        with st.container(key="signed"):
            st.html(f'<nav class="knobs-signed" aria-label="Signing in">{_line(roles.somebody())}</nav>')


def page() -> None:
    """The page for whoever may not read here; ends the run."""
    st.title("Knobs", anchor=False)
    st.html(html.note("On this server you read once you have signed in."))
    st.html(f'<nav class="knobs-signed" aria-label="Signing in">{_line(roles.somebody())}</nav>')
    st.stop()


def _line(who: roles.Somebody) -> str:
    note = f"<span>{html.escaped(capital(who.note))}.</span> " if who.note else ""
    if not who.name:
        return note + _ways_in()
    return (
        f"<span>Signed in as {html.name(who.name)} · {who.role.name.lower()}</span> {note}"
        f'<a href="{LOGOUT}">Sign out</a>'
    )


def _ways_in() -> str:
    """Links to the providers; one alone needs no name."""
    names = list(provider.providers())
    if len(names) == 1:
        return f'<a href="{LOGIN}">Sign in</a>'
    return " ".join(
        f'<a href="{LOGIN}?with={html.escaped(quote(name))}">Sign in with {html.name(name)}</a>' for name in names
    )
