"""What follows the list: breakpoints as ticks, and for a large catalogue the candidates for the next turn."""

import time
from typing import Any

import numpy as np
import torch

from knobs_core.base import visible
from knobs_core.bundles import Bundle
from knobs_core.steering import breakpoints, candidates
from knobs_ui.board import component
from knobs_ui.board.catalogue import send_items, travels_whole
from knobs_ui.board.knobs import OnBoard
from knobs_ui.board.transport import send_pool
from knobs_ui.board.view import View

TICK_SECONDS = 0.1  # breakpoints are worked out for as many knobs as fit into this, those that are turned first


def send_ticks(bundle: Bundle, shown: View, on_board: list[OnBoard]) -> None:
    """Work out at which amounts items enter and leave, for as many knobs as time allows, and send that to the board."""
    pool = _send_pool(bundle, shown, on_board)
    began, marks = time.perf_counter(), {}
    titles = bundle.interactions.items["title"]
    knobs_there = [on.knob for on in on_board] if bundle.engine.linear else []
    for knob in sorted(knobs_there, key=lambda knob: not shown.choice.amount(knob.key)):
        if time.perf_counter() - began > TICK_SECONDS:
            break
        others = [dial for dial in shown.dials if dial.key != knob.key]
        marks[knob.key] = [
            {"at": round(tick.amount, 4), "title": visible(titles[tick.item]), "enters": tick.enters}
            for tick in breakpoints(bundle.engine, shown.taste, others, knob.dial(1.0), shown.choice.n)
        ]
    component.marks({"state": shown.token, "ticks": marks, "pool": pool})


def _send_pool(bundle: Bundle, shown: View, on_board: list[OnBoard]) -> dict[str, Any] | None:
    """For a catalogue too large to travel: the items that can enter the list with the next turn of any one knob."""
    engine, taste = bundle.engine, shown.taste
    if not engine.linear or travels_whole(bundle):
        return None
    dials, keys = [on.knob.dial(1.0) for on in on_board], [on.knob.key for on in on_board]
    columns = candidates(engine, taste, shown.dials, dials, shown.choice.n)
    rows = torch.vstack([taste.base, engine.dial_vectors(dials)])
    blob = send_pool(f"pool {bundle.id} {shown.token} {keys}", rows[:, columns].cpu().numpy())
    because = shown.at_rest.because[columns]
    items = send_items(bundle, np.union1d(columns, because))
    return {"blob": blob, "columns": columns.tolist(), "keys": keys, "items": items, "because": because.tolist()}
