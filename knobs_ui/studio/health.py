"""After a training: which recipes still mean what they meant, and drafts of those that were taken apart anew."""

import streamlit as st

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_core.publishing import Health, accept
from knobs_core.publishing import health as examined
from knobs_ui import html
from knobs_ui.roles import Role, require
from knobs_ui.state import tell
from knobs_ui.studio import drafts
from knobs_ui.studio.effect import effect_words
from knobs_ui.studio.picker import RECIPE
from knobs_ui.studio.room import store

BADGES = {
    "fits": ":green-badge[Fits]",
    "needs carrying over": ":orange-badge[Needs carrying over]",
    "needs a person": ":red-badge[Needs a person]",
}


def health(bundle: Bundle) -> None:
    """How every recipe stands to the models of this server, those that need something first."""
    found = examined(store(), bundle)
    st.html(html.note(
        f"This server has bundle {bundle.id}. A recipe made with another one is taken apart anew, by what its dials "
        "did to titles. Carrying it over makes a draft; nothing goes on air by itself."
    ))  # fmt: skip
    if not found:
        st.info("There is no recipe yet.", icon=":material/info:")
    for one in sorted(found, key=lambda one: one.state == "fits"):
        _recipe(bundle, one)


def _recipe(bundle: Bundle, one: Health) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            which = "live" if one.live else "draft"
            st.page_link("pages/recipe.py", label=f"**{html.plain(one.slug)}** · version {one.number:d}, {which}",
                         query_params={RECIPE: one.slug})  # fmt: skip
            st.markdown(BADGES[one.state], width="content")
        if one.state == "fits":
            return
        sure = (
            "" if one.confidence is None else f" The least sure of its dials has a confidence of {one.confidence:.2f}."
        )
        st.html(html.note(f"Made for bundle {one.made_for or 'unknown'}.{sure}"))
        st.html(html.names(one.reasons))
        if not one.live or store().version(one.slug).number == one.number:
            st.button("Carry it over into a draft", key=f"carry {one.slug}", on_click=_accept, args=(bundle, one.slug))


def _accept(bundle: Bundle, name: str) -> None:
    try:
        old = store().version(name).recipe
        saved, new = accept(store(), bundle, name, require(Role.EDITOR).name)
    except KnobsError as error:
        tell([str(error)], ":material/error:")
        return
    drafts.drop(name)
    told = [f"Version {saved.version.number} is the draft now; nothing went on air."]
    if len(new.recipe.dials) < len(old.dials):
        told.append("Some dials were left out: choose what takes their place.")
    tell([*told, effect_words(bundle, None, new.recipe)], ":material/check:")
