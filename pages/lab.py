"""Lab: how good the model is, the paper's experiments on its data, and reports side by side."""

import streamlit as st

from knobs_ui import lab, shell, state

shell.require_router()
bundle = shell.open_bundle()
st.title("Lab", anchor=False)
for tab, show in zip(st.tabs(list(lab.TABS), key="lab tab", on_change="rerun"), lab.TABS.values(), strict=True):
    if tab.open:  # the others are not worked out
        with tab:
            show(bundle)
state.keep_link(bundle)
