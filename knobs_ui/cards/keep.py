"""What can be kept: presets, a link to this very state, the list as a file."""

from urllib.parse import urlsplit

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import front_end, state
from knobs_ui.board import View
from knobs_ui.cards.files import as_csv, as_json, file_name
from knobs_ui.cards.presets import DONE, presets

HERE = ("localhost", "127.0.0.1", "::1")  # addresses that only this machine opens
_copy = st.components.v2.component(
    "knobs_copy", html='<div class="copy"></div>', css=front_end.text("shared/copy.css"),
    js=front_end.module("shared/copy.js"),
)  # fmt: skip


def keep(bundle: Bundle, shown: View) -> None:
    """Presets, a link, files; for any container."""
    if st.session_state.pop(DONE, False):
        st.rerun()  # the whole page shows what a preset has changed
    presets(bundle)
    st.markdown("**A link to this**", help="Opens the same person with the same dials, and says so where the training "
                "is another and something in it is not there.")  # fmt: skip
    page = st.context.url or ""
    _copy(data={"address": f"{page.split('?')[0]}?{state.query(state.to_link(bundle, shown.choice))}"}, key="copy")
    if urlsplit(page).hostname in HERE:
        st.caption("Only this machine opens it: the address is that of a server which nobody else can reach.")
    st.markdown("**The list as a file**")
    table, replay = st.columns(2)
    table.download_button(
        "List as CSV", lambda: as_csv(bundle, shown), file_name(bundle, shown, "csv"), "text/csv", on_click="ignore",
        icon=":material/download:",
    )  # fmt: skip
    replay.download_button(
        "List as JSON", lambda: as_json(bundle, shown), file_name(bundle, shown, "json"), "application/json",
        on_click="ignore", icon=":material/download:", help="With what is needed to make the same list again.",
    )  # fmt: skip
