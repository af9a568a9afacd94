"""What the board and other components with knobs say: it is checked by ``CHECKS``, and then it is taken over."""

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st

from knobs_core.base import ConfigError, KnobsError
from knobs_core.bundles import Bundle
from knobs_core.data import Filters, genres_of
from knobs_ui import heard as check
from knobs_ui import html, state
from knobs_ui.board import mood
from knobs_ui.board.knobs import MORE, WAY, WAYS
from knobs_ui.board.transport import send_again
from knobs_ui.board.view import fits
from knobs_ui.state import LENGTHS, MOST_PINS

MAP = "map on the stage"  # in the session
YEARS = 100_000  # that a filter may begin or end with, and as many before Christ


class Message(NamedTuple):
    """What the board says. version: of the turn that amounts {knob key: amount} belong to, "" before the first;
    held: the hand is still on the knob; events: those of EVENTS that happened since, and what each is about."""

    version: str = ""
    amounts: Mapping[str, Any] = MappingProxyType({})
    held: bool = False
    events: Mapping[str, object] = MappingProxyType({})


def message(who: str = "board") -> Message:
    """What the board, or another component with knobs, says in this run. It comes from a browser, so its shape is
    checked here and the amounts by ``state.turn``."""
    sent = check.said(state.key(who))
    released = check.table(sent.get("dials")) or {}
    amounts = check.table(released.get("amounts")) or {}
    events = {name: about for name, fits in CHECKS.items() if (about := fits(sent.get(name))) is not None}
    version = released.get("version", "")
    version = str(version) if check.whole(version) is not None else check.text(version)
    return Message(version or "", amounts, check.yes(released.get("held")), events)


def version(who: str = "board") -> str:
    """The turn that was taken over last."""
    return st.session_state.get(f"{who} version", "")


def take_over(bundle: Bundle, heard: Message, who: str = "board") -> None:
    """Take over a message: knobs that were turned or released, and what else was done on the board."""
    take_turns(bundle, heard, who)
    try:
        with check.once(state.key(who)) as new:
            for event, about in heard.events.items() if new else ():
                if event in DEEDS:
                    DEEDS[event](bundle, about)
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")


def take_turns(bundle: Bundle, heard: Message, who: str = "board") -> None:
    """Take over the turns of a message alone, once: whatever runs beside the board begins with it, as what is asked for
    behind a turn may be worked out before the board itself runs."""
    try:
        with check.turn(f"{who} version", heard.version) as new:
            if new:
                now = state.current(bundle)
                turned = {key: amount for key, amount in heard.amounts.items() if amount != now.amount(key)}
                state.turn(bundle, turned, passing=heard.held)
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")


def _remove(bundle: Bundle, key: object) -> None:
    state.change(bundle, dials=tuple(pair for pair in state.current(bundle).dials if pair[0] != key))


def _add(bundle: Bundle, key: Any) -> None:
    """A knob that was found joins the dials, at rest."""
    state.turn(bundle, {key: state.current(bundle).amount(key)})


def _more_like(bundle: Bundle, column: Any) -> None:
    """A title that was found joins as a knob."""
    if column < bundle.interactions.n_items:
        _add(bundle, f"~{bundle.interactions.item_ids[column]}")


def _pin(bundle: Bundle, _: object) -> None:
    now = state.current(bundle)
    state.change(bundle, pins=(*now.pins, now.turned)[-MOST_PINS:])


def _unpin(bundle: Bundle, place: Any) -> None:
    pins = state.current(bundle).pins
    if place < len(pins):
        state.change(bundle, pins=pins[:place] + pins[place + 1 :])


def _set_so(bundle: Bundle, place: Any) -> None:
    """The dials of a pinned list."""
    pins = state.current(bundle).pins
    if place < len(pins):
        state.change(bundle, dials=pins[place])


def _filter(bundle: Bundle, told: Any) -> None:
    """Filters as the browser says them, where they are such and leave something."""
    genres = genres_of(bundle.interactions)
    first, last = (check.whole(told.get(name), -YEARS, YEARS) for name in ("first", "last"))
    named = (check.listed(told.get(name)) or [] for name in ("only", "without"))
    only, without = (tuple(one for one in genres if one in those) for those in named)
    filters = Filters(first, last, only, without, check.yes(told.get("fresh")))
    if not fits(bundle, dataclasses.replace(state.current(bundle), filters=filters)):
        raise ConfigError("filters that leave a title", "that none fits", "widen them; they stay as they were")
    state.change(bundle, filters=filters)


def _length(bundle: Bundle, n: Any) -> None:
    if n in LENGTHS:
        state.change(bundle, n=n)


def _way(_: Bundle, chosen: object) -> None:
    if chosen in WAYS:
        st.session_state[WAY] = chosen


def _mood(bundle: Bundle, told: Any) -> None:
    """Turn what the chips of a sentence say."""
    amounts, instead = mood.moved(told)
    if amounts:
        state.turn(bundle, amounts, instead=instead)


def _more(_: Bundle, wanted: object) -> None:
    st.session_state[MORE] = wanted is True


def _map(_: Bundle, wanted: object) -> None:
    """A map beside the board, on a stage; shown or put away, or the other of the two."""
    st.session_state[MAP] = wanted if isinstance(wanted, bool) else not st.session_state.get(MAP)


DEEDS: dict[str, Callable[[Bundle, Any], None]] = {
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
    "say": mood.say,
    "unsay": lambda _, __: mood.unsay(),
    "seek": mood.seek,
    "ready": lambda bundle, _: mood.prepare(bundle),
    "mood": _mood,
    "unmark": lambda bundle, _: state.change(bundle, seen=()),
    "missing": lambda _, __: send_again(),
}
ALONE = {"preview", "say", "unsay", "seek", "ready"}  # of which the rest of the page need not know
OPENS = ("card", "item", "ask", "keep")  # what the side sheet can show
CHECKS: dict[str, Callable[[object], object]] = {  # what each event can be about
    **dict.fromkeys((*DEEDS, *OPENS, "close", "rest"), check.anything),
    **dict.fromkeys(("remove", "add", "way", "card", "say", "seek"), check.text),
    **dict.fromkeys(("like", "unpin", "so", "length", "item"), check.whole),
    **dict.fromkeys(("more", "map"), lambda value: value if isinstance(value, bool) else check.anything(value)),
    **dict.fromkeys(("filter", "mood"), check.table),
    "preview": check.key_or_place,
}
EVENTS = tuple(CHECKS)
