"""The knob board: a component that blends the list in the browser while a hand is on a knob.

Large arrays travel once, each as a blob of its own that the browser keeps by name; see assets/board/blob.js. They are
handed over first and travel with ``send_off``, so that a turn that needs none of them costs the browser nothing. What
changes with every turn is small and goes as JSON. The front end is plain JavaScript in assets/board.
"""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
import streamlit as st

from knobs_core.bundle import Bundle
from knobs_core.errors import KnobsError
from knobs_core.knobs import Knob
from knobs_core.sparse import single_items
from knobs_ui import state

SOURCE = Path(__file__).parents[1] / "assets" / "board"
EVENTS = ("card", "item", "remove", "undo", "redo", "missing", "rest")
SENT, WAITING = "sent to the browser", "waits to be sent"
HUE = 137.508  # the golden angle keeps neighbouring neurons apart in colour


def _read(*names: str) -> str:
    return "\n".join((SOURCE / name).read_text(encoding="utf-8") for name in names)


_board = st.components.v2.component(
    "knobs_board",
    html=_read("board.html"),
    css=_read("board.css"),
    js=_read("blend.js", "knob.js", "list.js", "board.js"),
)
_blob = st.components.v2.component("knobs_blob", js=_read("blob.js"))
_ticks = st.components.v2.component("knobs_ticks", js=_read("ticks.js"))
_store = st.components.v2.component("knobs_store", js=_read("store.js"))


class Told(NamedTuple):
    """What the board says. version: of the turn that amounts {knob key: amount} belong to, "" before the first;
    held: the hand is still on the knob; event: one of EVENTS or ""; about: the knob or item it is about."""

    version: str = ""
    amounts: Mapping = MappingProxyType({})
    held: bool = False
    event: str = ""
    about: object = None


def board(data: dict, on_said: Callable[[], None]) -> None:
    """Mount the board; what it says back is read by ``told`` in the next run, before which ``on_said`` is called."""
    _board(key="board", data=data, **{f"on_{name}_change": on_said for name in ("dials", *EVENTS)})


def told(who: str = "board") -> Told:
    """What the board, or another component with knobs, says in this run. It comes from a browser, so its shape is
    checked here and its values later."""
    said = st.session_state.get(who) or {}
    released = said.get("dials")
    released = released if isinstance(released, dict) else {}
    amounts = released.get("amounts")
    event = next((name for name in EVENTS if said.get(name) is not None), "")
    amounts = amounts if isinstance(amounts, dict) else {}
    return Told(str(released.get("version", "")), amounts, released.get("held") is True, event, said.get(event))


def version(who: str = "board") -> str:
    """The turn that was taken over last."""
    return st.session_state.get(f"{who} version", "")


def take_over(bundle: Bundle, said: Told, who: str = "board") -> None:
    """Take over what was said about knobs: turned or released, one that is to go, a step back; or arrays missed."""
    if said.version and said.version != version(who):
        st.session_state[f"{who} version"] = said.version
        now = state.current(bundle)
        try:
            turned = {key: amount for key, amount in said.amounts.items() if amount != now.amount(key)}
            state.turn(bundle, turned, passing=said.held)
        except KnobsError as error:
            st.toast(str(error), icon=":material/error:")
    if said.event == "remove":
        state.change(bundle, dials=tuple(pair for pair in state.current(bundle).dials if pair[0] != said.about))
    elif said.event in ("undo", "redo"):
        {"undo": state.undo, "redo": state.redo}[said.event](bundle)
    elif said.event == "missing":
        send_again()


def luggage(name: str):
    """A container without size for what travels to the browser but shows nothing."""
    return st.container(key=f"luggage-{name}")


def store(data: dict) -> object:
    """Mount the keeper of presets and return what the browser has kept, None before it has answered; see store.js."""
    _store(key="store", data=data, on_presets_change=lambda: None)
    return (st.session_state.get("store") or {}).get("presets")


def send_items(bundle: Bundle, columns: Sequence[int] | None = None) -> str:
    """Hand titles and colours of items, by default of all, to the browser; returns the blob's name."""
    if columns is None:
        name = f"json items {bundle.id}"
        return _send(name, lambda: _all_items(bundle.id, name, bundle))
    columns = np.asarray(columns)
    return send_json(f"items {bundle.id} {zlib.crc32(columns.tobytes())}", lambda: _items(bundle, columns))


