"""The crowd: a thousand sampled users, and where dials take them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
import torch

from knobs_core.bundles import Bundle
from knobs_core.steering import Dial, Reach, reach_of, steered_embeddings
from knobs_ui import board, html

N_USERS = 1_000
HUES = ("#c8372d", "#2b6cb0", "#2f7d4f")
OPACITIES = (0.3, 0.5, 0.7, 0.9)  # for alpha .2 to .8, as in the paper


class Crowd(NamedTuple):
    """rows: (n,) users; y: (n, d_embed) their embeddings; reach: how far dials move each of them;
    rest: (n, 2) their places with all dials at rest."""

    rows: np.ndarray
    y: torch.Tensor
    reach: Reach
    rest: np.ndarray


@st.cache_resource(show_spinner="Gathering a crowd", max_entries=2)
def _crowd(map_id: str, _bundle: Bundle) -> Crowd:
    data = _bundle.interactions
    rng = np.random.default_rng(_bundle.manifest.seed)
    rows = np.sort(rng.permutation(data.n_users)[:N_USERS])
    likes = data.matrix[rows]
    encoded = _bundle.nested.encode(likes)
    reach = reach_of(_bundle.nested.scores(encoded), likes)
    return Crowd(rows, encoded.y, reach, _bundle.drawn.place(encoded.y.cpu()))


def crowd(bundle: Bundle) -> Crowd:
    """The same thousand users for every visitor."""
    return _crowd(bundle.drawn.id, bundle)


def moved(bundle: Bundle, dials: Sequence[Dial]) -> np.ndarray:
    """Places (n, 2) of the crowd with the dials turned."""
    people = crowd(bundle)
    if not dials:
        return people.rest
    return bundle.drawn.place(steered_embeddings(bundle.nested, people.y, people.reach, [dials])[0])


def table(bundle: Bundle, places: np.ndarray) -> str:
    """How far the crowd has gone, as HTML."""
    away = np.linalg.norm(places - crowd(bundle).rest, axis=1)
    rows = [
        ("Half have moved further than", f"{np.median(away):.1%}"),
        ("One in ten further than", f"{np.quantile(away, 0.9):.1%}"),
        ("Spread of the crowd at rest", f"{_spread(crowd(bundle).rest):.1%}"),
        ("Spread now", f"{_spread(places):.1%}"),
    ]
    return html.table(f"A crowd of {len(away):,}", ("On the map", "of its side"), rows)


def _spread(places: np.ndarray) -> float:
    """Root mean square distance from the middle of the crowd."""
    return float(np.sqrt(places.var(axis=0).sum()))


def config(form: str) -> dict[str, Any]:
    """What Plotly's own bar offers above the figure: saving it as ``svg`` or ``png``, in the browser."""
    return {
        "displaylogo": False,
        "displayModeBar": True,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": form, "filename": "crowd", "width": 1500, "height": 560, "scale": 2},
    }


def crowd_data(bundle: Bundle, places: np.ndarray, dials: Sequence[Dial]) -> dict[str, Any]:
    """The crowd for the map: where everybody rests, sent once, and where they are now."""
    rest = crowd(bundle).rest
    words = f"{len(rest):,} people at rest. Turn a knob: when you let go, they move."
    if dials:
        turned = html.turned_words(bundle, dials)
        words = f"{len(rest):,} people with {turned}; each line begins where one of them rests."
    return {
        "crowd": board.send_rows(f"crowd {bundle.drawn.id}", lambda: rest.T),
        "moving": places.round(4).ravel().tolist(),
        "token": "crowd",
        "words": words,
        "taste": None,
    }
