"""Regions and lassos by hand."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.maps.regions import colour_legend, inside, regions


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
    legend, colour = colour_legend([region], members, 5)
    assert legend == [0]
    assert colour.tolist() == [0 if carried else -1 for carried in members.toarray()[0]]
