"""The lasso: what lies inside it, and the recipe that leads there."""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
import streamlit as st

from knobs_core.bundles import Bundle
from knobs_core.concepts import concept_recipes
from knobs_core.maps import inside
from knobs_core.steering import Recipe
from knobs_ui import heard, state

N_SHOWN = 4_000
MOST_CORNERS = 400


def lasso() -> np.ndarray | None:
    """Corners (m, 2) of the lasso, None where none is drawn; it comes from a browser, so its shape is checked."""
    drawn = heard.listed(heard.said(state.key("map")).get("lasso"), MOST_CORNERS)
    pairs = [heard.listed(pair, 2) for pair in drawn or []]
    corners = [heard.number(one) for pair in pairs for one in pair or [None]]
    fits = len(corners) == 2 * len(pairs) >= 6 and None not in corners
    return np.array(corners, np.float64).reshape(-1, 2) if fits else None


class Lassoed(NamedTuple):
    """Items inside a lasso, the most liked first, and the recipe that leads there."""

    items: np.ndarray
    recipe: Recipe


@st.cache_data(show_spinner=False, max_entries=64)
def _lassoed(map_id: str, corners: bytes, _bundle: Bundle) -> Lassoed:
    items = inside(_bundle.drawn.items, np.frombuffer(corners).reshape(-1, 2))
    likes = _bundle.interactions.matrix.getnnz(axis=0)
    members = sp.csr_matrix((np.ones(len(items)), (np.zeros(len(items), int), items)), shape=(1, len(likes)))
    [made] = concept_recipes(_bundle.nested, members)
    return Lassoed(items[np.argsort(-likes[items], kind="stable")], made.recipe)


def lassoed(bundle: Bundle, polygon: np.ndarray) -> Lassoed:
    """What lies inside a lasso (m, 2) on the map."""
    return _lassoed(bundle.drawn.id, polygon.tobytes(), bundle)


def lasso_data(polygon: np.ndarray | None, found: Lassoed | None) -> dict[str, Any] | None:
    """The lasso for the map to draw."""
    if polygon is None or found is None:
        return None
    shown = found.items[:N_SHOWN].tolist()
    return {"polygon": polygon.round(5).tolist(), "shown": shown, "count": len(found.items)}
