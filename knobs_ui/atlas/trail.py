"""One person's way on the map as dials turn: the marker, its trail, what it nears, and what of it is true."""

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from knobs_core.bundles import Bundle
from knobs_core.data import single_items
from knobs_core.maps import ALPHAS, dial_path, nearing, unit
from knobs_core.steering import steered_embeddings
from knobs_ui import html
from knobs_ui.board import View

N_NEARS = 6


@st.cache_resource(show_spinner=False, max_entries=2)
def _vectors(bundle_id: str, _bundle: Bundle) -> np.ndarray:
    return unit(_bundle.nested.embeddings(single_items(_bundle.interactions.n_items)))


class Near(NamedTuple):
    """An item that somebody nears. cosine, distance: at rest and now, the distance as a share of the map's side."""

    item: int
    cosine: tuple[float, float]
    distance: tuple[float, float]


class Journey(NamedTuple):
    """Where a person stands and goes. steps: (alpha, cosine with rest, distance from rest) on the way and now;
    places: (1 + 4 + 1, 2) at rest, on the way, now; nears: items they come nearest to in truth."""

    steps: list[tuple[float | None, float, float]]
    places: np.ndarray
    nears: list[Near]


def journey(bundle: Bundle, shown: View) -> Journey:
    """The way of the person under their dials."""
    way = dial_path(shown.dials)
    taste = shown.taste
    y = steered_embeddings(bundle.nested, taste.encoded.y, taste.reach, [*way, shown.dials])[:, 0]
    places, directions = bundle.drawn.place(y), unit(y)
    away = np.linalg.norm(places - places[0], axis=1)
    alphas = [*ALPHAS, None] if shown.dials else []
    steps = [(a, float(directions[i] @ directions[0]), float(away[i])) for i, a in enumerate(alphas, start=1)]
    before, now = ends = directions[[0, -1]] @ _vectors(bundle.id, bundle).T
    items = bundle.drawn.items
    closest = nearing(before, now, shown.taste.seen, N_NEARS) if shown.dials else np.empty(0, np.int64)
    nears = [
        Near(int(i), tuple(ends[:, i].tolist()), tuple(np.linalg.norm(items[i] - places[[0, -1]], axis=1).tolist()))
        for i in closest
    ]
    if not shown.dials:
        places = np.repeat(places[:1], len(ALPHAS) + 2, axis=0)
    return Journey(steps, places, nears)


def tables(bundle: Bundle, way: Journey) -> str:
    """The way in numbers, as HTML: true cosines beside distances on the map."""
    if not way.steps:
        return html.note("Turn a knob: the marker leaves a trail, and what it nears is listed here.")
    steps = [
        ("now" if alpha is None else f"{alpha:g}", f"{cosine:.2f}", f"{away:.1%}") for alpha, cosine, away in way.steps
    ]
    titles = bundle.interactions.items["title"]
    nears = [
        (titles[near.item], " → ".join(f"{c:.2f}" for c in near.cosine), " → ".join(f"{d:.0%}" for d in near.distance))
        for near in way.nears
    ]
    return html.table("It nears", ("Title", "True cosine", "On the map"), nears) + html.table(
        "The way, against rest", ("Alpha", "True cosine", "On the map"), steps
    )


def _words(bundle: Bundle, shown: View, way: Journey) -> str:
    if not way.steps:
        return "Turn a knob and watch the marker move."
    _, cosine, away = way.steps[-1]
    turns = html.turned_words(bundle, shown.dials)
    return f"{turns}: moved by {away:.0%} of the map's side, true cosine with rest {cosine:.2f}."


def taste_data(bundle: Bundle, shown: View, way: Journey) -> dict[str, Any]:
    """What moves for one person: the marker, the trail and the items they near."""
    titles, name = bundle.interactions.items["title"], shown.choice.name(bundle.interactions)
    return {
        "moving": way.places.ravel().round(5).tolist(),
        "token": f"{shown.choice.user_ids} {shown.choice.item_ids}",
        "words": _words(bundle, shown, way),
        "trail": True,
        "alphas": [alpha for alpha, _, _ in way.steps],
        "nears": [{"item": near.item, "title": titles[near.item]} for near in way.nears],
        "liked": np.unique(shown.person.history.indices).tolist(),
        "who": name if len(name) < 24 else "This taste",
    }
