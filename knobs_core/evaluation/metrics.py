"""Ranking metrics over binary relevance, per user.

    recall@k = hits in the top k / min(k, number of targets)
    ndcg@k   = sum over hits of 1/log2(rank + 1)  /  the same sum with all targets first (at most k of them)

Liang et al. 2018, section 4.2. Users without targets get NaN, so that a mean has to leave them out knowingly.
"""

import numpy as np
import pandas as pd
import scipy.sparse as sp


def hits(ranked: np.ndarray, targets: sp.csr_matrix) -> np.ndarray:
    """Which of the ranked items (B, k) are among each row's targets (B, n_items): bool (B, k)."""
    rows = np.repeat(np.arange(len(ranked)), ranked.shape[1])
    found = np.asarray(targets[rows, np.maximum(ranked, 0).ravel()]).reshape(ranked.shape) > 0
    return found & (ranked >= 0)


def recall_at_k(ranked: np.ndarray, targets: sp.csr_matrix) -> np.ndarray:
    """Recall (B,) of ranked items (B, k)."""
    wanted = np.minimum(np.diff(targets.indptr), ranked.shape[1])
    return _ratio(hits(ranked, targets).sum(1), wanted)


def ndcg_at_k(ranked: np.ndarray, targets: sp.csr_matrix) -> np.ndarray:
    """Normalised discounted cumulative gain (B,) of ranked items (B, k)."""
    discount = 1 / np.log2(np.arange(ranked.shape[1]) + 2)
    ideal = np.concatenate(([0], np.cumsum(discount)))
    wanted = np.minimum(np.diff(targets.indptr), ranked.shape[1])
    return _ratio(hits(ranked, targets) @ discount, ideal[wanted])


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def popularity_percentiles(likes: np.ndarray) -> np.ndarray:
    """Share (n_items,) of items that are less liked than each, items as liked counting one half; likes: (n_items,)."""
    return (pd.Series(likes).rank().to_numpy() - 0.5) / len(likes)
