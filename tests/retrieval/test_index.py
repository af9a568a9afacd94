"""Indices against looking at everything, and what is said of one that cannot be made."""

import numpy as np
import pytest

from knobs_core.base import ConfigError
from knobs_core.retrieval import exact_nearest, index_nearest

ITEMS = np.random.default_rng(0).normal(size=(500, 16)).astype(np.float32)
VECTORS = np.random.default_rng(1).normal(size=(8, 16)).astype(np.float32)


def test_exact_is_by_inner_product_and_ties_fall_to_the_lower_column():
    found = exact_nearest(np.repeat(ITEMS[:3], 2, axis=0))(VECTORS, 6)
    for row, vector in zip(found, VECTORS, strict=True):
        order = np.argsort(-(ITEMS[:3] @ vector))
        assert row.tolist() == [column for one in order.tolist() for column in (2 * one, 2 * one + 1)]


def test_an_index_that_looks_at_everything_is_exact():
    pytest.importorskip("faiss")
    truly = exact_nearest(ITEMS)(VECTORS, 30)
    for specification in ("Flat", "IVF8,Flat:nprobe=8", "HNSW32:efSearch=500"):
        assert np.array_equal(index_nearest(ITEMS, specification)(VECTORS, 30), truly), specification
    assert index_nearest(ITEMS, "Flat")(VECTORS, 900).shape == (8, 500)


def test_what_stands_behind_the_colon_is_set():
    pytest.importorskip("faiss")
    truly = exact_nearest(ITEMS)(VECTORS, 30)
    one, some = (
        np.mean([np.isin(row, found).mean() for row, found in zip(truly, index(VECTORS, 30), strict=True)])
        for index in (index_nearest(ITEMS, f"IVF8,Flat:nprobe={n}") for n in (1, 4))
    )
    assert one < some < 1


@pytest.mark.parametrize("specification", ["", "nonsense", "IVF900,Flat", "HNSW32:nonsense=3", "HNSW32:efSearch"])
def test_an_index_that_cannot_be_made_gets_one_line(specification):
    pytest.importorskip("faiss")
    with pytest.raises(ConfigError) as error:
        index_nearest(ITEMS, specification)
    assert "\n" not in str(error.value)
    assert f"'{specification}'" in str(error.value)
    assert len(str(error.value)) < 400
