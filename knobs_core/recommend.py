"""Recommendations with dials: the list a person would get, the list they get now, and what changed between them."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.errors import DataError
from knobs_core.nested import Nested
from knobs_core.steering import Dial

GROUP = 64  # items looked at together when the best are searched


@dataclasses.dataclass(frozen=True)
class Recommendation:
    """Two lists for one person, as item columns, best first.

    items: (n,) with the dials turned; scores: (n,) theirs; unsteered_rank: (n,) their ranks with all dials at rest
    before: (n,) with all dials at rest; steered_rank: (n,) the ranks of those with the dials turned
    Ranks count from 1 over the items the person has not seen.
    """

    items: np.ndarray
    scores: np.ndarray
    unsteered_rank: np.ndarray
    before: np.ndarray
    steered_rank: np.ndarray

    @property
    def entered(self) -> np.ndarray:
        """Items of the new list that were not in the old one."""
        return self.items[~np.isin(self.items, self.before)]

    @property
    def left(self) -> np.ndarray:
        """Items of the old list that are not in the new one."""
        return self.before[~np.isin(self.before, self.items)]


def recommend(
    nested: Nested, history: sp.csr_matrix, dials: Sequence[Dial] = (), operator: str = "blend", n: int = 20
) -> Recommendation:
    """Rank the unseen items for one person, with and without the dials.

    Args:
        history: (1, n_items) what the person likes; these items are never recommended.

    Raises:
        DataError: an empty history, for which there is nothing to encode, or one that holds every item.
    """
    if history.nnz == 0:
        raise DataError("at least one liked item", "none", "name a user with likes or give items")
    if history.nnz == history.shape[1]:
        raise DataError("an item that is not liked yet", "none", "give fewer items")
    encoded = nested.encode(history)
    turned = [dial for dial in dials if dial.amount]
    plain = nested.scores(encoded)
    steered = nested.steered_scores(encoded, turned, operator) if turned else plain
    return compare(Standing(plain[0], history.indices), steered[0], n)


class Standing:
    """Somebody's scores (n_items,), ranked once, for any number of lists to be compared with.

    seen: columns that are never recommended; order: the others, best first; ranks: (n_items,) from 1, of unseen items
    """

    def __init__(self, scores: torch.Tensor, seen: np.ndarray):
        self.seen, self.order = seen, ranking(scores, seen)
        self.ranks = np.zeros(len(scores), np.int64)
        self.ranks[self.order] = np.arange(1, len(self.order) + 1)


def compare(standing: Standing, steered: torch.Tensor, n: int = 20) -> Recommendation:
    """The list of somebody whose scores (n_items,) with the dials turned are known, beside the one it came from."""
    scores = _unseen(steered, standing.seen)
    before = standing.order[:n]
    now = _top(scores, len(before))
    return Recommendation(now, scores[now], standing.ranks[now], before, _ranks(scores, before, now))


def ranking(scores: torch.Tensor, seen: np.ndarray) -> np.ndarray:
    """Unseen items by score (n_items,), best first; equal scores keep the order of the items."""
    order = scores.sort(descending=True, stable=True).indices.cpu().numpy()
    return order[~np.isin(order, seen)]


def _unseen(scores: torch.Tensor, seen: np.ndarray) -> np.ndarray:
    """A copy of scores (n_items,) in which seen items come last."""
    scores = scores.cpu().numpy().copy()
    scores[seen] = -np.inf
    return scores


def _top(scores: np.ndarray, n: int) -> np.ndarray:
    """The n best items of scores (n_items,), as a stable sort would have them, sorting few.

    Of groups of items the n best have their best item among the n best items or above: what lies under the least of
    these is left out by one scan.
    """
    n_groups = len(scores) // GROUP
    if n_groups > n:
        best = scores[: n_groups * GROUP].reshape(GROUP, n_groups).max(0)
        candidates = np.flatnonzero(scores >= np.partition(best, -n)[-n])
    else:
        candidates = np.arange(len(scores))
    return candidates[np.argsort(-scores[candidates], kind="stable")[:n]]


def _ranks(scores: np.ndarray, items: np.ndarray, best: np.ndarray) -> np.ndarray:
    """Ranks (k,) from 1 of items (k,) by scores (n_items,) whose best items are known; the others are counted."""
    known = {item: rank for rank, item in enumerate(best.tolist(), start=1)}

    def counted(i: int) -> int:
        ahead = np.count_nonzero(scores > scores[i]) + np.count_nonzero(scores[:i] == scores[i])
        return ahead + 1

    return np.array([known.get(i) or counted(i) for i in items.tolist()], np.int64)
