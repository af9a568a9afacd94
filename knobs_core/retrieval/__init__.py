"""Lists by an index of vectors: items, knobs and queries as vectors, as files, in an index, and what that loses."""

from knobs_core.retrieval.files import Exported, export
from knobs_core.retrieval.index import Nearest, build_index, exact_nearest, index_nearest, searching
from knobs_core.retrieval.pool import pooled
from knobs_core.retrieval.recall import LEAST, Checked, check
from knobs_core.retrieval.vectors import KnobVectors, Queries, item_vectors, knob_vectors, queries, queries_by_knobs

__all__ = [
    "LEAST",
    "Checked",
    "Exported",
    "KnobVectors",
    "Nearest",
    "Queries",
    "build_index",
    "check",
    "exact_nearest",
    "export",
    "index_nearest",
    "item_vectors",
    "knob_vectors",
    "pooled",
    "queries",
    "queries_by_knobs",
    "searching",
]
