"""A bundle without a map: offer to draw one, in a process of its own, so that this server never imports umap."""

import time

import streamlit as st

from knobs_core.bundle import Bundle
from knobs_ui import cards, loading
from knobs_ui.jobs import Job


@st.cache_resource(show_spinner=False)
def _drawing(path: str, bundle_id: str) -> Job:
    """One drawing for all visitors; a reload finds it going on."""
    return Job(["map", path]).start()


def offer_map(bundle: Bundle) -> None:
    """Say that there is no map yet and draw it on demand, with progress; ends the page until it is there."""
    path = str(loading.bundle_path().resolve())
    st.info("This bundle has no map yet. Drawing it takes seconds for the demo, minutes for 40,000 items.",
            icon=":material/map:")  # fmt: skip
    if st.session_state.get("drawing") != bundle.id:
        st.button("Draw the map", icon=":material/draw:", type="primary", on_click=_begin, args=(bundle,))
        st.stop()
    work = _drawing(path, bundle.id)
    with st.status("Drawing the map", expanded=True) as box:
        bar = st.empty()
        while work.running:
            step = work.step
            bar.progress(step.share, f"{step.words} · {time.perf_counter() - work.began:.0f} s")
            time.sleep(0.2)
        del st.session_state["drawing"]
        _drawing.clear()
        if work.fault:
            box.update(label="The map could not be drawn", state="error")
            st.error(cards.plain(work.fault), icon=":material/error:")
            st.button("Try again", icon=":material/refresh:", on_click=_begin, args=(bundle,))
            st.stop()
    st.rerun()


def _begin(bundle: Bundle) -> None:
    st.session_state["drawing"] = bundle.id
