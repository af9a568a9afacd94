"""Recommendations with dials: the list a person would get, the list they get now, and what changed between them."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.errors import DataError
from knobs_core.nested import Nested
from knobs_core.steering import Dial


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
    return compare(plain[0], steered[0], history.indices, n)


def compare(plain: torch.Tensor, steered: torch.Tensor, seen: np.ndarray, n: int = 20) -> Recommendation:
    """The two lists of somebody whose scores (n_items,) are known with all dials at rest and with them turned.

    seen: columns that are never recommended
    """
    before, now = top(plain, seen, n), top(steered, seen, n)
    scores = steered.cpu().numpy()[now]
    return Recommendation(now, scores, ranks(plain, seen, now), before, ranks(steered, seen, before))


def ranking(scores: torch.Tensor, seen: np.ndarray) -> np.ndarray:
    """Unseen items by score (n_items,), best first; equal scores keep the order of the items."""
    order = scores.sort(descending=True, stable=True).indices.cpu().numpy()
    return order[~np.isin(order, seen)]


def top(scores: torch.Tensor, seen: np.ndarray, n: int) -> np.ndarray:
    """The first n of ``ranking``, at most, without sorting the rest."""
    n = min(n, len(scores) - len(seen))
    unseen = _without(scores, seen)
    least = unseen.topk(n).values[-1]
    enough = (unseen >= least).nonzero()[:, 0]  # more than n where scores are equal at the end
    return enough[unseen[enough].sort(descending=True, stable=True).indices[:n]].cpu().numpy()


def ranks(scores: torch.Tensor, seen: np.ndarray, items: np.ndarray) -> np.ndarray:
    """Ranks (k,) from 1 within ``ranking`` of unseen items (k,), without sorting."""
    unseen, wanted = _without(scores, seen), torch.as_tensor(items, device=scores.device)
    ahead = [(unseen > unseen[i]).count_nonzero() + (unseen[:i] == unseen[i]).count_nonzero() for i in wanted]
    return torch.stack(ahead).cpu().numpy() + 1


def _without(scores: torch.Tensor, seen: np.ndarray) -> torch.Tensor:
    """A copy of scores (n_items,) in which the seen items come last."""
    return scores.index_fill(0, torch.as_tensor(seen.astype(np.int64), device=scores.device), -torch.inf)
