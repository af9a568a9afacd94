"""A recipe of what somebody has in front of them, for editors; the studio itself is loaded once one is wanted."""

import streamlit as st

from knobs_ui import html
from knobs_ui.roles import Role, somebody


def recipe_wanted(hint: html.Markdown) -> bool:
    """Whether an editor has just asked for a recipe; nobody else is offered one. hint: what it would begin with."""
    return somebody().role >= Role.EDITOR and st.button(
        "Make a recipe", key="offer a recipe", icon=":material/edit_note:", help=hint, type="tertiary"
    )
