"""Regions against a rewrite of their formula, legends and lassos by hand."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.maps.regions import BLUR, CELLS, WIDE, inside, regions, territories


def test_inside_a_lasso_by_hand():
    places = np.array([[0.5, 0.5], [0.1, 0.1], [0.9, 0.5], [0.45, 0.9]])
    square = np.array([[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]])
    assert inside(places, square).tolist() == [0]
    hook = np.array([[0, 0], [1, 0], [1, 1], [0.8, 1], [0.8, 0.2], [0, 0.2]])  # not convex
    assert inside(places, hook).tolist() == [1, 2]


def test_a_concept_is_at_home_where_it_is_dense():
    rng = np.random.default_rng(0)
    everywhere, here = rng.random((400, 2)), np.array([0.3, 0.7]) + rng.normal(0, 0.01, (30, 2))
    places = np.vstack([everywhere, here])
    members = sp.csr_matrix(np.isin(np.arange(430), [*range(400, 430), 1, 2, 3])[None].astype(float))
    [region] = regions(places, members)
    assert (region.x, region.y) == pytest.approx((0.3, 0.7), abs=0.02)


def densities(places, members, blur=BLUR):
    """Smoothed counts a cell, of members and of all, by summing over a cell's neighbours: a rewrite without SciPy."""
    radius = int(4 * blur + 0.5)
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / blur) ** 2)
    kernel /= kernel.sum()
    smooth = []
    for some in (members, np.arange(len(places))):
        grid = np.zeros((CELLS + 2 * radius,) * 2)
        for x, y in places[some]:
            grid[int(y * CELLS) + radius, int(x * CELLS) + radius] += 1
        rows = np.array([kernel @ grid[i : i + 2 * radius + 1] for i in range(CELLS)])
        smooth.append(np.array([kernel @ rows.T[i : i + 2 * radius + 1] for i in range(CELLS)]).T)
    return smooth


def test_homes_and_weights_equal_a_rewrite():
    """home = argmax of h_t^2 / h: many among others beat few that are alone."""
    rng = np.random.default_rng(1)
    shared = np.array([0.25, 0.3]) + rng.normal(0, 0.01, (40, 2))  # of the concept every second one
    alone = np.array([0.75, 0.6]) + rng.normal(0, 0.01, (5, 2))  # of the concept all
    places = np.vstack([shared, alone, rng.random((100, 2))])
    concept = np.concatenate([np.arange(0, 40, 2), np.arange(40, 45)])
    other = np.arange(45, 75)
    members = sp.csr_matrix(np.stack([np.isin(np.arange(145), one) for one in (concept, other)]).astype(float))
    found = {region.tag: region for region in regions(places, members)}
    for tag, some in enumerate((concept, other)):
        ours, everything = densities(places, some)
        score = ours**2 / (everything + 1e-9)
        row, column = np.unravel_index(score.argmax(), score.shape)
        assert found[tag].weight == pytest.approx(score.max())
        assert np.linalg.norm([found[tag].x - (column + 0.5) / CELLS, found[tag].y - (row + 0.5) / CELLS]) < 2 / CELLS
        if tag == 0:  # by its share alone the concept would be at home elsewhere
            row, column = np.unravel_index((ours / (everything + 1e-9)).argmax(), score.shape)
            assert np.linalg.norm([found[tag].x - column / CELLS, found[tag].y - row / CELLS]) > 0.2
    assert (found[0].x, found[0].y) == pytest.approx((0.25, 0.3), abs=0.01)
    assert [region.tag for region in regions(places, members)] == [0, 1]


def test_a_concept_on_few_items_has_no_home():
    places = np.random.default_rng(0).random((20, 2))
    assert regions(places, sp.csr_matrix(np.eye(20)[:3].sum(0, keepdims=True))) == []


def test_the_map_is_parted_among_the_themes_that_say_most():
    """Three clumps: two have a theme of their own, one carries what everything carries."""
    rng = np.random.default_rng(2)
    middles = np.array([[0.2, 0.2], [0.8, 0.3], [0.5, 0.8]]).repeat(60, 0)
    places = middles + rng.normal(0, 0.03, (180, 2))
    clump = np.repeat([0, 1, 2], 60)
    rows = [clump == 0, np.ones(180, bool), clump == 1, np.arange(180) < 3, (clump == 1) & (np.arange(180) % 2 == 0)]
    found = territories(places, sp.csr_matrix(np.stack(rows).astype(float)), 2)
    assert sorted(found.tags) == [0, 2]
    first, second = found.tags.index(0), found.tags.index(2)
    assert (found.items[clump == 0] == first).all()
    assert (found.items[clump == 1] == second).all()
    assert found.homes[first] == pytest.approx([0.2, 0.2], abs=0.08)
    assert found.homes[second] == pytest.approx([0.8, 0.3], abs=0.08)
    assert found.cells[0, -1] == -1  # where nothing lies
    assert found.crowding[0, -1] < 0.01
    assert found.cells[int(0.2 * CELLS), int(0.2 * CELLS)] == first
    assert found.crowding.max() == 1


def test_what_a_theme_says_equals_a_rewrite():
    rng = np.random.default_rng(3)
    places = rng.random((300, 2))
    members = np.flatnonzero(places[:, 0] < 0.3)
    tag_items = sp.csr_matrix(np.isin(np.arange(300), members)[None].astype(float))
    ours, everything = densities(places, members, WIDE)
    says = np.where(ours > 0, ours * np.log(np.maximum(ours, 1e-300) * 300 / (everything * len(members) + 1e-300)), 0)
    row, column = np.unravel_index(says.argmax(), says.shape)
    assert territories(places, tag_items, 3).homes[0] == pytest.approx([(column + 0.5) / CELLS, (row + 0.5) / CELLS])


def test_without_themes_nobody_has_a_territory():
    found = territories(np.random.default_rng(0).random((20, 2)), sp.csr_matrix((2, 20)), 5)
    assert found.tags == []
    assert set(found.items.tolist()) == {-1}
