"""What does not depend on anybody: what is shown of items, and the knobs that can be searched."""

import json
import zlib
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from knobs_core.base import main_title, visible
from knobs_core.bundles import Bundle
from knobs_core.data import item_detail, year_text
from knobs_ui import pictures, settings
from knobs_ui.board.knobs import gloss_of, typical
from knobs_ui.board.transport import pack, send_bytes, send_json
from knobs_ui.kinds import kinds

WHOLE = 50_000  # items of the largest catalogue that travels whole; beyond it, the candidates for the next turn do


def travels_whole(bundle: Bundle) -> bool:
    """Whether the whole catalogue travels to the browser, and not the candidates for the next turn alone."""
    return bundle.interactions.n_items <= WHOLE


def send_items(bundle: Bundle, columns: np.ndarray | None = None) -> str:
    """Hand titles and colours of items, by default of all, to the browser; returns the blob's name."""
    if columns is None:
        name = f"json items {bundle.id}"
        return send_bytes(name, lambda: _all_items(bundle.id, name, settings.image_hosts(), bundle))
    return send_json(f"items {bundle.id} {zlib.crc32(columns.tobytes())}", lambda: _items(bundle, columns))


@st.cache_data(show_spinner=False, max_entries=2)
def _all_items(bundle_id: str, name: str, listed: tuple[str, ...], _bundle: Bundle) -> bytes:
    rows = _items(_bundle, np.arange(_bundle.interactions.n_items))
    return pack(name, json.dumps(rows, ensure_ascii=False, allow_nan=False).encode())


def send_knobs(bundle: Bundle) -> str:
    """Hand over all knobs that can be searched; returns the blob's name."""
    return send_json(f"knobs {bundle.id} {bundle.names_id}", lambda: all_knobs(bundle))


def _items(bundle: Bundle, columns: np.ndarray) -> dict[str, Any]:
    items = bundle.interactions.items.iloc[columns]
    kind, listed = kinds(bundle), settings.image_hosts()
    rows = [
        {
            "title": main_title(title),
            "full": title,
            "year": year_text(year),
            "genres": item_detail(None, genres),
            "detail": item_detail(year, genres),
            "initials": "".join(word[0] for word in title.split() if word[0].isalnum())[:2].upper() or "·",
            "hue": kind.hue(column),
            "image": pictures.address_of(image, listed),
        }
        for title, year, genres, image, column in zip(
            items["title"].map(visible),
            items["year"],
            items["genres"].map(visible),
            items["image_url"],
            columns.tolist(),
            strict=True,
        )
    ]
    return {"columns": columns.tolist(), "rows": rows}


@lru_cache(maxsize=2)
def all_knobs(bundle: Bundle) -> list[dict[str, Any]]:
    """The knobs that can be searched: concepts, and the neurons that have a name."""
    found = [knob for knob in bundle.knobs.values() if knob.label is None or knob.label.named]
    likes = bundle.interactions.matrix.getnnz(axis=0)
    return [
        {
            "key": knob.key,
            "names": [visible(name) for name in (knob.title, knob.former) if name],
            "kind": knob.kind,
            "gloss": gloss_of(bundle, knob.key),
            "weak": bool(knob.weak),
            "finds": bool(knob.effect and knob.effect.finds),
            "weight": float(likes[list(typical(bundle, knob.key))].sum()),
        }
        for knob in found
    ]
