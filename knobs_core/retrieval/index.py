"""The items with the largest inner products: exactly, or by an index that looks at a part of them.

A specification of an index is what faiss calls its factory string, and behind a colon what is set when it searches:

    Flat                       everything is looked at
    HNSW32:efSearch=512        a graph of 32 neighbours an item, of which 512 items are kept in view
    IVF1024,Flat:nprobe=64     1,024 cells, of which the 64 nearest are looked at
    IVF1024,SQ8:nprobe=64      the same with a byte a number, a quarter of the memory

A taste is a sum of several interests, whose items lie in many cells. Which index finds them depends on how the items of
a model lie: cells do where clusters are tight, a graph where they are not. ``recall.py`` measures it.

Douze et al. 2024, "The Faiss library"; Malkov and Yashunin 2018, "Efficient and robust approximate nearest neighbor
search using Hierarchical Navigable Small World graphs".
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from knobs_core.base import ConfigError, first_each, require

# Vectors (B, d) and k: columns (B, k) of the items with the largest inner products, best first, -1 where there are
# fewer.
Nearest = Callable[[np.ndarray, int], np.ndarray]


def exact_nearest(items: np.ndarray) -> Nearest:
    """Looks at all item vectors (n_items, d); of equal products the item with the lower column comes first."""
    return lambda vectors, k: first_each(vectors @ items.T, k)


def index_nearest(items: np.ndarray, specification: str) -> Nearest:
    """An index of item vectors (n_items, d), made by faiss; see the head of this file.

    Raises:
        MissingExtraError: faiss is not installed.
        ConfigError: a specification that faiss cannot read, or cannot make of so few items.
    """
    kind, _, settings = specification.partition(":")
    try:
        nearest = searching(build_index(items, kind), settings)
        nearest(items[:1], 1)  # here a setting that faiss does not know is refused
    except (RuntimeError, AssertionError) as error:
        said = str(error).strip().splitlines()[-1:] or [type(error).__name__]
        raise ConfigError(
            f"an index that faiss can make of {len(items):,} items, e.g. HNSW32:efSearch=512",
            f"'{specification}' ({said[0].rpartition(': ')[2]})",
            "correct it, or take Flat",
        ) from None
    return nearest


def build_index(items: np.ndarray, kind: str) -> Any:
    """faiss's index of item vectors (n_items, d) by inner products. kind: its factory string.

    Raises:
        MissingExtraError: faiss is not installed.
    """
    faiss = require("faiss", "an index of vectors")
    items = np.ascontiguousarray(items, np.float32)
    index = faiss.index_factory(items.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    index.train(items)
    index.add(items)
    return index


def searching(index: Any, settings: str = "") -> Nearest:
    """How an index of faiss searches with some settings, e.g. ``nprobe=64``; others may search it with others."""
    space = require("faiss", "an index of vectors").ParameterSpace()

    def nearest(vectors: np.ndarray, k: int) -> np.ndarray:
        if settings:
            space.set_index_parameters(index, settings)
        _, found = index.search(np.ascontiguousarray(vectors, np.float32), min(k, index.ntotal))
        return found

    return nearest
