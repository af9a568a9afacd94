"""Recipe: the desk of one recipe with its audience, its rules, its versions, and how it reaches readers."""

import streamlit as st

from knobs_ui import html, shell, state

shell.require_router()

from knobs_core.base import UnknownNameError
from knobs_ui import studio
from knobs_ui.roles import Role, require
from knobs_ui.studio import drafts

bundle = shell.open_bundle()
require(Role.EDITOR)
name = st.query_params.get(studio.RECIPE, "")
try:
    drafts.draft_of(name)
except UnknownNameError:
    st.title("No such recipe", anchor=False)
    st.page_link("pages/studio.py", label="All recipes", icon=":material/arrow_back:")
    st.stop()


def on_message() -> None:
    """Which parts of the page follow what the desk says; under a hand the desk alone."""
    st.rerun("desk" if studio.held() else ["desk", "head", "thresholds"])


@st.fragment(key="head")
def head() -> None:
    """What it is called, how it stands, and what can be done with it as a whole."""
    shell.stay(bundle)
    require(Role.EDITOR)
    draft = drafts.draft_of(name)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="who"):
        with st.container():
            st.title(html.plain(draft.recipe.headline or name), anchor=False)
            st.html(html.note(studio.standing(draft, studio.store().live(name))))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", width="content"):
            st.page_link("pages/studio.py", label="All recipes", icon=":material/arrow_back:")
            studio.bar(bundle, name)
    studio.clash(bundle, name)
    studio.keep(bundle, name)
    state.say_told()


@st.fragment(key="desk")
def desk() -> None:
    """Knobs and audience; it re-runs alone while a hand is on a knob."""
    shell.stay(bundle)
    require(Role.EDITOR)
    studio.take_over(bundle, name)
    drafts.follow(name)
    studio.desk(bundle, name, on_message)


@st.fragment(key="thresholds")
def thresholds() -> None:
    """Where titles reach so many readers; worked out beside the desk."""
    shell.stay(bundle)
    require(Role.EDITOR)
    studio.thresholds(bundle, name)


def list_tab() -> None:
    """The knobs of the recipe and their audience."""
    desk()
    thresholds()
    studio.shelf(bundle, name)
    studio.wishes(bundle, name)


TABS = {
    "List": list_tab,
    "Rules": lambda: studio.rules(bundle, name),
    "Versions": lambda: studio.history(bundle, name),
    "Deliver": lambda: studio.deliver(bundle, name),
}
place = st.container()
for tab, show in zip(st.tabs(list(TABS), key=f"recipe tab {name}", on_change="rerun"), TABS.values(), strict=True):
    if tab.open:
        with tab:
            if show is not list_tab:
                drafts.follow(name)
            show()
with place:
    head()
