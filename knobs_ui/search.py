"""The search for a knob; knobs that hardly do what their names say are left out of it unless asked for."""

from collections.abc import Callable, Mapping

import streamlit as st

from knobs_core.knobs import Knob
from knobs_ui import cards

WEAK = "weak knobs"


def add_a_knob(catalogue: Mapping[str, Knob], on_add: Callable[[], None]) -> None:
    """A box to type a knob's name into; the key of the one that was chosen stands under "add a knob"."""
    weak = {key for key, knob in catalogue.items() if knob.weak}
    also = st.session_state.get(WEAK, False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.selectbox(
            "Add a knob", [key for key in catalogue if also or key not in weak], index=None, key="add a knob",
            on_change=on_add, label_visibility="collapsed", format_func=lambda key: cards.option(catalogue[key]),
            placeholder="Add any knob: type a theme, genre, name", width="stretch",
        )  # fmt: skip
        st.toggle(
            "Weak too", key=WEAK, persist_state="session", disabled=not weak, width="content",
            help=f"Search all {len(catalogue):,} knobs, {len(weak):,} of which hardly bring what their names say; a "
            "knob's card has the reason. A check mark means that a knob was seen to do what it says.",
        )  # fmt: skip
