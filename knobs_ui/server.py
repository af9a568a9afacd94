"""The bundle behind the pages: loaded once for everybody, or trained on the spot with progress when there is none."""

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from knobs_core import bundles
from knobs_core.base import BundleError, KnobsError, torch_device
from knobs_core.bundles import Bundle
from knobs_ui import html, progress
from knobs_ui.jobs import Job
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

    Ends the page with one clear line where there is a bundle that cannot be used.
    """
    path = bundle_path()
    bundles.put_back(path)
    if not path.exists() and "KNOBS_BUNDLE" not in os.environ:
        _train_demo(path)
    try:
        bundle = _load(str(path), os.environ.get("KNOBS_DEVICE", "auto"), _version(path))
    except (KnobsError, OSError) as error:
        missing = BundleError(
            f"a bundle at {path}", "none that can be read", f"make one with: knobs train --out {path}"
        )
        st.error(html.plain(str(error if isinstance(error, KnobsError) else missing)), icon=":material/folder_off:")
        st.stop()
    if bundle.projection is None and "KNOBS_BUNDLE" not in os.environ and not drawing(bundle).began:
        drawing(bundle).start()
    return bundle


def bundle_path() -> Path:
    """Where the bundle of this server is, or would be."""
    chosen = os.environ.get("KNOBS_BUNDLE")
    return Path(chosen) if chosen else bundles.default_path("demo")


def drawing(bundle: Bundle) -> Job:
    """The work of drawing the map of this server's bundle: one for all visitors, and a reload finds it going on."""
    return _drawing(str(bundle_path().resolve()), bundle.id)


@st.cache_resource(show_spinner=False, max_entries=2)
def _drawing(path: str, bundle_id: str) -> Job:
    return Job(["map", path], gently=True)


def _version(path: Path) -> tuple[int, ...]:
    """Which manifest, map and names lie there: another file has another number, whatever its time says."""
    later = (file.stat() for file in (path / bundles.MAP, path / bundles.NAMES) if file.exists())
    facts = ((path / bundles.MANIFEST).stat(), *later)
    return tuple(number for one in facts for number in (one.st_mtime_ns, one.st_ino, one.st_size))


@st.cache_resource(show_spinner="Opening the control panel", max_entries=2)
def _load(path: str, device: str, version: tuple[int, ...]) -> Bundle:
    return bundles.load(Path(path), torch_device(device))


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
    return Job(["train", "--data", "demo", "--no-map", "--out", path, "--json", "--device", device]).start()


def _train_demo(path: Path) -> None:
    job = _job(str(path.resolve()))
    place = st.empty()
    with place.container():
        st.title("Knobs", anchor=False)
        box = st.status("Setting up the demo, this once: about half a minute", expanded=True)
    with box:
        st.write("Knobs learns from what people like, then splits taste into knobs and names them.")
        progress.follow(job, SET_UP, box)
        _job.clear()
        if job.fault or not path.exists():
            progress.failed(job, box, "The demo could not be set up")
    place.empty()
