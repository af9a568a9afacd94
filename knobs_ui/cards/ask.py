"""Asking for a title: which knobs would bring it into the list."""

import numpy as np
import streamlit as st

from knobs_core.base import capital
from knobs_core.bundles import Bundle
from knobs_ui import html, state
from knobs_ui.board import View


def ask_for(bundle: Bundle, shown: View) -> None:
    """The smallest change of at most three dials that brings a title into the top ten."""
    items, words = bundle.interactions.items, bundle.words
    free = np.setdiff1d(np.arange(len(items)), shown.taste.seen).tolist()
    item = st.selectbox(
        capital(words.one), free, index=None, format_func=lambda i: items["title"][i], placeholder=f"Type {words.a}",
        help="Finds the smallest turn of at most three knobs that brings it into the top 10.",
    )  # fmt: skip
    if item is None:
        return
    with st.spinner("Trying every knob"):
        answer = shown.person.counterfactual(bundle.interactions.item_ids[item])
    if answer is None:
        st.warning(f"No turn of three knobs brings {html.plain(items['title'][item])} into this person's top 10.")
        return
    turns = html.turned_line(answer.dials)
    st.success(
        f"It comes to rank {answer.rank}, from all knobs at rest, with: {turns}"
        if turns
        else f"It stands at rank {answer.rank} already."
    )
    if turns and st.button("Set the board so", icon=":material/check:"):
        state.change(bundle, dials=tuple((dial.key, dial.amount) for dial in answer.dials))
        st.rerun()
