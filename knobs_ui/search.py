"""A search box over every knob of the bundle, for the pages that have dials."""

import streamlit as st

from knobs_core.bundle import Bundle
from knobs_ui import cards, state


def add_knob(bundle: Bundle) -> None:
    """Search all knobs; the one chosen joins the dials, at rest."""
    catalogue = state.knob_catalogue(bundle)
    st.selectbox(
        "Add a knob", list(catalogue), index=None, key="add a knob", on_change=_on_add, args=(bundle,),
        format_func=lambda key: cards.option(catalogue[key]), label_visibility="collapsed",
        placeholder="Add any knob: type a theme, genre, name",
    )  # fmt: skip


def _on_add(bundle: Bundle) -> None:
    key = st.session_state["add a knob"]
    if key is not None:
        state.turn(bundle, {key: state.current(bundle).amount(key)})
        st.session_state["add a knob"] = None
