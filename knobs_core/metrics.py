"""Ranking metrics over binary relevance, per user.

    recall@k = hits in the top k / min(k, number of targets)
    ndcg@k   = sum over hits of 1/log2(rank + 1)  /  the same sum with all targets first (at most k of them)

Liang et al. 2018, section 4.2. Users without targets get NaN, so that a mean has to leave them out knowingly.
"""

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch


def top_k(scores: torch.Tensor, seen: sp.csr_matrix | None, k: int) -> np.ndarray:
    """Items (B, k) of the highest scores (B, n_items), best first, leaving out each row's seen items.

    ``scores`` is not changed. Where fewer than k unseen items are left, the row ends in -1.
    """
    k = min(k, scores.shape[1])
    if seen is not None:
        rows, cols = seen.nonzero()
        scores = scores.clone()
        scores[torch.as_tensor(rows, device=scores.device), torch.as_tensor(cols, device=scores.device)] = -torch.inf
    values, items = scores.topk(k, dim=1)
    return items.masked_fill(values == -torch.inf, -1).cpu().numpy()


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
