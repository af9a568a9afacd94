"""Watching a job: one loop for work that a page waits for, and one panel for work that goes on beside it."""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from knobs_core.base import Progress, capital
from knobs_ui import html, owner
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
    known, end, label = 0.0, 0.0, ""  # share of the work done when that was last news, seconds it will then take, text
    going = True
    while going:
        going = job.running
        stages = job.stages
        for stage, step in stages.items():
            ended = list(stages)[-1] != stage  # a stage that stopped early is done all the same
            detail = words[stage].sentence if stage in words else step.detail
            text = f"{stage} · {detail}" if detail else stage
            bars.setdefault(stage, st.empty()).progress(1.0 if ended else step.share, html.plain(text))
        elapsed, done = time.perf_counter() - job.began, share_done(stages, words)
        if done != known and done > 0.1:
            known, end = done, elapsed / done
        if box is not None and end and elapsed > PACE and label != (label := time_left(end - elapsed)):
            box.update(label=html.plain(label), expanded=True)
        if going:
            time.sleep(EVERY)


def share_done(stages: Mapping[str, Progress], words: Mapping[str, StageWords]) -> float:
    """How much of a job is done, in [0, 1]. stages: the last message of each stage that has begun, in their order."""
    shares = [words[name].share if name in words else 0.0 for name in stages]
    return sum(shares[:-1]) + (shares[-1] * [*stages.values()][-1].share if stages else 0.0)


def time_left(seconds: float) -> str:
    """So many seconds in words, as roughly as they are known."""
    if seconds > 90:
        return f"About {seconds / 60:.0f} minutes left"
    return f"About {5 * round(seconds / 5)} seconds left" if seconds >= 7.5 else "A few seconds left"


def panel(job: Job, offer: str, icon: str = ":material/play_arrow:") -> None:
    """A button that starts a job, then its bar with a button that stops it; re-runs alone while the job is at work.

    Whoever may not start jobs reads why instead, and nobody stops what somebody else has started, but the owner.

    Args:
        offer: the button's text, "" where there is nothing to start.
    """
    running = job.running
    st.fragment(_panel, run_every=1 if running else None)(job, offer, icon, running)


def _panel(job: Job, offer: str, icon: str, was_running: bool) -> None:
    if job.running:
        if not was_running:
            st.rerun()  # a click in here re-runs this part alone, which looks again only when the page is made anew
        step = job.progress
        bar, button = st.columns([5, 1], vertical_alignment="bottom")
        name = html.plain(capital(job.name))
        bar.progress(step.share, f"{name} · {step.done:,} of {step.total:,} · {html.plain(step.detail)}")
        if may_stop(job) and button.button(
            "Stop", icon=":material/stop_circle:", width="stretch", key=f"stop {job.name}"
        ):
            job.stop()
            st.rerun()
        return
    if was_running:
        st.rerun()  # it has just ended: the whole page shows what came of it
    if job.fault:
        st.error(html.plain(job.fault), icon=":material/error:")
    if offer:
        start_button(job, offer, icon)


def start_button(job: Job, offer: str, icon: str, kind: Literal["primary", "secondary"] = "secondary") -> None:
    """A button that starts a job, or a line that says why this visitor cannot start it now."""
    other = Job.at_work()
    if not owner.may_work():
        st.html(html.note(owner.REFUSED))
    elif other is not None:
        st.html(html.note(f"One job at a time: at work is {other.name}."))
    else:
        st.button(html.plain(offer), icon=icon, type=kind, key=f"start {job.name}", on_click=start, args=(job,))


def start(job: Job) -> None:
    """Start a job for this visitor, who can stop it then; does nothing where they may not."""
    if owner.may_work():
        job.start(owner.visitor())


def may_stop(job: Job) -> bool:
    """Whether this visitor may stop a job: the one who started it, and the owner."""
    return job.starter == owner.visitor() or owner.is_owner()


def failed(job: Job, box: "StatusContainer", title: str, again: str = "Try again") -> None:
    """Say in a status box that a job did not do what it should, with the reason and a button; ends the page."""
    box.update(label=html.plain(title), state="error")
    st.error(html.plain(job.fault or "it stopped; see the server's log"), icon=":material/error:")
    start_button(job, again, ":material/refresh:")
    st.stop()
