"""Steer everybody at once: the same dials for all users, their top items, memory bounded.

For a block of users  y' = steered embeddings,  scores = decode(y'),  top n of what each has not seen. One at a time a
person's scores are blended (``engine.py``); for many at once the product with all items is faster, as long as a block's
scores stay in the processor's cache.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse as sp

from knobs_core.base import top_k
from knobs_core.models import Nested
from knobs_core.steering.dials import Dial
from knobs_core.steering.operators import steered_scores

SCORES = 2**22  # scores held at once


def steer_all(
    nested: Nested, histories: sp.csr_matrix, dials: Sequence[Dial] = (), n: int = 50, operator: str = "blend"
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
        scores = steered_scores(nested, encoded, turned, operator) if turned else nested.scores(encoded)
        yield top_k(scores, block, n)