def send_json(name: str, make: Callable[[], object]) -> str:
    """Hand something to the browser under a name, as JSON; returns the blob's name."""
    name = f"json {name}"
    return _send(name, lambda: _pack(name, json.dumps(make(), ensure_ascii=False).encode()))


def send_rows(name: str, make: Callable[[], Sequence[np.ndarray]]) -> str:
    """Hand rows of float32 (n_items,) to the browser under a name; returns it."""

    def content() -> bytes:
        rows = np.asarray(make(), np.float32)
        return _pack(name, np.uint32(len(rows)).tobytes() + rows.tobytes())

    return _send(name, content)


def send_pool(name: str, rows: np.ndarray) -> str:
    """Hand over rows of candidates for one state of the dials; unlike other arrays they are not kept for later."""
    _blob(data=_pack(name, np.uint32(len(rows)).tobytes() + np.asarray(rows, np.float32).tobytes()), key="pool")
    return name


def send_ticks(data: dict) -> None:
    """Hand over entry ticks and candidates; they come after the board, so that nobody waits for them."""
    _ticks(data=data, key="ticks")


def send_again() -> None:
    """Forget what the browser was given; it misses something."""
    st.session_state[SENT] = set()


def send_off(name: str) -> None:
    """Let travel what was handed over since the last time, in a container of that name."""
    waiting = st.session_state.get(WAITING)
    if waiting:
        with luggage(name):
            for blob, content in waiting.items():
                _blob(data=content, key=f"blob {blob}")
        st.session_state.setdefault(SENT, set()).update(waiting)
        waiting.clear()


def _send(name: str, make: Callable[[], bytes]) -> str:
    # The browser keeps blobs by name, so each travels once a session; what it should miss it asks for again.
    waiting = st.session_state.setdefault(WAITING, {})
    if name not in waiting and name not in st.session_state.get(SENT, ()):
        waiting[name] = make()
    return name


def _pack(name: str, content: bytes) -> bytes:
    label = name.encode()
    return np.uint32(len(label)).tobytes() + label + b"\0" * (-len(label) % 4) + content


@st.cache_data(show_spinner=False, max_entries=2)
def _all_items(bundle_id: str, name: str, _bundle: Bundle) -> bytes:
    rows = _items(_bundle, np.arange(_bundle.interactions.n_items))
    return _pack(name, json.dumps(rows, ensure_ascii=False).encode())


def _items(bundle: Bundle, columns: np.ndarray) -> dict:
    items = bundle.interactions.items.iloc[columns]
    hues = _hues(bundle.id, bundle)[columns]
    rows = [
        {
            "title": title,
            "detail": " · ".join(([] if pd.isna(year) else [str(year)]) + (genres.split("|")[:3] if genres else [])),
            "initials": "".join(word[0] for word in title.split() if word[0].isalnum())[:2].upper() or "·",
            "hue": round(float(hue)),
            "image": image,
        }
        for title, year, genres, image, hue in zip(
            items["title"], items["year"], items["genres"], items["image_url"], hues, strict=True
        )
    ]
    return {"columns": columns.tolist(), "rows": rows}


@st.cache_data(show_spinner=False, max_entries=2)
def _hues(bundle_id: str, _bundle: Bundle) -> np.ndarray:
    """Colour (n_items,) of each item's title card: the neuron it activates most, rare ones first."""
    codes = _bundle.nested.codes(single_items(_bundle.interactions.n_items))
    rarity = np.log(codes.shape[0] / np.maximum(codes.getnnz(axis=0), 1))  # else one busy neuron colours half of them
    return np.asarray((codes @ sp.diags_array(rarity)).argmax(axis=1)).ravel() * HUE % 360


def knob_data(knob: Knob, amount: float, blob: str, **more) -> dict:
    """What the board needs to know of a knob."""
    return {
        "key": knob.key,
        "name": knob.name,
        "concept": knob.label is None,
        "recipe": [[neuron, weight] for neuron, weight in knob.recipe.items()],
        "amount": amount,
        "blob": blob,
        **more,
    }
