"""Wishes instead of guesses: what the audience's lists should come to, and the smallest dials that do it."""

import dataclasses

import streamlit as st

from knobs_core.audience import Cap, Goal, Keep, Reaches, Solution, Theme, solve
from knobs_core.base import KnobsError, Progress
from knobs_core.bundles import Bundle
from knobs_core.data import find_item, genres_of
from knobs_ui import html
from knobs_ui.studio import drafts
from knobs_ui.studio.picker import title
from knobs_ui.studio.room import audience, store

FOUND = "wishes granted"  # in the session: (slug, Solution), the last one


def wishes(bundle: Bundle, name: str) -> None:
    """A form with four kinds of wishes; those that are left empty ask for nothing."""
    with st.expander("Ask for it: the smallest dials that do what you want", icon=":material/auto_fix_high:"):
        with st.form(f"{name} wishes", border=False):
            left, right = st.columns(2, gap="large")
            wanted = left.text_input(f"This {html.plain(bundle.words.one)} …", key=f"{name} wish title", max_chars=200,
                                     placeholder="Its title or id")  # fmt: skip
            reach = left.number_input("… reaches so many readers, %", 1, 100, 20, key=f"{name} wish reach")
            keep = left.number_input("Keep of each list, %", 1, 100, None, key=f"{name} wish keep",
                                     placeholder="Not asked for")  # fmt: skip
            lists = left.number_input("… for so many of the readers, %", 1, 100, 90, key=f"{name} wish lists")
            themes = sorted({*genres_of(bundle.interactions), *bundle.concepts.tags}, key=str.lower)
            theme = right.selectbox("This theme or genre …", themes, None, key=f"{name} wish theme",
                                    format_func=html.plain, placeholder="Not asked for")  # fmt: skip
            share = right.number_input("… has so many of the rows, %", 1, 100, 30, key=f"{name} wish share")
            cap = right.number_input("No title reaches more readers than, %", 1, 100, None, key=f"{name} wish cap",
                                     placeholder="Not asked for")  # fmt: skip
            asked = st.form_submit_button("Find the dials", icon=":material/search:")
        if asked:
            try:
                goals = _goals(bundle, wanted, reach, keep, lists, theme, share, cap)
                _find(bundle, name, goals)
            except KnobsError as error:
                st.session_state.pop(FOUND, None)
                st.error(html.plain(str(error)), icon=":material/error:")
        slug, found = st.session_state.get(FOUND, ("", None))
        if slug == name and found is not None:
            _answer(bundle, name, found)


def _goals(
    bundle: Bundle,
    wanted: str,
    reach: int,
    keep: int | None,
    lists: int,
    theme: str | None,
    share: int,
    cap: int | None,
) -> list[Goal]:
    goals: list[Goal] = []
    if wanted.strip():
        goals.append(Reaches(find_item(bundle.interactions, wanted), reach / 100))
    if keep is not None:
        goals.append(Keep(keep / 100, lists / 100))
    if theme is not None:
        goals.append(Theme(theme, share / 100))
    if cap is not None:
        goals.append(Cap(cap / 100))
    return goals


def _find(bundle: Bundle, name: str, goals: list[Goal]) -> None:
    """Look for the dials, and say how far that is. What is asked for may move beside the recipe's own dials."""
    recipe, bar = drafts.untold(drafts.draft_of(name).recipe), st.progress(0.0, "Trying dials on the audience")
    themes = [goal.tag for goal in goals if isinstance(goal, Theme) and goal.tag in bundle.knobs]
    titles = [f"~{goal.item}" for goal in goals if isinstance(goal, Reaches)]
    knobs = list(dict.fromkeys([*(one.knob for one in recipe.dials), *themes, *titles]))

    def tell(step: Progress) -> None:
        bar.progress(min(step.share, 1.0), "Trying dials on the audience")

    found = solve(audience(bundle), recipe, goals, store().house().rules, knobs=knobs, progress=tell)
    bar.empty()
    st.session_state[FOUND] = (name, found)


def _answer(bundle: Bundle, name: str, found: Solution) -> None:
    if found.found:
        st.success(f"These dials do it. {html.plain(found.sentence)}", icon=":material/check:")
    else:
        st.warning(f"It cannot be had so. {html.plain(found.sentence)} This comes nearest:", icon=":material/block:")
    dials, goals = st.columns(2, gap="large")
    named = [f"{bundle.knobs[one.knob].title} {html.signed(one.amount)}" for one in found.dials if one.amount]
    dials.html(html.names(named or ["all dials at rest"]))
    goals.html(html.names(
        f"{_said(bundle, one.goal)}: {one.value:.0%}, {'met' if one.met else 'not met'}" for one in found.outcomes
    ))  # fmt: skip
    st.button("Put these dials on the desk", key=f"{name} use wishes", icon=":material/tune:", on_click=_use,
              args=(bundle, name, found))  # fmt: skip


def _said(bundle: Bundle, goal: Goal) -> str:
    """A goal with the title of its item instead of the id."""
    return str(dataclasses.replace(goal, item=title(bundle, goal.item)) if isinstance(goal, Reaches) else goal)


def _use(bundle: Bundle, name: str, found: Solution) -> None:
    try:
        drafts.turn(bundle, name, {one.knob: one.amount for one in found.recipe.dials})
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")
