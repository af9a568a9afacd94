"""Rankings, and the one rule for ties: higher scores first, and among equal scores the item with the lower column.

Every list, metric and benchmark ranks by the functions here, so that what is measured is what is shown; the browser
follows the same rule (``assets/board/ranking.js``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # torch takes seconds to import, and whoever has scores has imported it
    import scipy.sparse as sp
    import torch

GROUP = 64  # items looked at together when the best are searched


def top_k(scores: torch.Tensor, seen: sp.csr_matrix | None, k: int) -> np.ndarray:
    """Items (B, k) of the highest scores (B, n_items), best first, leaving out each row's seen items.

    ``scores`` is not changed. Where fewer than k items with a score above -inf are left, the row ends in -1.
    """
    k = min(k, scores.shape[1])
    if seen is not None:
        rows, columns = seen.nonzero()
        scores = scores.clone()
        scores[rows, columns] = -math.inf
    values, items = scores.topk(min(k + 1, scores.shape[1]), dim=1)
    tied = None
    if values.shape[1] > k:  # which of several equal items are among the first k is up to topk, so look for such rows
        tied = (values[:, k] == values[:, k - 1]) & (values[:, k] > -math.inf)
    items = items[:, :k].sort(dim=1).values
    values, order = scores.gather(1, items).sort(dim=1, descending=True, stable=True)
    items = items.gather(1, order)
    if tied is not None and bool(tied.any()):
        items[tied] = scores[tied].sort(dim=1, descending=True, stable=True).indices[:, :k]
    return items.masked_fill(values == -math.inf, -1).cpu().numpy()


def first_n(scores: np.ndarray, n: int) -> np.ndarray:
    """The n items with the highest scores (n_items,), best first, without sorting them all.

    What lies under the n-th best is left out by one scan. Of groups of items the n best have their best item among the
    n best items or above, so that of many items these groups' will do.
    """
    n_groups = len(scores) // GROUP
    best = scores[: n_groups * GROUP].reshape(GROUP, n_groups).max(0) if n_groups > n else scores
    least = np.partition(best, -n)[-n] if len(best) > n > 0 else -np.inf
    candidates = np.flatnonzero(scores >= least)
    return candidates[np.argsort(-scores[candidates], kind="stable")[:n]]


def first_each(scores: np.ndarray, n: int) -> np.ndarray:
    """``first_n`` of every row of scores (B, n_items): items (B, n), best first.

    Where fewer than n items have a score above -inf, the row ends in -1. No row is sorted whole: what lies under its
    n-th highest score is left out by one scan.
    """
    n = min(n, scores.shape[1])
    least = np.partition(scores, -n, axis=1)[:, -n]
    least = np.maximum(least, np.finfo(scores.dtype).min)  # -inf is no score
    rows, items = np.divmod(np.flatnonzero(scores >= least[:, None]), scores.shape[1])
    found = np.bincount(rows, minlength=len(scores))
    place = np.arange(len(rows)) - np.repeat(np.cumsum(found) - found, found)
    high = np.full((len(scores), max(n, found.max(initial=0))), -np.inf, scores.dtype)
    which = np.full(high.shape, -1)
    high[rows, place], which[rows, place] = scores[rows, items], items
    return np.take_along_axis(which, np.argsort(-high, axis=1, kind="stable")[:, :n], 1)


def ranking(scores: torch.Tensor, seen: np.ndarray) -> np.ndarray:
    """All items but the seen ones by score (n_items,), best first."""
    order = scores.sort(descending=True, stable=True).indices.cpu().numpy()
    return order[~np.isin(order, seen)]
