"""Thresholds on a dial of the desk: the amounts at which titles come to reach a share of the readers, or cease to, in
words and as marks on the knob. They take seconds, so they are worked out for whoever asks, beside the desk."""

from typing import Any

import streamlit as st

from knobs_core.audience import GRID, Sweep, Threshold, sweep
from knobs_core.base import KnobsError, Progress, visible
from knobs_core.bundles import Bundle
from knobs_core.lists import HouseRules, ListRecipe
from knobs_ui import board, html
from knobs_ui.studio import drafts
from knobs_ui.studio.room import audience, store

TICKED, SWEPT = "knob with thresholds", "what was swept"  # in the session: a knob just clicked, the last answer
OPEN = "thresholds asked for"  # in the session
MOST = 14  # thresholds that are told, those nearest to rest
BAR = "Following every reader's list"


def thresholds(bundle: Bundle, name: str) -> None:
    """Ask for the thresholds of one knob of the desk; a click on its name there asks, too."""
    recipe, house = drafts.untold(drafts.draft_of(name).recipe), store().house().rules
    keys = [one.knob for one in drafts.draft_of(name).recipe.dials if one.knob in bundle.knobs]
    clicked, marks = st.session_state.pop(TICKED, None), {}
    if clicked in keys:
        st.session_state[OPEN] = True
    with st.expander("Thresholds: from where on titles reach your readers", icon=":material/linear_scale:",
                     expanded=bool(st.session_state.get(OPEN))):  # fmt: skip
        if keys:
            which, how = st.columns(2, gap="large")
            if clicked in keys:
                st.session_state["thresholds of"] = clicked
            key = which.selectbox("Of this knob", keys, key="thresholds of",
                                  format_func=lambda one: html.plain(bundle.knobs[one].title))  # fmt: skip
            share = how.slider("Share of the readers, %", 5, 95, 50, 5, key="thresholds share") / 100
            wanted = st.button("Work them out", icon=":material/linear_scale:") or clicked == key
            if (found := _found(bundle, recipe, house, key, wanted)) is not None:
                marks = {key: _told(bundle, found, share)}
        else:
            st.html(html.note("There is no knob on the desk yet."))
    board.marks({"state": name, "ticks": marks, "pool": None})


def _found(bundle: Bundle, recipe: ListRecipe, house: HouseRules, key: str, wanted: bool) -> Sweep | None:
    """Every change of the audience's lists while the knob moves; the last answer is kept in the session. None where it
    is another one's and nothing is wanted."""
    others = tuple(one for one in recipe.dials if one.knob != key)
    asked = (bundle.id, recipe.model_copy(update={"dials": others}), house, key)
    known, kept = st.session_state.get(SWEPT, (None, None))
    if known == asked or not wanted:
        return kept if known == asked else None
    bar = st.progress(0.0, BAR)

    def tell(step: Progress) -> None:
        bar.progress(min(step.share, 1.0), BAR)

    try:
        found = sweep(audience(bundle), recipe, key, house, tell)
    except KnobsError as error:
        st.error(html.plain(str(error)), icon=":material/error:")
        return None
    finally:
        bar.empty()
    st.session_state[SWEPT] = (asked, found)
    return found


def _told(bundle: Bundle, found: Sweep, share: float) -> list[dict[str, Any]]:
    """The thresholds in words, and as marks for the knob."""
    nearest = sorted(found.thresholds(share), key=lambda one: abs(one.amount))[:MOST]
    marks = [_mark(bundle, one, share) for one in sorted(nearest, key=lambda one: one.amount)]
    if marks:
        st.html(html.names(f"{html.signed(mark['at'])}: {mark['title']} {mark['says']}" for mark in marks))
    else:
        st.html(html.note("No amount of it brings any title to so many, or from them."))
    exact = "Exact, with all other dials as they stand."
    st.html(html.note(exact if found.exact else f"To the nearest {GRID:g}: quotas leave no exact amounts."))
    return marks


def _mark(bundle: Bundle, one: Threshold, share: float) -> dict[str, Any]:
    says = f"{'reaches' if one.begins else 'falls under'} {share:.0%} of the readers"
    title = visible(bundle.interactions.main_title(one.item))
    return {"at": round(one.amount, 4), "title": title, "enters": one.begins, "says": says}
