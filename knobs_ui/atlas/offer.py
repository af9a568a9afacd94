"""A bundle without a map: offer to draw one, in a process of its own, so that this server never imports umap."""

from functools import partial

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui import progress, server
from knobs_ui.jobs import Job


@st.cache_resource(show_spinner=False)
def _drawing(path: str, bundle_id: str) -> Job:
    """One drawing for all visitors; a reload finds it going on."""
    return Job(["map", path]).start()


def offer_map(bundle: Bundle) -> None:
    """Say that there is no map yet and draw it on demand, with progress; ends the page until it is there."""
    path = str(server.bundle_path().resolve())
    st.info("This bundle has no map yet. Drawing it takes seconds for the demo, minutes for 40,000 items.",
            icon=":material/map:")  # fmt: skip
    if st.session_state.get("drawing") != bundle.id:
        st.button("Draw the map", icon=":material/draw:", type="primary", on_click=_begin, args=(bundle,))
        st.stop()
    work = _drawing(path, bundle.id)
    with st.status("Drawing the map", expanded=True) as box:
        progress.follow(work)
        del st.session_state["drawing"]
        _drawing.clear()
        if work.fault:
            progress.failed(work, box, "The map could not be drawn", partial(_begin, bundle))
    st.rerun()


def _begin(bundle: Bundle) -> None:
    st.session_state["drawing"] = bundle.id
