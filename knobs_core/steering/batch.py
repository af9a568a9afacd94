"""Steer everybody at once: the same dials for all users, their top items, memory bounded.

For a block of users and each hand of the turn  y' = steered embeddings,  scores = decode(y'),  top n of what each has
not seen; several hands are dealt into one list. One at a time a person's scores are blended (``engine.py``); for many
at once the product with all items is faster, as long as a block's scores stay in the processor's cache.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse as sp

from knobs_core.base import top_k
from knobs_core.models import Nested
from knobs_core.steering.dials import Dial
from knobs_core.steering.operators import SPREAD, recoded_embedding
from knobs_core.steering.spread import reach_of, steered_scores
from knobs_core.steering.turns import deal_first

SCORES = 2**22  # scores held at once


def steer_all(
    nested: Nested, histories: sp.csr_matrix, dials: Sequence[Dial] = (), n: int = 50, operator: str = SPREAD
) -> Iterator[np.ndarray]:
    """Top items (rows, n) of one block of users after the other, best first, in the order of ``histories``.

    Rows end in -1 where fewer than n unseen items are left.

    Args:
        histories: (n_users, n_items) what each likes; these items are left out.
    """
    turned = [dial for dial in dials if dial.amount]
    rows = max(1, SCORES // histories.shape[1])
    for start in range(0, histories.shape[0], rows):
        block = histories[start : start + rows]
        encoded = nested.encode(block)
        if turned and operator != SPREAD:
            yield top_k(nested.cfae.decode(recoded_embedding(nested, encoded, turned, operator)), block, n)
        else:
            rest = nested.scores(encoded)
            held, scores = steered_scores(nested, encoded.y, reach_of(rest, block), turned)
            lists = [top_k(one, block, n) for one in scores]
            yield lists[0] if len(held) == 1 else _dealt(lists, [hand.pace for hand in held])


def _dealt(lists: list[np.ndarray], paces: list[float]) -> np.ndarray:
    """The lists (rows, n) of several hands as one for each row, -1 where no items are left."""
    merged = np.full_like(lists[0], -1)
    for row in range(len(merged)):
        items, _ = deal_first([one[row][one[row] >= 0] for one in lists], paces, merged.shape[1])
        merged[row, : len(items)] = items
    return merged
