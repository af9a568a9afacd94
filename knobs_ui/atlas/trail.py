"""One person on the map: what the browser needs to place them as dials turn, and what of their way is true."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
import torch

from knobs_core.bundles import Bundle
from knobs_core.data import single_items
from knobs_core.maps import ALPHAS, dial_path, nearing, unit
from knobs_core.steering import depths, directions, effects_of, sigmas, steered_embeddings
from knobs_ui import board, html
from knobs_ui.board import OnBoard, View
from knobs_ui.kept import kept_of_bundle

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
    """Where a person goes. steps: (alpha, cosine with rest, distance from rest) on the way and now; nears: items they
    come nearest to in truth."""

    steps: list[tuple[float | None, float, float]]
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
    return Journey(steps, nears)


def tables(bundle: Bundle, way: Journey) -> str:
    """The way in numbers, as HTML: cosines of embeddings beside distances on the map."""
    if not way.steps:
        return html.note("Turn a knob: what the taste comes nearer to is listed here.")
    steps = [
        ("now" if alpha is None else f"{alpha:g}", f"{cosine:.2f}", f"{away:.1%}") for alpha, cosine, away in way.steps
    ]
    titles = bundle.interactions.items["title"]
    nears = [
        (titles[near.item], " → ".join(f"{c:.2f}" for c in near.cosine), " → ".join(f"{d:.0%}" for d in near.distance))
        for near in way.nears
    ]
    return html.table("It comes nearer to", ("Title", "Cosine", "On the map"), nears) + html.table(
        "The way, against rest", ("Amount", "Cosine", "On the map"), steps
    )


def taste_data(bundle: Bundle, shown: View, on_board: Sequence[OnBoard]) -> dict[str, Any]:
    """One person for the map, which places them itself as the board's knobs turn: what that takes travels once."""
    choice, taste, network = shown.choice, shown.taste, bundle.drawn.network
    own, name = not choice.user_ids, choice.name(bundle.interactions)
    return {
        "moving": [],
        "token": f"{choice.user_ids} {choice.item_ids}",
        "words": "",
        "taste": {
            "who": "You" if own else name if len(name) < 24 else "Together",
            "subject": "You" if own else name,
            **taste.reach._asdict(),
            "rest": board.send_rows(
                f"rest {bundle.id} {choice.user_ids} {choice.item_ids}", lambda: taste.encoded.y.cpu().numpy()
            ),
            "network": board.send_rows(
                f"network {bundle.drawn.id}",
                lambda: np.concatenate([one.ravel() for one in network.arrays().values()])[None],
            ),
            "hidden": len(network.b1),
            "knobs": [{"key": on.knob.key, **_step_data(bundle, on.knob.key)} for on in on_board],
            "liked": np.unique(shown.person.history.indices).tolist(),
            "dials": [{"key": key, "amount": amount} for key, amount in choice.dials if amount],
            "items": shown.result.items.tolist(),
        },
    }


def _step_data(bundle: Bundle, key: str) -> dict[str, Any]:
    """What a dial does to an embedding: h / sigma as a blob, and its depth in that unit."""
    step, depth = _step(bundle, key)
    return {"step": board.send_rows(f"step {bundle.id} {key}", lambda: step[None]), "depth": depth}


@kept_of_bundle
def _step(bundle: Bundle, key: str) -> tuple[np.ndarray, float]:
    towards = directions(bundle.nested, [bundle.knobs[key].dial(1.0)])
    effects = effects_of(bundle.nested.cfae, towards)
    sigma = sigmas(effects)
    depth = depths(effects) / sigma
    return (towards / sigma)[0].cpu().numpy(), float(depth) if torch.isfinite(depth).all() else 1.0
