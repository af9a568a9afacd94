"""What the stage says, and what follows: a tour's step, the opening, an invitation. It comes from a browser, so it is
checked here."""

import dataclasses
from collections.abc import Mapping

import streamlit as st

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_ui import heard, html, state
from knobs_ui.stage.room import invitation
from knobs_ui.stage.scenes import focus_of, scene
from knobs_ui.stage.tour import tour_of
from knobs_ui.state import Choice

EVENTS = ("enter", "step", "reset", "invite")
SHOW, INVITED = "show", "invitation"  # in the session


@dataclasses.dataclass(frozen=True)
class Show:
    """How far a show is. opening: what the panel showed as the stage was entered, to which it returns; at: the step of
    the tour, 0 for the opening; focus: name of the knob under the spotlight, "" for none."""

    opening: Choice
    at: int = 0
    focus: str = ""


def show(bundle: Bundle) -> Show:
    """The visitor's show."""
    if SHOW not in st.session_state:
        st.session_state[SHOW] = Show(state.current(bundle))
    return st.session_state[SHOW]


def carry(old: Bundle, new: Bundle) -> None:
    """Let the show go on with another bundle: at its step, and with the opening as far as that is there."""
    last = st.session_state.get(SHOW)
    if last is not None:
        opening = state.carried(old, new, last.opening)[0]
        st.session_state[SHOW] = Show(state.of_somebody(new, opening), last.at)


def take_over(bundle: Bundle) -> None:
    """Take over what the stage says in this run, before anything is shown. A whole step of a tour, or the way back to
    the opening, is one step that can be undone."""
    with heard.once("stage") as new:
        for event, about in _said(heard.said("stage")) if new else ():
            _done(bundle, event, about)


def _done(bundle: Bundle, event: str, about: int | None) -> None:
    if event == "enter":
        st.session_state[SHOW] = Show(state.current(bundle))
    elif event == "reset":
        opening = show(bundle).opening
        _go(bundle, opening, Show(opening))
    elif event == "step" and about is not None:
        _step(bundle, about, show(bundle).opening)
    elif event == "invite" and about is not None:
        found = invitation(st.context.url or "", state.to_link(bundle, state.current(bundle)))
        st.session_state[INVITED] = (about, found)


def _said(sent: Mapping[str, object]) -> list[tuple[str, int | None]]:
    """Events and what they are about, a number or nothing, in the order in which they were said: keys in quick
    succession come together."""
    said = []
    for event in EVENTS:
        told = heard.table(sent.get(event)) or {}
        if (order := heard.whole(told.get("order"))) is not None:
            said.append((order, event, heard.whole(told.get("about"))))
    return [(event, about) for _, event, about in sorted(said, key=lambda one: one[0])]


def _step(bundle: Bundle, n: int, opening: Choice) -> None:
    """Go to step n of the tour; a number that none has is not heard, and what this bundle cannot show is told."""
    try:
        tour = tour_of(bundle)
        if tour and 0 <= n <= len(tour.step):
            _go(bundle, scene(bundle, tour, n, opening), Show(opening, n, focus_of(bundle, tour, n)))
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")


def invited() -> dict[str, object] | None:
    """The invitation that was asked for in this run, and by which wish; None in all others."""
    wish, found = st.session_state.pop(INVITED, (0, None))
    return {"wish": wish, **found._asdict()} if found else None


def _go(bundle: Bundle, choice: Choice, there: Show) -> None:
    state.change(bundle, **vars(choice))
    st.session_state[SHOW] = there
