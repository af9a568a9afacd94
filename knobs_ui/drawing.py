"""A bundle without a map: offer to draw one, in a process of its own, so that this server never imports umap."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import streamlit as st

from knobs_core.bundle import Bundle
from knobs_ui import loading, shell


class _Drawing:
    """``knobs map`` at work; a reload or a second visitor finds it going on. step: (done, total, words)."""

    def __init__(self, path: Path):
        self.began = time.perf_counter()
        self.step = (0, 1, "starting")
        self.lines: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "knobs_core", "map", str(path)], cwd=shell.ROOT,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
        )  # fmt: skip
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    @property
    def error(self) -> str:
        """One line that says what went wrong, empty where nothing did."""
        if self._process.returncode == 0:
            return ""
        return self.lines[-1].removeprefix("knobs: ") if self.lines else "drawing the map stopped"

    def _listen(self) -> None:
        for line in self._process.stderr:
            self.lines.append(line.strip())
            counts, _, words = line.strip().partition(" ")
            done, slash, total = counts.partition("/")
            if slash and done.isdigit() and total.isdigit() and int(total):
                self.step = (int(done), int(total), words)
        self._process.wait()


@st.cache_resource(show_spinner=False)
def _drawing(path: str, bundle_id: str) -> _Drawing:
    return _Drawing(Path(path))


def offer_map(bundle: Bundle) -> None:
    """Say that there is no map yet and draw it on demand, with progress; ends the page until it is there."""
    path = str(loading.bundle_path().resolve())
    st.info("This bundle has no map yet. Drawing it takes half a minute for the demo, minutes for 40,000 items.",
            icon=":material/map:")  # fmt: skip
    if st.session_state.get("drawing") != bundle.id:
        st.button("Draw the map", icon=":material/draw:", type="primary", on_click=_begin, args=(bundle,))
        st.stop()
    work = _drawing(path, bundle.id)
    with st.status("Drawing the map", expanded=True) as box:
        bar = st.empty()
        while work.running:
            done, total, words = work.step
            bar.progress(min(done / total, 1.0), f"{words} · {time.perf_counter() - work.began:.0f} s")
            time.sleep(0.2)
        del st.session_state["drawing"]
        _drawing.clear()
        if work.error:
            box.update(label="The map could not be drawn", state="error")
            st.error(work.error, icon=":material/error:")
            st.button("Try again", icon=":material/refresh:", on_click=_begin, args=(bundle,))
            st.stop()
    st.rerun()


def _begin(bundle: Bundle) -> None:
    st.session_state["drawing"] = bundle.id
