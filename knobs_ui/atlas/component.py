"""The map component: ground, points that travel once, and what moves on top of them; plain JavaScript in assets/map.

It has no knobs of its own: it hears what the board of the same page shows, and works out itself where a turn leads.
Like the board it speaks through component state, which anybody may forge: ``board.message`` and ``lasso`` check its
shape.
"""

from collections.abc import Callable
from typing import Any

from knobs_ui import board, front_end, heard, state

_map = board.component("map", "map/map.js", html=front_end.text("map/map.html"), css=front_end.text("map/map.css"))


def atlas(data: dict[str, Any], on_event: Callable[[], None] = lambda: None) -> None:
    """Mount the map; what it says back is read by ``board.message`` and ``lasso`` in the next run, before which
    ``on_event`` runs."""
    listeners: dict[str, Any] = {f"on_{name}_change": on_event for name in ("lasso", "told", *board.EVENTS)}
    key = state.key("map")
    _map(key=key, data={**data, "heard": heard.taken(key), "sought": board.mood_data()["sought"]}, **listeners)
