"""What the board and other components with knobs say: its shape is checked here, and then it is taken over."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import streamlit as st

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_ui import state
from knobs_ui.board.transport import send_again

EVENTS = ("card", "item", "remove", "undo", "redo", "missing", "rest")


class Message(NamedTuple):
    """What the board says. version: of the turn that amounts {knob key: amount} belong to, "" before the first;
    held: the hand is still on the knob; event: one of EVENTS or ""; about: the knob or item it is about."""

    version: str = ""
    amounts: Mapping[str, Any] = MappingProxyType({})
    held: bool = False
    event: str = ""
    about: object = None


def message(who: str = "board") -> Message:
    """What the board, or another component with knobs, says in this run. It comes from a browser, so its shape is
    checked here and its values later."""
    sent = st.session_state.get(who) or {}
    released = sent.get("dials")
    released = released if isinstance(released, dict) else {}
    amounts = released.get("amounts")
    event = next((name for name in EVENTS if sent.get(name) is not None), "")
    amounts = amounts if isinstance(amounts, dict) else {}
    return Message(str(released.get("version", "")), amounts, released.get("held") is True, event, sent.get(event))


def version(who: str = "board") -> str:
    """The turn that was taken over last."""
    return st.session_state.get(f"{who} version", "")


def take_over(bundle: Bundle, heard: Message, who: str = "board") -> None:
    """Take over a message about knobs: turned or released, one that is to go, a step back; or arrays missed."""
    if heard.version and heard.version != version(who):
        st.session_state[f"{who} version"] = heard.version
        now = state.current(bundle)
        try:
            turned = {key: amount for key, amount in heard.amounts.items() if amount != now.amount(key)}
            state.turn(bundle, turned, passing=heard.held)
        except KnobsError as error:
            st.toast(str(error), icon=":material/error:")
    if heard.event == "remove":
        state.change(bundle, dials=tuple(pair for pair in state.current(bundle).dials if pair[0] != heard.about))
    elif heard.event in ("undo", "redo"):
        {"undo": state.undo, "redo": state.redo}[heard.event](bundle)
    elif heard.event == "missing":
        send_again()
