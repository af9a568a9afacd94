"""The knob board: a component that blends the list in the browser while a hand is on a knob.

What changes with every turn is small and goes as JSON; large arrays travel once, see ``transport.py``. The front end is
plain JavaScript in assets/board.
"""

import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from knobs_ui import front_end, heard, state
from knobs_ui.board.events import EVENTS
from knobs_ui.board.transport import component

_board = component(
    "board",
    "board/board.js",
    html=front_end.text("board/board.html"),
    css=front_end.text("board/board.css", "stage/board.css"),
)
_single = st.components.v2.component(
    "knobs_single",
    html='<div class="board single"><div class="knobs"></div></div>',
    css=front_end.text("board/board.css"),
    js=front_end.module("board/single.js"),
)
_ticks = st.components.v2.component("knobs_ticks", js=front_end.module("board/ticks.js"))
_kept = st.components.v2.component("knobs_kept", js=front_end.module("board/kept.js"))


def board(data: dict[str, Any], on_message: Callable[[], None]) -> None:
    """Mount the board; what it says back is read by ``message`` in the next run, before which ``on_message`` runs."""
    listeners: dict[str, Any] = {f"on_{name}_change": on_message for name in ("dials", "told", *EVENTS)}
    key = state.key("board")
    # As bytes: Streamlit would look for data frames in every value, and write the JSON twice.
    told = json.dumps({**data, "heard": heard.taken(key)}, allow_nan=False).encode()
    _board(key=key, data=told, **listeners)


def single(data: dict[str, Any], on_turned: Callable[[], None]) -> None:
    """Mount the knob of a card; ``on_turned`` runs where it was turned and the board does not have it."""
    _single(key=state.key("single"), data=data, on_turned_change=on_turned)


def kept_list(place: str, rows: list[Any] | None, key: str, former: str = "") -> object:
    """Let the visitor's own browser keep rows under the name of a place, and return what it has there.

    Args:
        rows: None asks what is kept; nothing is known before the browser has answered, and then None comes back.
        key: of the component; former: the name of a place where earlier versions kept them.
    """
    key = state.key(key)
    _kept(key=key, data={"place": place, "former": former, "rows": rows}, on_rows_change=lambda: None)
    return heard.said(key).get("rows")


def marks(data: dict[str, Any]) -> None:
    """Hand over the breakpoints as ticks, and candidates; they come after the board, so that nobody waits for them."""
    _ticks(data=data, key="ticks")
