"""A list from a pool of candidates: what is near to any part of the query, ranked by the whole of it.

    q    = (1 - a) y + up a v_0 - down sum_k b_k v_k / depth_k              the query of a hand; see ``vectors.py``
    pool = the m items nearest to y, to v_0, to -v_k of every k, together

An item at the top of a sum is high in one of its parts, so that the pool holds it when m is large enough. What is in
the pool has its exact scores, and several hands deal from it as they do from all items; with m = n_items the list is
that of ``Engine.recommend``. The pool depends on which way dials are turned, not on how far.

After the threshold algorithm of Fagin, Lotem and Naor 2003, "Optimal aggregation algorithms for middleware".
"""

from collections.abc import Sequence

import numpy as np

from knobs_core.base import first_n
from knobs_core.retrieval.index import Nearest
from knobs_core.retrieval.vectors import KnobVectors, queries_by_knobs
from knobs_core.steering import Dial, Taste, deal_first

POOL = 1_000  # items near to each part


def pooled(
    items: np.ndarray,
    nearest: Nearest,
    taste: Taste,
    dials: Sequence[Dial],
    knobs: KnobVectors,
    n: int = 20,
    size: int = POOL,
) -> tuple[np.ndarray, np.ndarray]:
    """The list of a person from a pool.

    Args:
        items: (n_items, d_embed) the ``item_vectors`` of a linear decoder; nearest: of these, exact or by an index.
        knobs: ``knob_vectors`` of the dials, row by row.
        size: m, what of each part comes into the pool beside as many items as the person has seen.

    Returns:
        Columns (n,) of the list, best first, and which hand deals each (n,); fewer where the pool holds fewer.
    """
    signs = np.sign(np.array([dial.amount for dial in dials], np.float32))
    pulls = (signs[:, None] * knobs.vectors)[signs != 0]
    parts = np.concatenate([taste.encoded.y.cpu().numpy(), pulls])
    found = nearest(parts, min(size + len(taste.seen), len(items)))
    pool = np.setdiff1d(found[found >= 0], taste.seen)  # ascending, so that ties fall as they do among all items
    asked = queries_by_knobs(taste.encoded.y, taste.reach, dials, knobs)
    scores = asked.vectors[:, 0] @ items[pool].T
    return deal_first([pool[first_n(one, n)] for one in scores], asked.paces, n)
