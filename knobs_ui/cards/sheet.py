"""The side sheet: what was clicked on the board, beside the board and not over it."""

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import html
from knobs_ui.board import OPENS, Message, View
from knobs_ui.cards.ask import ask_for
from knobs_ui.cards.item import item_card
from knobs_ui.cards.keep import keep
from knobs_ui.cards.knob import knob_card
from knobs_ui.cards.presets import quiet

OPEN = "open"  # in the session: what the sheet shows, and about what


def open_sheet(name: str, about: object = None) -> None:
    """Show something of OPENS from now on."""
    st.session_state[OPEN] = (name, about)
    quiet()


def follow(heard: Message) -> None:
    """Show what was clicked on the board or on the map, or put the sheet away."""
    for event, about in heard.events.items():
        if event in OPENS:
            open_sheet(event, about)
        elif event == "close":
            close_sheet()


def close_sheet() -> None:
    """Put the sheet away."""
    st.session_state.pop(OPEN, None)


def sheet(bundle: Bundle, shown: View) -> None:
    """The sheet, where something is open; what to open comes from a browser, so it may be nothing that is there."""
    name, about = st.session_state.get(OPEN, ("", None))
    titles = bundle.interactions.items["title"]
    if name not in OPENS:
        return
    knob = bundle.knobs.get(about) if name == "card" and isinstance(about, str) else None
    column = about if name == "item" and isinstance(about, int) and 0 <= about < len(titles) else None
    if (name == "card" and not knob) or (name == "item" and column is None):
        close_sheet()
        return
    with st.container(key="sheet"):
        bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
        head = bar.container()
        bar.button("", key="close the sheet", icon=":material/close:", help="Close (Esc)", on_click=close_sheet)
        if knob:
            head.subheader(html.plain(knob.title), anchor=False)
            knob_card(bundle, shown, knob)
        elif column is not None:
            head.subheader(html.plain(bundle.interactions.title_with_year(column)), anchor=False)
            item_card(bundle, shown, column)
        elif name == "ask":
            head.subheader(f"Ask for {html.plain(bundle.words.a)}", anchor=False)
            ask_for(bundle, shown)
        else:
            head.subheader("Keep it", anchor=False)
            keep(bundle, shown)
