"""What the board is told: items with their colours, knobs with their words, the person's vectors, and breakpoints."""

import json
import time
import zlib
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
import streamlit as st
import torch

from knobs_core.bundles import Active, Bundle, Knob
from knobs_core.data import item_detail, single_items
from knobs_core.steering import breakpoints, candidates, depths
from knobs_ui import evidence
from knobs_ui.board import component
from knobs_ui.board.transport import pack, send_bytes, send_json, send_pool, send_rows
from knobs_ui.board.view import N_ITEMS, OnBoard, View

WHOLE = 50_000  # items of the largest catalogue that travels whole; beyond it, the candidates for the next turn do
TICK_SECONDS = 0.1  # breakpoints are worked out for as many knobs as fit into this, those that are turned first
HUE = 137.508  # the golden angle keeps neighbouring neurons apart in colour


def send_items(bundle: Bundle, columns: np.ndarray | None = None) -> str:
    """Hand titles and colours of items, by default of all, to the browser; returns the blob's name."""
    if columns is None:
        name = f"json items {bundle.id}"
        return send_bytes(name, lambda: _all_items(bundle.id, name, bundle))
    return send_json(f"items {bundle.id} {zlib.crc32(columns.tobytes())}", lambda: _items(bundle, columns))


@st.cache_data(show_spinner=False, max_entries=2)
def _all_items(bundle_id: str, name: str, _bundle: Bundle) -> bytes:
    rows = _items(_bundle, np.arange(_bundle.interactions.n_items))
    return pack(name, json.dumps(rows, ensure_ascii=False).encode())


