"""Large arrays on their way to the browser: each travels once a session, as a blob that the browser keeps by name.

They are handed over first and travel with ``send_off``, so that a turn that needs none of them costs the browser
nothing; see assets/board/blob.js. Code travels so, too: Streamlit would send it with every message to its component.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from knobs_ui import front_end
from knobs_ui.html import escaped

SENT, WAITING = "sent to the browser", "waits to be sent"
UNSEEN = ".code:not([data-here]) ~ * {\n  visibility: hidden;\n}\n"  # as long as there is no stylesheet
_blob = st.components.v2.component("knobs_blob", js=front_end.module("board/blob.js"))


def component(name: str, entry: str, html: str, css: str) -> Callable[..., None]:
    """A component that runs again with every turn, whose code and stylesheet travel once a session, by ``send_off``.

    Args:
        name: what Streamlit knows the component by, behind "knobs_"; entry: of its module in assets/, which hands over
            by assets/shared/late.js; html, css: texts.

    Returns:
        What mounts it, with the arguments of Streamlit's own.
    """
    js = front_end.module(entry)
    called = f"code {name} {hashlib.sha256(f'{js}{css}'.encode()).hexdigest()[:12]}"
    mark = f'<span class="code" data-code="{escaped(called)}" hidden></span>'
    code = st.components.v2.component(f"code_of_{name}", js=js)
    standin = st.components.v2.component(
        f"knobs_{name}", html=mark + html, css=UNSEEN, js=front_end.module("shared/standin.js")
    )

    def mount(**arguments: Any) -> None:
        _hand_over(called, lambda: partial(code, data=[called, css], key=called))
        standin(**arguments)

    return mount


def luggage(name: str) -> DeltaGenerator:
    """A container without size for what travels to the browser but shows nothing."""
    return st.container(key=f"luggage-{name}")


def send_json(name: str, make: Callable[[], object]) -> str:
    """Hand something to the browser under a name, as JSON; returns the blob's name."""
    name = f"json {name}"
    return send_bytes(name, lambda: pack(name, json.dumps(make(), ensure_ascii=False, allow_nan=False).encode()))


def send_rows(name: str, make: Callable[[], Sequence[np.ndarray] | np.ndarray]) -> str:
    """Hand rows of float32 (n_items,) to the browser under a name; returns it."""

    def content() -> bytes:
        rows = np.asarray(make(), np.float32)
        return pack(name, np.uint32(len(rows)).tobytes() + rows.tobytes())

    return send_bytes(name, content)


def send_pool(name: str, rows: np.ndarray) -> str:
    """Hand over rows of candidates for one state of the dials; unlike other arrays they are not kept for later."""
    _blob(data=pack(name, np.uint32(len(rows)).tobytes() + np.asarray(rows, np.float32).tobytes()), key="pool")
    return name


def send_again() -> None:
    """Forget what the browser was given; it misses something."""
    st.session_state[SENT] = set()


def send_off(name: str) -> None:
    """Let travel what was handed over since the last time, in a container of that name."""
    waiting = st.session_state.get(WAITING)
    if waiting:
        with luggage(name):
            for one in sorted(waiting, key=lambda one: not one.startswith("code ")):  # it can work while arrays come
                waiting[one]()
        st.session_state.setdefault(SENT, set()).update(waiting)
        waiting.clear()


def send_bytes(name: str, make: Callable[[], bytes]) -> str:
    """Hand over a blob that is packed already, unless the browser has it; returns its name."""
    _hand_over(name, lambda: partial(_blob, data=make(), key=f"blob {name}"))
    return name


def _hand_over(name: str, make: Callable[[], Callable[[], object]]) -> None:
    """Let something travel by ``send_off``, by what ``make`` gives, unless the browser has it."""
    # The browser keeps it by name, so each travels once a session; what it should miss it asks for again.
    if name not in st.session_state.get(SENT, ()):
        waiting = st.session_state.setdefault(WAITING, {})
        if name not in waiting:
            waiting[name] = make()


def pack(name: str, content: bytes) -> bytes:
    """A blob with its name in front, as blob.js reads it."""
    label = name.encode()
    return np.uint32(len(label)).tobytes() + label + b"\0" * (-len(label) % 4) + content
