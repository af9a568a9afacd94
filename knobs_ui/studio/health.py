"""After a training: which recipes still mean what they meant, and drafts of those that were taken apart anew."""

import streamlit as st

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_core.lists import Carried, carried
from knobs_ui import html
from knobs_ui.roles import Role, require
from knobs_ui.state import tell
from knobs_ui.studio import drafts
from knobs_ui.studio.effect import effect_words
from knobs_ui.studio.overview import RECIPE
from knobs_ui.studio.room import store


def health(bundle: Bundle) -> None:
    """Every recipe that was made with other models than these, and what becomes of it here."""
    entries = store().entries()
    foreign = [entry for entry in entries if store().version(entry.slug).recipe.bundle not in ("", bundle.id)]
    st.caption(f"This server has bundle {bundle.id}. A recipe made with another one is taken apart anew by what its dials "
               "did to titles; taking that over makes a draft, and nothing goes on air by itself.")  # fmt: skip
    if not foreign:
        st.success(f"All {len(entries):,} recipes were made with these models.", icon=":material/check:")
    for entry in foreign:
        version = store().version(entry.slug)
        with st.container(border=True):
            st.page_link("pages/recipe.py", label=f"**{html.plain(entry.headline or entry.slug)}**",
                         query_params={RECIPE: entry.slug})  # fmt: skip
            try:
                found = carried(version.recipe, bundle)
            except KnobsError as error:
                st.error(html.plain(str(error)), icon=":material/error:")
                continue
            _carried(bundle, entry.slug, found)


def _carried(bundle: Bundle, name: str, found: Carried) -> None:
    """Dial by dial what was done, with how sure it is; what needs a person stands first."""
    rows = [(one.name, one.words, f"{one.confidence:.2f}") for one in found.dials]
    st.html(html.table("Dials", ("Dial", "Here", "Confidence"), rows))
    if found.lost:
        st.warning(html.plain(f"Needs a person: {'; '.join(found.lost)}"), icon=":material/person_alert:")
    st.html(html.note(effect_words(bundle, None, found.recipe)))
    st.button("Take it over as a draft", key=f"carry {name}", on_click=_accept, args=(name, found))


def _accept(name: str, found: Carried) -> None:
    try:
        who = require(Role.EDITOR)
        saved = store().save(found.recipe, who.name, store().version(name).number)
    except KnobsError as error:
        tell([str(error)], ":material/error:")
        return
    drafts.drop(name)
    tell([f"Version {saved.version.number} is the draft now; nothing went on air."], ":material/check:")
