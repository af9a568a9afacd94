"""What opens above the board when something on it is clicked: the card of a knob, or of an item."""

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import html
from knobs_ui.board import View
from knobs_ui.cards.item import item_card
from knobs_ui.cards.knob import knob_card


def open_card(bundle: Bundle, shown: View, what: str, about: object) -> None:
    """Open the card of a knob ("card" and its key) or an item ("item" and its column), if there is such a one: what to
    open comes from a browser."""
    titles = bundle.interactions.items["title"]
    if what == "item" and isinstance(about, int) and 0 <= about < len(titles):
        st.dialog(html.plain(titles[about]), width="large")(item_card)(bundle, shown, about)
    elif what == "card" and (knob := bundle.knobs.get(str(about))):
        st.dialog(html.plain(knob.name), width="large")(knob_card)(bundle, knob)