def _items(bundle: Bundle, columns: np.ndarray) -> dict[str, Any]:
    items = bundle.interactions.items.iloc[columns]
    hues = _hues(bundle.id, bundle)[columns]
    rows = [
        {
            "title": title,
            "detail": item_detail(year, genres),
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


def knob_data(knob: Knob, amount: float, blob: str, depth: float = 0.0, **more: Any) -> dict[str, Any]:
    """What the board needs to know of a knob."""
    return {
        "key": knob.key,
        "name": knob.name,
        "concept": knob.kind != "neuron",
        "amount": amount,
        "blob": blob,
        "depth": depth,
        **more,
    }


def board_data(bundle: Bundle, shown: View, on_board: list[OnBoard], version: str) -> dict[str, Any]:
    """The board's data, its large arrays handed over as blobs."""
    choice, taste, result, linear = shown.choice, shown.taste, shown.result, bundle.engine.linear
    whole = bundle.interactions.n_items <= WHOLE
    data: dict[str, Any] = {
        "version": version,
        "state": shown.token,
        "linear": linear,
        "whole": whole,
        "items": send_items(bundle, None if whole else np.union1d(result.before, result.items)),
        "reference": "Pinned" if choice.pinned else "Before",
        "before": result.before.tolist(),
        "after": result.items.tolist(),
        "by": [dial.key if dial else "" for dial in shown.found.dealt_by],
        "ranks": {str(i): int(rank) for i, rank in zip(result.items, result.unsteered_rank, strict=True)},
        "seen": taste.seen.tolist() if whole and linear else [],
        "knobs": [
            knob_data(
                knob,
                choice.amount(knob.key),
                _send_vector(bundle, knob) if whole and linear else "",
                _depth(bundle, knob.key) if linear else 0.0,
                added=added,
                level=active.level if active else 0,
                **_words(bundle, knob, active),
            )
            for knob, active, added in on_board
        ],
        "person": {"token": f"{choice.user_ids} {choice.item_ids} {choice.seen}"},
    }
    if linear:
        data["person"] |= taste.reach._asdict()
        if whole:
            name = f"person {bundle.id} {choice.user_ids} {choice.item_ids}"
            data["person"]["blob"] = send_rows(name, lambda: taste.base[None].cpu().numpy())
    return data


def _send_vector(bundle: Bundle, knob: Knob) -> str:
    """What a knob does to scores."""
    return send_rows(f"knob {bundle.id} {knob.key}", lambda: bundle.engine.dial_vectors([knob.dial(1.0)]).cpu().numpy())


@lru_cache(maxsize=10_000)
def _depth(bundle: Bundle, key: str) -> float:
    return depths(bundle.engine.dial_vectors([bundle.knobs[key].dial(1.0)])).item()


def _send_pool(bundle: Bundle, shown: View, on_board: list[OnBoard]) -> dict[str, Any] | None:
    """For a catalogue too large to travel: the items that can enter the list with the next turn of any one knob."""
    engine, taste = bundle.engine, shown.taste
    if not engine.linear or bundle.interactions.n_items <= WHOLE:
        return None
    dials, keys = [knob.dial(1.0) for knob, _, _ in on_board], [knob.key for knob, _, _ in on_board]
    columns = candidates(engine, taste, shown.dials, dials, N_ITEMS)
    rows = torch.vstack([taste.base, engine.dial_vectors(dials)])
    blob = send_pool(f"pool {bundle.id} {shown.token} {keys}", rows[:, columns].cpu().numpy())
    return {"blob": blob, "columns": columns.tolist(), "keys": keys, "items": send_items(bundle, columns)}


def _words(bundle: Bundle, knob: Knob, active: Active | None) -> dict[str, str]:
    """Facts, a hint, and the theme whose share of the list is told while the knob is turned."""
    about = _about(bundle, knob.key)
    facts = about.facts or (f"{active.level:.0%} active" if active else "not active")
    words = {"facts": facts + about.badge, "hint": about.hint}
    if about.theme:
        words |= {"theme": bundle.knobs.name_of(about.theme), "members": _send_members(bundle, about.theme)}
    return words


class _About(NamedTuple):
    """What is said of a knob whoever turns it. facts: "" where they are how active it is; theme: "" for none."""

    facts: str
    badge: str
    hint: str
    theme: str


@lru_cache(maxsize=10_000)
def _about(bundle: Bundle, key: str) -> _About:
    knob, titles = bundle.knobs[key], bundle.interactions.items["title"]
    label, effect = knob.label, knob.effect
    facts, hint = f"{len(knob.recipe)} neurons", "A concept: turns several neurons together."
    if label:
        facts, hint = "", "Typical: " + ", ".join(titles[i] for i in label.top_items[:4])
    badge = ""
    if effect and (effect.finds or effect.weak):
        badge = " · ✓" if effect.finds else " · weak"
        judged = evidence.verdict(effect, bundle.knobs.name_of(effect.tag), bundle.words)
        hint += f". {judged.title}: {judged.reason}"
    theme = label.tags[0][0] if label and label.tags else key
    return _About(facts, badge, hint, theme if theme in bundle.concepts.tags else "")


def _send_members(bundle: Bundle, theme: str) -> str:
    tags = bundle.interactions.tags
    return send_json(f"members {bundle.id} {theme}", lambda: tags.loc[tags["tag"] == theme, "item"].tolist())


def send_ticks(bundle: Bundle, shown: View, on_board: list[OnBoard]) -> None:
    """Work out at which amounts items enter and leave, for as many knobs as time allows, and send that to the board."""
    pool = _send_pool(bundle, shown, on_board)
    began, marks = time.perf_counter(), {}
    titles = bundle.interactions.items["title"]
    knobs_there = [knob for knob, _, _ in on_board] if bundle.engine.linear else []
    for knob in sorted(knobs_there, key=lambda knob: not shown.choice.amount(knob.key)):
        if time.perf_counter() - began > TICK_SECONDS:
            break
        others = [dial for dial in shown.dials if dial.key != knob.key]
        marks[knob.key] = [
            {"at": round(tick.amount, 4), "title": titles[tick.item], "enters": tick.enters}
            for tick in breakpoints(bundle.engine, shown.taste, others, knob.dial(1.0), N_ITEMS)
        ]
    component.ticks({"state": shown.token, "ticks": marks, "pool": pool})
