"""The knob board: what it shows, how that travels to the browser, and what the browser says back."""

from knobs_ui.board.catalogue import send_items, send_knobs, travels_whole
from knobs_ui.board.component import board, kept_list, marks, single
from knobs_ui.board.events import ALONE, EVENTS, MAP, OPENS, Message, message, take_over, take_turns, version
from knobs_ui.board.knobs import MORE, WAY, WAYS, About, OnBoard, about, shown_knobs
from knobs_ui.board.mood import mood_data, moved, prepare, say, seek, unsay
from knobs_ui.board.payload import board_data, knob_data, preview
from knobs_ui.board.ticks import send_ticks
from knobs_ui.board.transport import component, luggage, send_again, send_json, send_off, send_rows
from knobs_ui.board.view import View, fits, view

__all__ = [
    "ALONE",
    "EVENTS",
    "MAP",
    "MORE",
    "OPENS",
    "WAY",
    "WAYS",
    "About",
    "Message",
    "OnBoard",
    "View",
    "about",
    "board",
    "board_data",
    "component",
    "fits",
    "kept_list",
    "knob_data",
    "luggage",
    "marks",
    "message",
    "mood_data",
    "moved",
    "prepare",
    "preview",
    "say",
    "seek",
    "send_again",
    "send_items",
    "send_json",
    "send_knobs",
    "send_off",
    "send_rows",
    "send_ticks",
    "shown_knobs",
    "single",
    "take_over",
    "take_turns",
    "travels_whole",
    "unsay",
    "version",
    "view",
]
