"""Watching a job: one loop for work that a page waits for, and one panel for work that goes on beside it."""

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from knobs_core.base import Progress
from knobs_ui import html
from knobs_ui.jobs import Job

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_status_container import StatusContainer

EVERY = 0.2  # seconds between two looks
PACE = 4.0  # seconds after which the pace can be told


class StageWords(NamedTuple):
    """What is said of a stage while it goes on, and its share of the time that the whole job takes, in [0, 1]."""

    sentence: str
    share: float


def follow(
    job: Job, words: Mapping[str, StageWords] = MappingProxyType({}), box: "StatusContainer | None" = None
) -> None:
    """Show a bar a stage until the job ends; the page waits.

    Args:
        words: by stage; they stand for what the job itself says of its steps.
        box: its label tells how long the rest will take, once the pace can be told.
    """
    bars: dict[str, DeltaGenerator] = {}
    label = ""
    going = True
    while going:
        going = job.running
        stages = job.stages
        for stage, step in stages.items():
            ended = list(stages)[-1] != stage  # a stage that stopped early is done all the same
            detail = words[stage].sentence if stage in words else step.detail
            text = f"{stage} · {detail}" if detail else stage
            bars.setdefault(stage, st.empty()).progress(1.0 if ended else step.share, html.plain(text))
        left = time_left(stages, words, time.perf_counter() - job.began)
        if box is not None and left and left != label:
            box.update(label=left)
            label = left
        if going:
            time.sleep(EVERY)


def time_left(stages: Mapping[str, Progress], words: Mapping[str, StageWords], elapsed: float) -> str:
    """How long the rest will take at the pace so far, in words; "" before that can be told.

    Args:
        stages: the last message of each stage that has begun, in their order; elapsed: seconds since the job began.
    """
    names = list(stages)
    shares = [words[name].share if name in words else 0.0 for name in names]
    done = sum(shares[:-1]) + (shares[-1] * stages[names[-1]].share if names else 0.0)
    if elapsed < PACE or done < 0.1:
        return ""
    left = elapsed * (1 - done) / done
    if left > 90:
        return f"About {left / 60:.0f} minutes left"
    return f"About {5 * max(1, round(left / 5))} seconds left"


def panel(job: Job, title: str, offer: str, icon: str = ":material/play_arrow:") -> None:
    """A button that starts a job, then its bar with a button that stops it; re-runs alone while the job is at work.

    Args:
        title: what is at work, in words; offer: the button's text, "" where there is nothing to start.
    """
    running = job.running
    st.fragment(_panel, run_every=1 if running else None)(job, title, offer, icon, running)


def _panel(job: Job, title: str, offer: str, icon: str, was_running: bool) -> None:
    if job.running:
        step = job.progress
        bar, button = st.columns([5, 1], vertical_alignment="bottom")
        bar.progress(step.share, f"{title} · {step.done} of {step.total} · {html.plain(step.detail)}")
        if button.button("Stop", icon=":material/stop_circle:", width="stretch", key=f"stop {title}"):
            job.stop()
            st.rerun()
        return
    if was_running:
        st.rerun()  # it has just ended: the whole page shows what came of it
    if job.fault:
        st.error(html.plain(job.fault), icon=":material/error:")
    if offer and st.button(offer, icon=icon, key=f"start {title}"):
        job.start()
        st.rerun()


def failed(job: Job, box: "StatusContainer", title: str, again: Callable[[], None] | None = None) -> None:
    """Say in a status box that a job did not do what it should, with the reason and a button; ends the page."""
    box.update(label=title, state="error")
    st.error(html.plain(job.fault or "it stopped; see the server's log"), icon=":material/error:")
    st.button("Try again", icon=":material/refresh:", on_click=again)
    st.stop()
