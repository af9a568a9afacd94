"""A search box over the knobs of the bundle, for the pages that have dials; knobs that hardly do what their names say
are left out of it unless asked for."""

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import html, state

WEAK = "weak knobs"


def add_knob(bundle: Bundle) -> None:
    """Search the knobs; the one chosen joins the dials, at rest."""
    catalogue = bundle.knobs
    weak = {key for key, knob in catalogue.items() if knob.weak}
    also = st.session_state.get(WEAK, False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.selectbox(
            "Add a knob", [key for key in catalogue if also or key not in weak], index=None, key="add a knob",
            on_change=_on_add, args=(bundle,), format_func=lambda key: html.option(catalogue[key]), width="stretch",
            label_visibility="collapsed", placeholder="Add any knob: type a theme, genre, name",
        )  # fmt: skip
        st.toggle(
            "Weak too", key=WEAK, persist_state="session", disabled=not weak, width="content",
            help=f"Search all {len(catalogue):,} knobs, {len(weak):,} of which hardly bring what their names say; a "
            "knob's card has the reason. A check mark means that a knob finds "
            f"{bundle.words.many} that it was never told about.",
        )  # fmt: skip


def _on_add(bundle: Bundle) -> None:
    key = st.session_state["add a knob"]
    if key is not None:
        state.turn(bundle, {key: state.current(bundle).amount(key)})
        st.session_state["add a knob"] = None
