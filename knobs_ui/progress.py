"""Watching a job: one loop for work that a page waits for, and one panel for work that goes on beside it."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from knobs_ui import html
from knobs_ui.jobs import Job

if TYPE_CHECKING:
    from streamlit.elements.lib.mutable_status_container import StatusContainer

EVERY = 0.2  # seconds between two looks


def follow(job: Job) -> None:
    """Show a bar a stage until the job ends; the page waits."""
    bars: dict[str, DeltaGenerator] = {}
    going = True
    while going:
        going = job.running
        stages = job.stages
        for stage, step in stages.items():
            ended = list(stages)[-1] != stage  # a stage that stopped early is done all the same
            text = f"{stage} · {step.detail}" if step.detail else stage
            bars.setdefault(stage, st.empty()).progress(1.0 if ended else step.share, html.plain(text))
        if going:
            time.sleep(EVERY)


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
