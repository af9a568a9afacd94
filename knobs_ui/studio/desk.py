"""The desk of a recipe: its knobs and what they do to the audience, in one component that hears its hand live.

While a hand is on a knob the browser tells where it stands, the server ranks the whole audience anew and answers with
what is to be drawn: the same arithmetic as for every list, nothing is guessed in between.
"""

import json
from collections.abc import Callable
from typing import Any

import streamlit as st

from knobs_core.base import KnobsError, visible
from knobs_core.bundles import Bundle
from knobs_ui import board, front_end, heard, html, state
from knobs_ui.studio import drafts
from knobs_ui.studio.frame import ORDERS, frame
from knobs_ui.studio.thresholds import TICKED

CLICKS = [round(0.02 * click, 2) for click in range(1, 21)] + [round(0.4 + 0.0375 * click, 4) for click in range(1, 17)]
EVENTS: dict[str, Callable[[object], object]] = {  # what the desk may say, and what each can be about
    **dict.fromkeys(("add", "remove", "order", "segment", "thresholds", "say", "seek"), heard.text),
    "mood": heard.table,
    **dict.fromkeys(("like", "reader"), heard.whole),
    **dict.fromkeys(("undo", "redo", "missing", "reset", "unsay", "ready"), heard.anything),
}
ORDER, READER, SEGMENT = "desk order", "desk reader", "desk segment"  # in the session

_desk = board.component(
    "desk",
    "studio/desk.js",
    html=front_end.text("studio/desk.html"),
    css=front_end.text("board/board.css", "studio/desk.css"),
)


def desk(bundle: Bundle, name: str, on_message: Callable[[], None]) -> None:
    """Mount the desk of a draft; what it says is taken over by ``take_over`` in the next run."""
    listeners: dict[str, Any] = {f"on_{event}_change": on_message for event in ("dials", "told", *EVENTS)}
    key = state.key("desk")
    data = json.dumps({**desk_data(bundle, name), "heard": heard.taken(key)}, allow_nan=False).encode()
    _desk(key=key, data=data, **listeners)
    board.send_off("desk")


def held() -> bool:
    """Whether all the desk has just said is where a hand stands that has not let go."""
    said = heard.said(state.key("desk"))
    events = any(said.get(event) is not None for event in EVENTS)
    return not events and heard.yes((heard.table(said.get("dials")) or {}).get("held"))


def take_over(bundle: Bundle, name: str) -> None:
    """Take over what the desk says; it comes from a browser, so anything may be wrong with it."""
    said = heard.said(state.key("desk"))
    try:
        told = heard.table(said.get("dials")) or {}
        with heard.turn("desk version", heard.text(told.get("version"))) as new:
            if new:
                _turned(bundle, name, told)
        with heard.once(state.key("desk")) as new:
            for event, fits in EVENTS.items() if new else ():
                if (about := fits(said.get(event))) is not None:
                    _done(bundle, name, event, about)
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")


def _turned(bundle: Bundle, name: str, told: dict[str, Any]) -> None:
    now = {one.knob: one.amount for one in drafts.draft_of(name).recipe.dials}
    amounts = {
        key: round(number, 4)
        for key, amount in (heard.table(told.get("amounts")) or {}).items()
        if (number := heard.number(amount, 1)) is not None and key in now
    }
    passing = heard.yes(told.get("held"))
    turned = {key: amount for key, amount in amounts.items() if amount != now[key]}
    if turned or (drafts.draft_of(name).line.passing and not passing):
        drafts.turn(bundle, name, turned if passing else amounts, passing)


def _done(bundle: Bundle, name: str, event: str, about: Any) -> None:
    recipe = drafts.draft_of(name).recipe
    if event == "add":
        amount = next((one.amount for one in recipe.dials if one.knob == about), 0.0)
        drafts.turn(bundle, name, {about: amount})
    elif event == "like" and about < bundle.interactions.n_items:
        drafts.turn(bundle, name, {f"~{bundle.interactions.item_ids[about]}": 0.0})
    elif event == "remove":
        drafts.change(name, dials=tuple(one for one in recipe.dials if one.knob != about))
    elif event == "reset":
        drafts.turn(bundle, name, {one.knob: 0.0 for one in recipe.dials})
    elif event == "undo":
        drafts.undo(name)
    elif event == "redo":
        drafts.redo(name)
    elif event == "mood":
        amounts, instead = board.moved(about)
        if amounts:
            drafts.turn(bundle, name, amounts, instead=instead)
    elif event in ("say", "seek"):
        (board.say if event == "say" else board.seek)(bundle, about)
    elif event == "ready":
        board.prepare(bundle)
    elif event == "unsay":
        board.unsay()
    elif event == "missing":
        board.send_again()
    elif event == "order" and about in ORDERS:
        st.session_state[ORDER] = about
    elif event in ("reader", "segment", "thresholds"):
        st.session_state[{"reader": READER, "segment": SEGMENT, "thresholds": TICKED}[event]] = about


def desk_data(bundle: Bundle, name: str) -> dict[str, Any]:
    """What the desk is told: its knobs, and the audience as it is with them."""
    draft = drafts.draft_of(name)
    whole = board.travels_whole(bundle)
    return {
        "version": st.session_state.get("desk version", ""),
        "knobs": [_knob(bundle, turn.knob, turn.amount, turn.name) for turn in draft.recipe.dials],
        "items": board.send_items(bundle) if whole else "",
        "whole": whole,
        "catalogue": board.send_knobs(bundle),
        **board.mood_data(),
        **frame(
            bundle,
            draft,
            order=st.session_state.get(ORDER, ORDERS[0]),
            reader=st.session_state.get(READER),
            segment=st.session_state.get(SEGMENT, ""),
        ),
    }


def _knob(bundle: Bundle, key: str, amount: float, name: str) -> dict[str, Any]:
    """A dial of the recipe, in the words of the board; one that the bundle does not have stands with its old name."""
    knob = bundle.knobs.get(key)
    said = board.about(bundle, key) if knob else board.About(visible(name or key), "not in this bundle", "", "", "")
    return {
        "key": key,
        "kind": knob.kind if knob else "concept",
        "amount": amount,
        "added": True,
        "up": CLICKS,
        "down": [-click for click in CLICKS],
        "blob": "",
        "depth": 0.0,
        "level": 0.0,
        "name": said.name,
        "facts": said.facts + said.badge,
        "gloss": said.gloss,
        "hint": said.hint,
    }
