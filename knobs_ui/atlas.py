"""The map component: points by WebGL that travel once, and what moves on top of them; plain JavaScript in assets/map.

Like the board it speaks through component state, which anybody may forge: ``board.told`` and ``lasso`` check its shape,
``state.turn`` the values.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import streamlit as st

from knobs_core import projection, recipes, regions
from knobs_core.bundle import Bundle
from knobs_core.recipes import Recipe
from knobs_core.sparse import single_items
from knobs_ui import board, cards, lists
from knobs_ui.view import OnBoard, View

ASSETS = Path(__file__).parents[1] / "assets"
STATES = ("dials", "lasso")
N_NEARS, N_SHOWN = 6, 4_000
MOST_CORNERS = 400


def _read(*names: str) -> str:
    return "\n".join((ASSETS / name).read_text(encoding="utf-8") for name in names)


_map = st.components.v2.component(
    "knobs_map",
    html=_read("map/map.html"),
    css=_read("board/board.css", "map/map.css"),
    js=_read("board/knob.js", "map/points.js", "map/map.js"),
)


def lasso() -> np.ndarray | None:
    """Corners (m, 2) of the lasso, None where none is drawn; it comes from a browser, so its shape is checked."""
    try:
        corners = np.asarray((st.session_state.get("map") or {}).get("lasso"), np.float64)
    except (TypeError, ValueError):
        return None
    fits = corners.ndim == 2 and corners.shape[1] == 2 and 3 <= len(corners) <= MOST_CORNERS
    return corners if fits and np.isfinite(corners).all() else None


def atlas(data: dict) -> None:
    """Mount the map; what it says back is read by ``board.told`` and ``lasso`` in the next run."""
    _map(key="map", data=data, **{f"on_{name}_change": lambda: None for name in (*STATES, *board.EVENTS)})


@st.cache_resource(show_spinner=False, max_entries=2)
def _vectors(bundle_id: str, _bundle: Bundle) -> np.ndarray:
    return projection.unit(_bundle.nested.embeddings(single_items(_bundle.interactions.n_items)))


def knobs_data(shown: View, on_board: list[OnBoard]) -> list[dict]:
    """The knobs beside the map; the list need not be blended here, so no arrays travel."""
    return [
        board.knob_data(
            knob,
            shown.choice.amount(knob.key),
            "",
            added=added,
            level=lit.level if lit else 0,
            facts=f"lit {lit.level:.0%}" if lit else f"{len(knob.recipe)} neurons",
            hint="Turn it and watch where the taste goes.",
        )
        for knob, lit, added in on_board
    ]


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
    way = projection.way(shown.dials)
    y = bundle.nested.steered_embeddings(shown.person.encoded, [*way, shown.dials])[:, 0]
    places, directions = bundle.projection.place(y), projection.unit(y)
    away = np.linalg.norm(places - places[0], axis=1)
    alphas = [*projection.ALPHAS, None] if shown.dials else []
    steps = [(a, float(directions[i] @ directions[0]), float(away[i])) for i, a in enumerate(alphas, start=1)]
    ends = directions[[0, -1]] @ _vectors(bundle.id, bundle).T
    items = bundle.projection.items
    closest = projection.nearing(*ends, shown.person.seen, N_NEARS) if shown.dials else []
    nears = [
        Near(int(i), tuple(ends[:, i].tolist()), tuple(np.linalg.norm(items[i] - places[[0, -1]], axis=1).tolist()))
        for i in closest
    ]
    if not shown.dials:
        places = np.repeat(places[:1], len(projection.ALPHAS) + 2, axis=0)
    return Journey(steps, places, nears)


def tables(bundle: Bundle, way: Journey) -> str:
    """The way in numbers, as HTML: true cosines beside distances on the map."""
    if not way.steps:
        return lists.note("Turn a knob: the marker leaves a trail, and what it nears is listed here.")
    steps = [
        ("now" if alpha is None else f"{alpha:g}", f"{cosine:.2f}", f"{away:.1%}") for alpha, cosine, away in way.steps
    ]
    titles = bundle.interactions.items["title"]
    nears = [
        (titles[near.item], " → ".join(f"{c:.2f}" for c in near.cosine), " → ".join(f"{d:.0%}" for d in near.distance))
        for near in way.nears
    ]
    return lists.table("It nears", ("Title", "True cosine", "On the map"), nears) + lists.table(
        "The way, against rest", ("Alpha", "True cosine", "On the map"), steps
    )


def _words(bundle: Bundle, shown: View, way: Journey) -> str:
    if not way.steps:
        return "Turn a knob and watch the marker move."
    _, cosine, away = way.steps[-1]
    turns = cards.turned_words(shown.dials)
    return f"{turns}: moved by {away:.0%} of the map's side, true cosine with rest {cosine:.2f}."


def taste_data(bundle: Bundle, shown: View, way: Journey) -> dict:
    """What moves for one person: the marker, the trail and the items they near."""
    titles = bundle.interactions.items["title"]
    return {
        "moving": way.places.ravel().round(5).tolist(),
        "token": f"{shown.choice.user_ids} {shown.choice.item_ids}",
        "words": _words(bundle, shown, way),
        "trail": True,
        "alphas": [alpha for alpha, _, _ in way.steps],
        "nears": [{"item": near.item, "title": titles[near.item]} for near in way.nears],
        "liked": np.unique(shown.history.indices).tolist(),
        "who": shown.choice.name if len(shown.choice.name) < 24 else "This taste",
    }


class Lassoed(NamedTuple):
    """Items inside a lasso, the most liked first, and the recipe that leads there."""

    items: np.ndarray
    recipe: Recipe


@st.cache_data(show_spinner=False, max_entries=64)
def _lassoed(map_id: str, corners: bytes, _bundle: Bundle) -> Lassoed:
    items = regions.inside(_bundle.projection.items, np.frombuffer(corners).reshape(-1, 2))
    likes = _bundle.interactions.matrix.getnnz(axis=0)
    members = sp.csr_matrix((np.ones(len(items)), (np.zeros(len(items), int), items)), shape=(1, len(likes)))
    [recipe] = recipes.concept_recipes(_bundle.nested, members)
    return Lassoed(items[np.argsort(-likes[items], kind="stable")], recipe)


def lassoed(bundle: Bundle, polygon: np.ndarray) -> Lassoed:
    """What lies inside a lasso (m, 2) on the map."""
    return _lassoed(bundle.projection.id, polygon.tobytes(), bundle)


def lasso_data(polygon: np.ndarray | None, found: Lassoed | None) -> dict | None:
    """The lasso for the map to draw."""
    if polygon is None:
        return None
    return {"polygon": polygon.round(5).tolist(), "shown": found.items[:N_SHOWN].tolist()}
