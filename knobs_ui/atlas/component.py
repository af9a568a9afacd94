"""The map component: points by WebGL that travel once, and what moves on top of them; plain JavaScript in assets/map.

Like the board it speaks through component state, which anybody may forge: ``board.message`` and ``lasso`` check its
shape, ``state.turn`` the values.
"""

from typing import Any

import streamlit as st

from knobs_ui import board, front_end
from knobs_ui.board import OnBoard, View

STATES = ("dials", "lasso")


_map = st.components.v2.component(
    "knobs_map",
    html=front_end.text("map/map.html"),
    css=front_end.text("board/board.css", "map/map.css"),
    js=front_end.module("map/map.js"),
)


def atlas(data: dict[str, Any]) -> None:
    """Mount the map; what it says back is read by ``board.message`` and ``lasso`` in the next run."""
    listeners: dict[str, Any] = {f"on_{name}_change": lambda: None for name in (*STATES, *board.EVENTS)}
    _map(key="map", data=data, **listeners)


def knobs_data(shown: View, on_board: list[OnBoard]) -> list[dict[str, Any]]:
    """The knobs beside the map; the list need not be blended here, so no arrays travel."""
    return [
        board.knob_data(
            knob,
            shown.choice.amount(knob.key),
            "",
            added=added,
            level=active.level if active else 0,
            facts=f"{active.level:.0%} active" if active else f"{len(knob.recipe)} neurons",
            hint="Turn it and watch where the taste goes.",
        )
        for knob, active, added in on_board
    ]
