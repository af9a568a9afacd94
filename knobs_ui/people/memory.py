"""What a visitor's own browser remembers of them: whose list they had and how their dials stood, as a link has it.

It lies in the browser's storage under the data set's name and nowhere else. What comes back is checked as any link is.
"""

from typing import Any

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import board, front_end, heard, state

_memory = st.components.v2.component("knobs_memory", js=front_end.module("wall/memory.js"))
GONE = "Not all of what you had is here any more: the models were trained anew since."
ASKED, RETURNED = "memory asked for", "visitor returned"  # in the session


def place(bundle: Bundle) -> str:
    """The name under which a browser remembers."""
    return f"visitor {bundle.interactions.source.slug}"


def memory(bundle: Bundle) -> dict[str, Any] | None:
    """What is to be remembered; None of somebody who has chosen nothing yet."""
    link = state.to_link(bundle, state.current(bundle))
    return None if state.newcomer(bundle) else {"link": link}


def remember(bundle: Bundle) -> None:
    """Let the browser remember the present choice; for pages without a wall, once a run."""
    kept = memory(bundle)
    if kept:
        with board.luggage("memory"):
            _memory(key="memory", data={"place": place(bundle), "memory": kept})


def take_back(bundle: Bundle, said: object) -> None:
    """Begin where the browser says that its visitor left, with what of it this bundle still has."""
    st.session_state[ASKED] = True
    link = heard.table((heard.table(said) or {}).get("link"))
    if link is None or not state.newcomer(bundle):
        return
    choice, problems = state.from_link(bundle, {name: one for name, one in link.items() if isinstance(one, str)})
    if choice.user_ids or choice.item_ids:
        state.begin(bundle, choice)
        st.session_state[RETURNED] = GONE if problems else ""


def forget(bundle: Bundle) -> None:
    """Begin anew, as somebody who was never here; the browser has cleared its own part already."""
    for kept in (RETURNED, "presets"):  # presets would go back to the browser with the next visit to the panel
        st.session_state.pop(kept, None)
    state.begin(bundle)
