"""The stage: a button on the panel, and all that the front end in assets/stage makes of the page once it is pressed."""

import math
import os
from typing import Any

import streamlit as st

from knobs_core.base import ConfigError, KnobsError
from knobs_core.bundles import Bundle
from knobs_ui import front_end, heard, html, state
from knobs_ui.front_end import ASSETS
from knobs_ui.stage.events import EVENTS, invited, show
from knobs_ui.stage.tour import Tour, tour_of

_stage = st.components.v2.component(
    "knobs_stage",
    html=front_end.text("stage/stage.html"),
    css=front_end.text("stage/stage.css"),
    js=front_end.module("stage/stage.js"),
)


def stage(bundle: Bundle) -> None:
    """Mount the stage where its button is to stand; what it says is taken over by ``take_over`` in the next run of the
    whole page."""
    tour, idle = None, None
    try:
        tour, idle = tour_of(bundle), idle_minutes()
    except KnobsError as error:
        st.error(html.plain(str(error)), icon=":material/route:")
    st.html(ASSETS / "stage" / "page.css")
    listeners: dict[str, Any] = {f"on_{name}_change": lambda: None for name in ("told", *EVENTS)}
    _stage(key="stage", data={**stage_data(bundle, tour, idle), "heard": heard.taken("stage")}, **listeners)


def stage_data(bundle: Bundle, tour: Tour | None, idle: float | None) -> dict[str, Any]:
    """What the stage shows. idle: minutes until it returns to its opening, None for what the tour says."""
    now, steps = show(bundle), tour.step if tour else ()
    minutes = idle if idle is not None else tour.idle if tour else 0.0
    return {
        "steps": [{"say": step.say, "note": step.note, "view": step.view or ""} for step in steps],
        "at": min(now.at, len(steps)),
        "focus": now.focus,
        "who": state.current(bundle).name(bundle.interactions),
        "idle": 60 * minutes,
        "invitation": invited(),
    }


def idle_minutes() -> float | None:
    """``KNOBS_IDLE``: minutes without a hand on anything until the stage returns to its opening; None where not set.

    Raises:
        ConfigError: something else than minutes.
    """
    told = os.environ.get("KNOBS_IDLE", "")
    try:
        minutes = float(told) if told else None
    except ValueError:
        minutes = math.nan
    if minutes is not None and not 0 <= minutes < math.inf:
        raise ConfigError("KNOBS_IDLE to be minutes, or 0 for never", f"'{told}'", "set it to a number such as 3")
    return minutes
