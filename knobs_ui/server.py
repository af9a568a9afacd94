"""The bundle behind the pages: loaded once for everybody, or trained on the spot with progress when there is none."""

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from knobs_core import bundles
from knobs_core.base import is_address
from knobs_core.bundles import Bundle
from knobs_ui import progress
from knobs_ui.jobs import Job
from knobs_ui.place import Place
from knobs_ui.progress import StageWords

# What is said while the demo is made, and how the time goes on a quiet machine.
SET_UP = {
    "Reading the data": StageWords("44,000 likes of 659 people; The Shawshank Redemption has most", 0.14),
    "Training the recommender": StageWords("It learns which titles are loved by the same people", 0.05),
    "Splitting taste into knobs": StageWords("512 of them, of which one taste lights up 32", 0.34),
    "Naming the knobs": StageWords("A name must be found again on titles that were held back", 0.06),
    "Trying out every knob": StageWords("Each is turned for 32 people: does James Bond bring James Bond?", 0.41),
}


def open_bundle() -> Bundle:
    """The bundle of this server. On the very first start the demo is trained while the visitor watches, and its map is
    drawn once the app is open.

    Raises:
        KnobsError: there is none that can be used.
    """
    path, place = bundle_path(), _place(str(bundle_path()), os.environ.get("KNOBS_DEVICE", "auto"))
    own = "KNOBS_BUNDLE" not in os.environ
    if own and place.empty:
        bundles.put_back(path)
        if not path.exists():
            _train_demo(path)
    bundle = place.bundle(lambda: st.spinner("Opening the control panel"))
    if own and bundle.projection is None and not drawing(bundle).began:
        drawing(bundle).start()
    return bundle


def bundle_path() -> Path:
    """Where the bundle of this server is, or would be. One that has an address is fetched at the first visit, if
    ``knobs app`` has not done so, and is the one of this server until it ends.

    Raises:
        KnobsError: it cannot be fetched.
    """
    chosen = os.environ.get("KNOBS_BUNDLE")
    if chosen and is_address(chosen):
        return _fetched(chosen)
    return Path(chosen) if chosen else bundles.default_path("demo")


def drawing(bundle: Bundle) -> Job:
    """The work of drawing the map of this server's bundle: one for all visitors, and a reload finds it going on."""
    return _drawing(str(bundle_path().resolve()), bundle.id)


@st.cache_resource(show_spinner=False, max_entries=2)
def _drawing(path: str, bundle_id: str) -> Job:
    return Job(["map", path], "drawing the map")


@st.cache_resource(show_spinner="Fetching the bundle", max_entries=2)
def _fetched(address: str) -> Path:
    return bundles.fetch(address)


@st.cache_resource(show_spinner=False, max_entries=2)
def _place(path: str, device: str) -> Place:
    return Place(Path(path), device)


@lru_cache(maxsize=2)
def likes(bundle: Bundle) -> tuple[np.ndarray, np.ndarray]:
    """How many likes each user has, and each item; shared, so read-only."""
    counts = bundle.interactions.matrix.getnnz(axis=1), bundle.interactions.matrix.getnnz(axis=0)
    for array in counts:
        array.flags.writeable = False
    return counts


@st.cache_resource(show_spinner=False)
def _job(path: str) -> Job:
    """One training for all visitors; a reload finds it going on."""
    device = os.environ.get("KNOBS_DEVICE", "auto")
    options = ["--no-map", "--once", "--out", path, "--json", "--device", device]
    return Job(["train", "--data", "demo", *options], "making the demo")


def _train_demo(path: Path) -> None:
    job = _job(str(path.resolve()))
    if not job.running and not job.fault:  # after a fault whoever may start jobs can try again
        job.start()
    place = st.empty()
    with place.container():
        st.title("Knobs", anchor=False)
        box = st.status("Setting up the demo, this once: about half a minute", expanded=True)
    with box:
        st.write("Knobs learns from what people like, then splits taste into knobs and names them.")
        progress.follow(job, SET_UP, box)
        if job.fault or not path.exists():
            progress.failed(job, box, "The demo could not be set up")
    place.empty()
