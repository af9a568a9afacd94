"""Regions of the map: where on it a concept is at home, which concepts make a good legend, what lies inside a lasso.

    home(t) = argmax over cells of  h_t^2 / h          h: items a cell, h_t: those that carry t, both smoothed

A concept that lies in one place beats one that is everywhere; the value at its home is its weight.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy import ndimage

CELLS = 48  # a side
BLUR = 1.2  # cells
MIN_ITEMS = 4


class Region(NamedTuple):
    """A name on the map. tag: its row; x, y: its place; weight: what it has over others; reach: about its radius."""

    tag: int
    x: float
    y: float
    weight: float
    reach: float


def regions(places: np.ndarray, tag_items: sp.csr_matrix) -> list[Region]:
    """The home of every concept, weightiest first.

    Args:
        places: (n_items, 2); those outside of [0, 1] count at its edge.
        tag_items: (n_tags, n_items) assignment counts.
    """
    cell = (np.clip(places, 0, 1 - 1e-6) * CELLS).astype(int)
    flat = cell[:, 1] * CELLS + cell[:, 0]

    def density(members: np.ndarray) -> np.ndarray:
        counts = np.bincount(flat[members], minlength=CELLS**2).reshape(CELLS, CELLS).astype(float)
        return ndimage.gaussian_filter(counts, BLUR, mode="constant")

    everything = density(np.arange(len(places)))
    found = []
    for tag in range(tag_items.shape[0]):
        members = tag_items.indices[tag_items.indptr[tag] : tag_items.indptr[tag + 1]]
        if len(members) < MIN_ITEMS:
            continue
        score = density(members) ** 2 / (everything + 1e-9)
        row, column = np.unravel_index(score.argmax(), score.shape)
        home = (np.array([column, row]) + 0.5) / CELLS
        near = members[np.square(places[members] - home).sum(1) < (3 * BLUR / CELLS) ** 2]
        if len(near):
            home = places[near].mean(0)
        reach = np.sqrt(np.square(places[near] - home).sum(1).mean()) if len(near) > 1 else 0.0
        found.append(Region(tag, float(home[0]), float(home[1]), float(score.max()), float(max(1.5 * reach, 0.02))))
    return sorted(found, key=lambda region: -region.weight)


def colour_legend(found: Sequence[Region], tag_items: sp.csr_matrix, size: int) -> tuple[list[int], np.ndarray]:
    """Concepts to colour items by: the ``size`` that together cover most where they are weighty, and each item's.

    Returns:
        tags (at most size,), and (n_items,) positions in it, -1 for items that carry none; an item that carries
        several gets the rarest.
    """
    n_items = tag_items.shape[1]
    chosen = [region.tag for region in found[:size]]
    colour = np.full(n_items, -1)
    for tag in sorted(chosen, key=lambda tag: -(tag_items.indptr[tag + 1] - tag_items.indptr[tag])):
        colour[tag_items.indices[tag_items.indptr[tag] : tag_items.indptr[tag + 1]]] = chosen.index(tag)
    return chosen, colour


def inside(places: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Which of places (n, 2) lie inside a polygon (m, 2), by the even-odd rule; ascending positions."""
    x, y = places[:, 0], places[:, 1]
    odd = np.zeros(len(places), bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 != y2:
            odd ^= ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return np.flatnonzero(odd)
