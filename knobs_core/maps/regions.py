"""Regions of the map: where on it a concept is at home, among which concepts it is parted, what lies inside a lasso.

    home(t)    = argmax over cells c of  h_t(c)^2 / h(c)         h: items a cell, h_t: those that carry t, both smoothed
    says(t, c) = h_t(c) log(h_t(c) n / (h(c) n_t))               n items, n_t of them carry t
    chosen     : greedily, to maximise sum_c max_{t chosen} says(t, c);        whose(c) = argmax_{t chosen} says(t, c)

A concept that lies in one place beats one that is everywhere; the value at its home is its weight. says is what a cell
adds to the divergence between where t lies and where everything does: themes that are everywhere say nothing, and the
chosen ones together say most about where things lie.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

CELLS = 48  # a side
BLUR, WIDE = 1.2, 2.2  # cells: to find homes, and to part the map into few pieces
MIN_ITEMS = 4
EMPTY, FULL = 0.02, 0.75  # smoothed items in a cell that is nobody's; cells that are less full than a full one


class Region(NamedTuple):
    """A name on the map. tag: its row; x, y: its place; weight: what it has over others; reach: about its radius."""

    tag: int
    x: float
    y: float
    weight: float
    reach: float


class _Grid:
    """The map in cells. cell: (n_items,) of each item; all: (CELLS, CELLS) smoothed items a cell."""

    def __init__(self, places: np.ndarray, blur: float = BLUR):
        self.blur = blur
        at = (np.clip(places, 0, 1 - 1e-6) * CELLS).astype(int)
        self.cell = at[:, 1] * CELLS + at[:, 0]
        self.all = self.density(np.arange(len(places)))

    def density(self, members: np.ndarray) -> np.ndarray:
        """Smoothed numbers (CELLS, CELLS) of some items."""
        from scipy import ndimage  # takes long to import, and most commands draw nothing

        counts = np.bincount(self.cell[members], minlength=CELLS**2).reshape(CELLS, CELLS).astype(float)
        return ndimage.gaussian_filter(counts, self.blur, mode="constant")

    def middle(self, cell: np.intp) -> np.ndarray:
        """The place (2,) in the middle of a cell, given by its number."""
        row, column = np.unravel_index(cell, (CELLS, CELLS))
        return (np.array([column, row]) + 0.5) / CELLS


def regions(places: np.ndarray, tag_items: sp.csr_matrix) -> list[Region]:
    """The home of every concept, weightiest first.

    Args:
        places: (n_items, 2); those outside of [0, 1] count at its edge.
        tag_items: (n_tags, n_items) assignment counts.
    """
    grid = _Grid(places)
    found = []
    for tag in range(tag_items.shape[0]):
        members = tag_items.indices[tag_items.indptr[tag] : tag_items.indptr[tag + 1]]
        if len(members) < MIN_ITEMS:
            continue
        score = grid.density(members) ** 2 / (grid.all + 1e-9)
        home = grid.middle(score.argmax())
        near = members[np.square(places[members] - home).sum(1) < (3 * BLUR / CELLS) ** 2]
        if len(near):
            home = places[near].mean(0)
        reach = np.sqrt(np.square(places[near] - home).sum(1).mean()) if len(near) > 1 else 0.0
        found.append(Region(tag, float(home[0]), float(home[1]), float(score.max()), float(max(1.5 * reach, 0.02))))
    return sorted(found, key=lambda region: -region.weight)


class Territories(NamedTuple):
    """The map parted among themes. tags: (k,) their rows; cells: (CELLS, CELLS) whose each cell is, rows downwards, -1
    where nothing lies; crowding: (CELLS, CELLS) in [0, 1], how many lie there against a full cell; items: (n_items,)
    whose territory each lies in; homes: (k, 2) where each says most."""

    tags: list[int]
    cells: np.ndarray
    crowding: np.ndarray
    items: np.ndarray
    homes: np.ndarray


def territories(places: np.ndarray, tag_items: sp.csr_matrix, size: int) -> Territories:
    """Part the map among at most ``size`` themes.

    Args:
        places: (n_items, 2); those outside of [0, 1] count at its edge.
        tag_items: (n_tags, n_items) assignment counts; tags that are not to be named are empty rows.
    """
    grid = _Grid(places, WIDE)
    members = [tag_items.indices[slice(*tag_items.indptr[tag : tag + 2])] for tag in range(tag_items.shape[0])]
    tags = [tag for tag, some in enumerate(members) if len(some) >= MIN_ITEMS]
    usual = grid.all.ravel() / len(places) + 1e-12
    says = np.zeros((len(tags), CELLS**2))
    for row, tag in zip(says, tags, strict=True):
        here = grid.density(members[tag]).ravel()
        row[:] = np.maximum(here * np.log(np.maximum(here, 1e-12) / (usual * len(members[tag]))), 0)
    chosen: list[int] = []
    covered = np.zeros(CELLS**2)
    for _ in range(min(size, len(tags))):
        gains = np.maximum(says, covered).sum(1)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        covered = np.maximum(covered, says[chosen[-1]])
    whose = says[chosen].argmax(0) if chosen else np.full(CELLS**2, -1)
    whose = np.where(grid.all.ravel() < EMPTY, -1, whose)
    homes = np.array([grid.middle(says[one].argmax()) for one in chosen]).reshape(-1, 2)
    full = np.quantile(grid.all[grid.all >= EMPTY], FULL)
    return Territories(
        [tags[one] for one in chosen],
        whose.reshape(CELLS, CELLS),
        np.minimum(grid.all / full, 1),
        whose[grid.cell],
        homes,
    )


def inside(places: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Which of places (n, 2) lie inside a polygon (m, 2), by the even-odd rule; ascending positions."""
    x, y = places[:, 0], places[:, 1]
    odd = np.zeros(len(places), bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 != y2:
            odd ^= ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return np.flatnonzero(odd)
