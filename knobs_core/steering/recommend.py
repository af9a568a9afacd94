"""A list with dials turned: the reference it is compared with, the list now, and what changed between them."""

import dataclasses

import numpy as np
import torch

from knobs_core.base import first_n, ranking, ranks_of
from knobs_core.steering.turns import Dealt


@dataclasses.dataclass(frozen=True)
class Recommendation:
    """Two lists for one person, as item columns, best first.

    items: (n,) with the dials turned; scores: (n,) theirs; unsteered_rank: (n,) their ranks with all dials at rest
    hands: (n,) which of the turn's hands dealt each, see ``turns.py``
    before: (n,) with all dials at rest; steered_rank: (n,) the ranks of those with the dials turned
    Ranks count from 1 over the items the person has not seen.
    """

    items: np.ndarray
    scores: np.ndarray
    unsteered_rank: np.ndarray
    hands: np.ndarray
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


class ReferenceRanking:
    """Somebody's scores (n_items,), ranked once, for any number of lists to be compared with.

    seen: columns that are never recommended; order: the others, best first; ranks: (n_items,) from 1, of unseen items
    """

    def __init__(self, scores: torch.Tensor | np.ndarray, seen: np.ndarray):
        self.seen, self.order = seen, ranking(torch.as_tensor(scores), seen)
        self.ranks = np.zeros(len(scores), np.int64)
        self.ranks[self.order] = np.arange(1, len(self.order) + 1)


def compare(reference: ReferenceRanking, dealt: Dealt, scores: np.ndarray, n: int = 20) -> Recommendation:
    """The list that a turn deals, beside the one it came from. scores: (n_items,) in the hand that deals each item."""
    order = dealt.order.copy()
    order[reference.seen] = -np.inf
    before = reference.order[:n]
    now = first_n(order, len(before))
    ranks = ranks_of(order, before, now)
    return Recommendation(now, scores[now], reference.ranks[now], dealt.hand[now], before, ranks)
