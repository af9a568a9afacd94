"""A list with dials turned: the reference it is compared with, the list now, and what changed between them."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch

from knobs_core.base import first_n, ranking
from knobs_core.steering.turns import deal_first


@dataclasses.dataclass(frozen=True)
class Recommendation:
    """Two lists for one person, as item columns, best first.

    items: (n,) with the dials turned; scores: (n,) theirs; unsteered_rank: (n,) their ranks with all dials at rest
    hands: (n,) which of the turn's hands dealt each, see ``turns.py``
    before: (n,) with all dials at rest
    Ranks count from 1 over the items the person has not seen.
    """

    items: np.ndarray
    scores: np.ndarray
    unsteered_rank: np.ndarray
    hands: np.ndarray
    before: np.ndarray

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


def compare(
    reference: ReferenceRanking, paces: Sequence[float], scores: Sequence[np.ndarray], n: int = 20
) -> Recommendation:
    """The list that some hands deal, beside the one it came from.

    Args:
        paces: at which each hand deals; scores: (n_items,) of each.
    """
    before, lists = reference.order[:n], []
    for one in scores:
        unseen = one.copy()
        unseen[reference.seen] = -np.inf
        lists.append(first_n(unseen, len(before)))
    items, hand = deal_first(lists, paces, len(before))
    now = np.empty(len(items), scores[0].dtype)
    for dealer, one in enumerate(scores):
        now[hand == dealer] = one[items[hand == dealer]]
    return Recommendation(items, now, reference.ranks[items], hand, before)
