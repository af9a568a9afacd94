"""The bundle behind the pages: loaded once for everybody, or trained on the spot with progress when there is none."""

import os
import threading
import time
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from knobs_core import bundle, pipeline, settings
from knobs_core.bundle import Bundle
from knobs_core.engine import Engine
from knobs_core.errors import BundleError, KnobsError
from knobs_core.training import Progress


def open_bundle() -> Bundle:
    """The bundle of this server; on the very first start the demo is trained while the visitor watches.

    Ends the page with one clear line where there is a bundle that cannot be used.
    """
    path = bundle_path()
    if not path.exists() and "KNOBS_BUNDLE" not in os.environ:
        _train_demo(path)
    try:
        return _load(str(path), os.environ.get("KNOBS_DEVICE", "auto"), _version(path))
    except (KnobsError, OSError) as error:
        missing = BundleError(
            f"a bundle at {path}", "none that can be read", f"make one with: knobs train --out {path}"
        )
        st.error(str(error if isinstance(error, KnobsError) else missing), icon=":material/folder_off:")
        st.stop()


def bundle_path() -> Path:
    """Where the bundle of this server is, or would be."""
    chosen = os.environ.get("KNOBS_BUNDLE")
    return Path(chosen) if chosen else bundle.default_path("demo")


def _version(path: Path) -> tuple[int, int]:
    """When the bundle was written, and its map."""
    drawn = path / bundle.MAP
    return (path / bundle.MANIFEST).stat().st_mtime_ns, drawn.stat().st_mtime_ns if drawn.exists() else 0


@st.cache_resource(show_spinner="Opening the control panel", max_entries=2)
def _load(path: str, device: str, version: tuple[int, int]) -> Bundle:
    return bundle.load(Path(path), settings.device(device))


@lru_cache(maxsize=2)
def engine(bundle: Bundle) -> Engine:
    """The steering engine of the bundle; shared by all visitors, it keeps nothing about any of them."""
    return Engine(bundle.nested)


@lru_cache(maxsize=2)
def likes(bundle: Bundle) -> tuple[np.ndarray, np.ndarray]:
    """How many likes each user has, and each item; shared, so read-only."""
    counts = tuple(bundle.interactions.matrix.getnnz(axis=axis) for axis in (1, 0))
    for array in counts:
        array.flags.writeable = False
    return counts


@lru_cache(maxsize=2)
def taste(bundle: Bundle) -> tuple[str, ...]:
    """A line for every user: the names of the knobs they light most."""
    codes = bundle.nested.codes(bundle.interactions.matrix)
    named = np.array([bool(label.tags) for label in bundle.labels])
    words = []
    for row in range(codes.shape[0]):
        neurons, values = codes[[row]].indices, codes[[row]].data
        order = np.argsort(-values * named[neurons], kind="stable")[:3]
        words.append(" · ".join(bundle.labels[neurons[i]].label for i in order if named[neurons[i]]))
    return tuple(words)


class _Job:
    """Training in a thread of its own, so that a reload or a second visitor finds it going on."""

    def __init__(self, path: Path):
        self.stages: dict[str, Progress] = {}
        self.error: KnobsError | None = None
        self._thread = threading.Thread(target=self._run, args=(path,), daemon=True)
        self._thread.start()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def _run(self, path: Path) -> None:
        try:
            bundle.check_place(path)
            bundle.save(pipeline.train(device=os.environ.get("KNOBS_DEVICE", "auto"), report=self._report), path)
        except KnobsError as error:
            self.error = error

    def _report(self, progress: Progress) -> None:
        self.stages = {**self.stages, progress.stage: progress}


@st.cache_resource(show_spinner=False)
def _job(path: str) -> _Job:
    return _Job(Path(path))


def _train_demo(path: Path) -> None:
    job = _job(str(path))
    place = st.empty()
    with place.container(), st.status("Setting up the demo: this happens once and takes seconds", expanded=True) as box:
        st.write("Knobs learns from 44,000 likes of 659 people, then splits taste into knobs and names them.")
        bars = {}
        while job.running:
            _show(job.stages, bars)
            time.sleep(0.1)
        _show(job.stages, bars)
        if job.error or not path.exists():
            _job.clear()
            box.update(label="The demo could not be set up", state="error")
            st.error(str(job.error or "training stopped; see the server's log"), icon=":material/error:")
            st.button("Try again", icon=":material/refresh:")
            st.stop()
    _job.clear()
    place.empty()


def _show(stages: dict[str, Progress], bars: dict) -> None:
    for stage, progress in stages.items():
        later = list(stages)[-1] != stage  # a stage that stopped early is done all the same
        share = 1.0 if later else progress.done / progress.total
        bars.setdefault(stage, st.empty()).progress(share, f"{stage} · {progress.detail}" if progress.detail else stage)
