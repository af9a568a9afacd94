"""What the board and other components with knobs say: its shape is checked here, and then it is taken over."""

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st

from knobs_core.base import ConfigError, KnobsError
from knobs_core.bundles import Bundle
from knobs_core.data import Filters, genres_of
from knobs_ui import html, state
from knobs_ui.board.knobs import MORE, WAY, WAYS
from knobs_ui.board.transport import send_again
from knobs_ui.board.view import fits
from knobs_ui.state import LENGTHS, MOST_PINS

MAP = "map on the stage"  # in the session


class Message(NamedTuple):
    """What the board says. version: of the turn that amounts {knob key: amount} belong to, "" before the first;
    held: the hand is still on the knob; events: those of EVENTS that happened since, and what each is about."""

    version: str = ""
    amounts: Mapping[str, Any] = MappingProxyType({})
    held: bool = False
    events: Mapping[str, object] = MappingProxyType({})


def message(who: str = "board") -> Message:
    """What the board, or another component with knobs, says in this run. It comes from a browser, so its shape is
    checked here and its values later."""
    sent = st.session_state.get(who) or {}
    released = sent.get("dials")
    released = released if isinstance(released, dict) else {}
    amounts = released.get("amounts")
    events = {name: sent[name] for name in EVENTS if sent.get(name) is not None}
    amounts = amounts if isinstance(amounts, dict) else {}
    return Message(str(released.get("version", "")), amounts, released.get("held") is True, events)


def version(who: str = "board") -> str:
    """The turn that was taken over last."""
    return st.session_state.get(f"{who} version", "")


def take_over(bundle: Bundle, heard: Message, who: str = "board") -> None:
    """Take over a message: knobs that were turned or released, and what else was done on the board."""
    try:
        if heard.version and heard.version != version(who):
            st.session_state[f"{who} version"] = heard.version
            now = state.current(bundle)
            turned = {key: amount for key, amount in heard.amounts.items() if amount != now.amount(key)}
            state.turn(bundle, turned, passing=heard.held)
        for event, about in heard.events.items():
            if event in DEEDS:
                DEEDS[event](bundle, about)
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")


def _remove(bundle: Bundle, key: object) -> None:
    state.change(bundle, dials=tuple(pair for pair in state.current(bundle).dials if pair[0] != key))


def _add(bundle: Bundle, key: object) -> None:
    """A knob that was found joins the dials, at rest."""
    state.turn(bundle, {str(key): state.current(bundle).amount(str(key))})


def _more_like(bundle: Bundle, column: object) -> None:
    """A title that was found joins as a knob."""
    if isinstance(column, int) and 0 <= column < bundle.interactions.n_items:
        _add(bundle, f"~{bundle.interactions.item_ids[column]}")


def _pin(bundle: Bundle, _: object) -> None:
    now = state.current(bundle)
    state.change(bundle, pins=(*now.pins, now.turned)[-MOST_PINS:])


def _unpin(bundle: Bundle, place: object) -> None:
    pins = state.current(bundle).pins
    if isinstance(place, int) and 0 <= place < len(pins):
        state.change(bundle, pins=pins[:place] + pins[place + 1 :])


def _set_so(bundle: Bundle, place: object) -> None:
    """The dials of a pinned list."""
    pins = state.current(bundle).pins
    if isinstance(place, int) and 0 <= place < len(pins):
        state.change(bundle, dials=pins[place])


def _filter(bundle: Bundle, told: object) -> None:
    """Filters as the browser says them, where they are such and leave something."""
    told, genres = told if isinstance(told, dict) else {}, genres_of(bundle.interactions)
    years = [told.get(name) for name in ("first", "last")]
    first, last = (year if isinstance(year, int) and abs(year) < 100_000 else None for year in years)
    only, without = (tuple(one for one in genres if one in _strings(told.get(name))) for name in ("only", "without"))
    filters = Filters(first, last, only, without, told.get("fresh") is True)
    if not fits(bundle, dataclasses.replace(state.current(bundle), filters=filters)):
        raise ConfigError("filters that leave a title", "that none fits", "widen them; they stay as they were")
    state.change(bundle, filters=filters)


def _strings(listed: object) -> list[str]:
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def _length(bundle: Bundle, n: object) -> None:
    if n in LENGTHS:
        state.change(bundle, n=n)


def _way(_: Bundle, chosen: object) -> None:
    if chosen in WAYS:
        st.session_state[WAY] = chosen


def _more(_: Bundle, wanted: object) -> None:
    st.session_state[MORE] = wanted is True


def _map(_: Bundle, wanted: object) -> None:
    """A map beside the board, on a stage; shown or put away, or the other of the two."""
    st.session_state[MAP] = wanted if isinstance(wanted, bool) else not st.session_state.get(MAP)


DEEDS: dict[str, Callable[[Bundle, object], None]] = {
    "remove": _remove,
    "add": _add,
    "like": _more_like,
    "pin": _pin,
    "unpin": _unpin,
    "so": _set_so,
    "filter": _filter,
    "length": _length,
    "way": _way,
    "more": _more,
    "map": _map,
    "undo": lambda bundle, _: state.undo(bundle),
    "redo": lambda bundle, _: state.redo(bundle),
    "reset": lambda bundle, _: state.rest(bundle),
    "clear": lambda bundle, _: state.change(bundle, dials=()),
    "unmark": lambda bundle, _: state.change(bundle, seen=()),
    "missing": lambda _, __: send_again(),
}
OPENS = ("card", "item", "ask", "keep")  # what the side sheet can show
EVENTS = (*DEEDS, *OPENS, "preview", "close", "rest")
