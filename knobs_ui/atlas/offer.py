"""A bundle without a map: how far its drawing is, or a button that begins it."""

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import html, progress, server, state


def offer_map(bundle: Bundle) -> None:
    """Show how far the drawing is where one goes on, else offer it; ends the page until the map is there."""
    state.keep_link(bundle)
    work = server.drawing(bundle)
    if not work.running and not work.fault:
        many = html.plain(bundle.words.many)
        st.info(f"This bundle has no map yet. Drawing it takes about a minute for the demo, minutes for 40,000 {many}; "
                "it goes on while you use other pages.", icon=":material/map:")  # fmt: skip
        progress.start_button(work, "Draw the map", ":material/draw:", "primary")
        st.stop()
    with st.status("The map is being drawn; the other pages work meanwhile", expanded=True) as box:
        progress.follow(work)
        if work.fault:
            progress.failed(work, box, "The map could not be drawn")
    st.rerun()
