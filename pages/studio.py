"""Studio: recipes as documents, what is live when, and the rules of the house. For editors."""

import streamlit as st

from knobs_ui import shell, state

shell.require_router()

from knobs_ui import studio
from knobs_ui.roles import Role, require

TABS = {"Recipes": studio.recipes, "Calendar": studio.calendar, "House rules": studio.house, "Health": studio.health}

bundle = shell.open_bundle()
require(Role.EDITOR)
st.title("Studio", anchor=False)
for tab, show in zip(st.tabs(list(TABS), key="studio tab", on_change="rerun"), TABS.values(), strict=True):
    if tab.open:
        with tab:
            show(bundle)
state.say_told()
