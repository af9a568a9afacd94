"""The shelf: titles that belong on a list, and titles that do not, from which dials are found."""

from functools import lru_cache

import streamlit as st

from knobs_core.base import KnobsError, capital
from knobs_core.bundles import Bundle
from knobs_core.lists import Shelf
from knobs_core.lists import shelf as shelved
from knobs_ui import group_names, html
from knobs_ui.studio import drafts
from knobs_ui.studio.picker import listed, pick


def put_on(name: str, wanted: tuple[str, ...], unwanted: tuple[str, ...] = ()) -> None:
    """Have these items on the shelf of a recipe."""
    try:
        drafts.change(name, shelf={"wanted": wanted, "unwanted": unwanted})
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")


def shelf(bundle: Bundle, name: str) -> None:
    """Two rows of titles, and the dials that they come to."""
    on = drafts.draft_of(name).recipe.shelf
    wanted, unwanted = on.wanted, on.unwanted
    with st.expander("Shelf: find dials from titles", icon=":material/shelves:", expanded=bool(wanted)):
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Belong on it**")
            listed(bundle, f"{name} wanted", wanted, lambda item: put_on(name, _but(wanted, item), unwanted))
            pick(bundle, f"{name} wanted", html.Markdown("Add one that belongs"),
                 lambda item: put_on(name, (*wanted, item), unwanted), (*wanted, *unwanted))  # fmt: skip
        with right:
            st.markdown("**Do not**")
            listed(bundle, f"{name} unwanted", unwanted, lambda item: put_on(name, wanted, _but(unwanted, item)))
            pick(bundle, f"{name} unwanted", html.Markdown("Add one that does not"),
                 lambda item: put_on(name, wanted, (*unwanted, item)), (*wanted, *unwanted))  # fmt: skip
        if wanted:
            try:
                _found(bundle, name, _shelved(bundle, wanted, unwanted))
            except KnobsError as error:
                st.error(html.plain(str(error)), icon=":material/error:")


@lru_cache(maxsize=32)
def _shelved(bundle: Bundle, wanted: tuple[str, ...], unwanted: tuple[str, ...]) -> Shelf:
    return shelved(bundle, wanted, unwanted)


def _but(items: tuple[str, ...], item: str) -> tuple[str, ...]:
    return tuple(one for one in items if one != item)


def _found(bundle: Bundle, name: str, found: Shelf) -> None:
    """The dials, how well each title is covered, and what comes along."""
    dials, covered, beyond = st.columns(3, gap="large")
    with dials:
        st.markdown("**Dials that do it**")
        st.html(html.names(f"{bundle.knobs[one.knob].title} {html.signed(one.amount)}" for one in found.turns))
        st.button("Put them on the desk", key=f"{name} use shelf", icon=":material/tune:",
                  on_click=_use, args=(bundle, name, found))  # fmt: skip
        group_names.offer(bundle, [one.item for one in found.wanted], f"{name} shelf", lambda said: _call(name, said))
    with covered:
        st.markdown("**How well each is covered**", help="How much of what a knob made of this title alone would do "
                    "to it, these dials do.")  # fmt: skip
        st.html(html.names(f"{one.title}: {one.said}" for one in (*found.wanted, *found.unwanted)))
    with beyond:
        st.markdown("**What comes along**", help=f"Share of {found.readers:,} readers in whose list it is.")
        st.html(html.names(f"{one.title}: {one.after:.0%}, was {one.before:.0%}" for one in found.beyond[:8]))


def _call(name: str, said: str) -> None:
    try:
        drafts.change(name, headline=capital(said))
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")


def _use(bundle: Bundle, name: str, found: Shelf) -> None:
    try:
        drafts.turn(bundle, name, {one.knob: one.amount for one in found.turns})
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")
