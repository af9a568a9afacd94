"""What lies still on the two maps, the items' and the neurons': worked out once a map, sent once a session.

A sheet is points with columns of numbers, the ways to colour them, and names in the order of their weight.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy.sparse as sp
import streamlit as st

from knobs_core.base import visible
from knobs_core.bundles import Bundle
from knobs_core.concepts import Label
from knobs_core.data import is_decade, year_text
from knobs_core.maps import regions, territories
from knobs_ui import board

N_COLOURS = 10
REACH = 0.1  # about the radius of a territory around its home
KEYS = "Arrow keys move, plus and minus zoom, Enter opens what is in the middle."


class Sheet(NamedTuple):
    """label: for screen readers; columns: {name: (n,) numbers of the points}; facts: see assets/map/map.js;
    names: [{title, detail, key}] of the points, None where the catalogue has them."""

    label: str
    columns: dict[str, np.ndarray]
    facts: dict[str, Any]
    names: list[dict[str, str]] | None = None


def send(bundle: Bundle, items: bool) -> dict[str, str]:
    """Hand the sheet of the items, or of the neurons, to the browser; what the map needs to know of it."""
    kind, made = ("items", _items) if items else ("neurons", _neurons)
    map_id = f"{bundle.drawn.id} {bundle.names_id}"
    sheet = made(map_id, bundle)
    if sheet.names is None:
        names = board.send_items(bundle)
    else:
        names = board.send_json(f"names {kind} {map_id}", lambda: sheet.names)
    return {
        "label": sheet.label,
        "points": board.send_rows(f"{kind} {map_id}", lambda: list(sheet.columns.values())),
        "names": names,
        "facts": board.send_json(f"facts {kind} {map_id}", lambda: {**sheet.facts, "columns": list(sheet.columns)}),
    }


@st.cache_resource(show_spinner="Naming the regions", max_entries=2)
def _items(map_id: str, _bundle: Bundle) -> Sheet:
    data, drawn = _bundle.interactions, _bundle.drawn
    names, tag_items = data.tag_matrix()
    themes = sp.diags_array([float(not is_decade(name)) for name in names]) @ tag_items
    themes.eliminate_zeros()
    parted = territories(drawn.items, themes, N_COLOURS)
    homes = [home for home in regions(drawn.items, themes) if home.tag not in parted.tags]
    years = data.items["year"].astype("Float64").to_numpy(dtype=np.float32, na_value=np.nan)
    likes = data.matrix.getnnz(axis=0)
    popular = np.log1p(likes)
    titled = [visible(_bundle.knobs.title_of(name)) for name in names]
    modes = [{"name": "Theme", "column": "theme", "names": [titled[tag] for tag in parted.tags]}]
    if not np.isnan(years).all():
        # Most years lie close together; the few before them share the first colour.
        low, high = float(np.nanquantile(years, 0.02)), float(np.nanmax(years))
        modes.append(_ramp("Year", "year", low, high, f"{year_text(low)} and before", year_text(high)))
    modes.append(_ramp("Popularity", "popular", 0.0, float(popular.max()), "few likes", f"{likes.max():,} likes"))
    return Sheet(
        label=f"Map of {len(likes):,} items. {KEYS}",
        columns={
            "x": drawn.items[:, 0],
            "y": drawn.items[:, 1],
            "size": 0.8 + 1.1 * np.sqrt(likes / max(likes.max(), 1)),
            "theme": parted.items,
            "year": years,
            "popular": popular,
        },
        facts={
            "modes": modes,
            "territories": [
                {"name": titled[tag], "x": float(x), "y": float(y), "reach": REACH}
                for tag, (x, y) in zip(parted.tags, parted.homes, strict=True)
            ],
            "ground": {"cells": parted.cells.ravel().tolist(), "weights": parted.crowding.ravel().round(2).tolist()},
            "regions": [{"name": titled[home.tag], "x": home.x, "y": home.y, "reach": home.reach} for home in homes],
            "event": "item",
            "lasso": True,
            "find": f"Find {_bundle.words.a} or a region",
            "dot": float(np.clip(220 / np.sqrt(len(likes)), 2.0, 5.0)),
        },
    )


@st.cache_resource(show_spinner=False, max_entries=2)
def _neurons(map_id: str, _bundle: Bundle) -> Sheet:
    live = [label for label in _bundle.labels if label.alive]
    first = [label.tags[0][0] if label.tags else "" for label in live]
    legend = pd.Series([tag for tag in first if tag], dtype=object).value_counts().index[:N_COLOURS].tolist()
    titles = _bundle.interactions.items["title"].tolist()
    use = np.array([label.n_users for label in live], float)
    x, y = _bundle.drawn.neurons[[label.neuron for label in live]].T
    return Sheet(
        label=f"Map of {len(live):,} neurons. {KEYS}",
        columns={
            "x": x,
            "y": y,
            "size": 0.7 + 2.6 * np.sqrt(use / max(use.max(initial=0), 1)),
            "theme": np.array([legend.index(tag) if tag in legend else -1 for tag in first]),
            "sure": np.array([label.confidence for label in live]),
        },
        facts={
            "modes": [
                {"name": "Theme", "column": "theme", "names": [visible(tag) for tag in legend]},
                _ramp("Confidence", "sure", 0.0, 1.0, "guess", "sure"),
            ],
            "territories": [],
            "regions": [
                {"name": visible(live[i].label), "x": float(x[i]), "y": float(y[i]), "reach": 0.04}
                for i in np.argsort(-use, kind="stable")
                if live[i].named
            ],
            "event": "card",
            "lasso": False,
            "find": "Find a neuron",
            "dot": 6.0,
        },
        names=[
            {
                "key": f"#{label.neuron}",
                "title": visible(label.label),
                "detail": visible(_detail(label, titles)),
            }
            for label in live
        ],
    )


def _detail(label: Label, titles: list[str]) -> str:
    """What is said of a neuron under its name: how sure that is, or its typical titles where it has none."""
    known = f"sure {label.confidence:.0%}" if label.named else "typical: " + ", ".join(label.typical(titles))
    return f"#{label.neuron} · {label.n_users:,} people · {known}"


def _ramp(name: str, column: str, low: float, high: float, least: str, most: str) -> dict[str, Any]:
    return {"name": name, "column": column, "low": low, "high": high, "from": least, "to": most}
