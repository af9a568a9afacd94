"""What surrounds every page: one-time set-up of the process, the stylesheet, the guard for direct visits, credits."""

import contextlib
import gc
import os
import runpy
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from knobs_core.base import fit_threads, resource
from knobs_ui import guard, roles, sign_in

if TYPE_CHECKING:
    from knobs_core.bundles import Bundle

READY = "router ran"
WIDGETS = ("lab tab", "map view", "way", "stage")  # that mean the same in any bundle
TUNED = threading.Event()  # of the process: once, and for everybody
OUTLINE = (
    '<div class="knobs-outline" role="status"><header><h1>Knobs</h1><p>Opening the control panel</p></header>'
    f'<div class="dials">{"<span></span>" * 9}</div><div>{"<span></span>" * 12}</div><div>{"<span></span>" * 12}</div>'
    "</div>"
)


def prepare() -> None:
    """Style the page, note that the router ran in this session, and set the process up once.

    On a fresh server that takes seconds. What the page will look like is on screen before.
    """
    st.html(resource("assets", "style.css"))
    st.session_state[READY] = True
    guard.stand()
    outline = st.empty()
    if not TUNED.is_set():
        outline.html(OUTLINE)
        flush()
    _tune_process()
    TUNED.set()
    outline.empty()
    sign_in.bar()


def flush() -> None:
    """Let what was written leave for the browser before something keeps the process busy."""
    time.sleep(0.05)


def require_router() -> None:
    """First line of every page. A visitor who opens a page's address on a fresh server gets that file run on its own,
    without app.py; then run app.py, which shows the same page whole."""
    if READY not in st.session_state:
        runpy.run_path(str(resource("app.py")), run_name="__main__")
        st.stop()


def open_bundle() -> "Bundle":
    """The bundle of this server, to which the visitor's session belongs from now on; for every page, once a run."""
    from knobs_ui import board, people, server, stage, state  # with torch, which the page's outline does not wait for

    last, bundle = state.bound(), server.open_bundle()
    if last is not None and last.id != bundle.id:
        for who in ("board", "map"):  # the last that was done with the bundle before
            board.take_over(last, board.message(who), who)
        people.take_over(last)
        stage.carry(last, bundle)
    own = (READY, *state.OWN, stage.SHOW, people.ASKED, board.WAY, board.MORE, board.MAP, *WIDGETS)
    state.bind(bundle, own)
    return bundle


def stay(bundle: "Bundle") -> None:
    """First line of every fragment: where this server has another bundle by now, the whole page runs again instead."""
    from knobs_ui import server

    if server.open_bundle() is not bundle:
        st.rerun()


def footer() -> None:
    """Which models are shown, and credit where it is due: to the authors of the method, and to those of the data."""
    from knobs_ui import html, state  # with torch, which the page's outline does not wait for

    bundle = state.bound()
    if bundle is None:
        return
    data = f" Data: {html.escaped(bundle.credit.rstrip('.'))}." if bundle.credit else ""
    who = roles.somebody()
    said = f" {roles.OPEN}" if who.open and who.role == roles.Role.CHIEF else ""
    st.html(
        f'<footer class="knobs-footer">Model: {html.escaped(bundle.models)}. '
        f"Method: <i>From Knots to Knobs</i>, Spišák, Peška, Škoda, Vančura and Alves.{data}{said}</footer>"
    )


@st.cache_resource(show_spinner=False)
def _tune_process() -> None:
    fit_threads()  # before torch is there, as are the jobs that this process starts
    import threadpoolctl  # these take seconds, and the page shows its outline before them
    import torch

    import knobs_ui.board
    import knobs_ui.cards  # noqa: F401

    # One BLAS thread and one torch thread a run: visitors run side by side, and a shared pool makes them wait for each
    # other. The frozen heap keeps collections short.
    threadpoolctl.threadpool_limits(1, "blas")
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()
    _send_at_once()


def _send_at_once() -> None:
    """Set TCP_NODELAY on the server's sockets; new connections inherit it. Without it close reruns wait 40 ms."""
    for entry in Path("/proc/self/fd").glob("*") if Path("/proc/self/fd").exists() else ():
        with contextlib.suppress(OSError, ValueError):
            fd = int(entry.name)
            if "socket:" in os.readlink(entry):
                with socket.socket(fileno=os.dup(fd)) as copy:
                    if copy.family in (socket.AF_INET, socket.AF_INET6) and copy.type == socket.SOCK_STREAM:
                        copy.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
