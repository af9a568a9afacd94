"""The knob board: what it shows, how that travels to the browser, and what the browser says back."""

from knobs_ui.board.component import board, presets
from knobs_ui.board.events import EVENTS, message, take_over, version
from knobs_ui.board.payload import board_data, knob_data, send_items, send_ticks
from knobs_ui.board.transport import luggage, send_again, send_json, send_off, send_rows
from knobs_ui.board.view import N_ITEMS, OnBoard, View, shown_knobs, view

__all__ = [
    "EVENTS",
    "N_ITEMS",
    "OnBoard",
    "View",
    "board",
    "board_data",
    "knob_data",
    "luggage",
    "message",
    "presets",
    "send_again",
    "send_items",
    "send_json",
    "send_off",
    "send_rows",
    "send_ticks",
    "shown_knobs",
    "take_over",
    "version",
    "view",
]
