"""Steer everybody at once: the same dials for all users, their top items, memory bounded.

For a block of users and each hand of the turn  y' = steered embeddings,  scores = decode(y'),  top n of what each has
not seen; several hands are dealt into one list. One at a time a person's scores are blended (``engine.py``); for many
at once the product with all items is faster, as long as a block's scores stay in the processor's cache.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import top_k
from knobs_core.models import Nested
from knobs_core.steering.dials import Dial
from knobs_core.steering.operators import SPREAD, recoded_embedding
from knobs_core.steering.spread import reach_of, steered_scores
from knobs_core.steering.turns import deal_each

SCORES = 2**22  # scores held at once


class Block(NamedTuple):
    """Lists of some users, a row each, best first; -1 where fewer than n items are left.

    items: (rows, n) columns; scores: (rows, n) theirs, in the hand that deals them; hands: (rows, n) which hand does
    """

    items: np.ndarray
    scores: np.ndarray
    hands: np.ndarray


def steer_all(
    nested: Nested,
    histories: sp.csr_matrix,
    dials: Sequence[Dial] = (),
    n: int = 50,
    operator: str = SPREAD,
    left_out: Sequence[int] = (),
) -> Iterator[Block]:
    """Top n items of one block of users after the other, in the order of ``histories``.

    Args:
        histories: (n_users, n_items) what each likes; these items are left out.
        left_out: columns that are in nobody's list.
    """
    turned = [dial for dial in dials if dial.amount]
    rows = max(1, SCORES // histories.shape[1])
    for start in range(0, histories.shape[0], rows):
        block = histories[start : start + rows]
        paces, scores = _scores(nested, block, turned, operator, left_out)
        yield _dealt([top_k(one, block, n) for one in scores], paces, scores)


@torch.inference_mode()
def _scores(
    nested: Nested, block: sp.csr_matrix, turned: Sequence[Dial], operator: str, left_out: Sequence[int]
) -> tuple[list[float], list[torch.Tensor]]:
    """The pace of each hand, and the scores (rows, n_items) in it; -inf for what is left out."""
    encoded = nested.encode(block)
    if turned and operator != SPREAD:
        paces, scores = [1.0], [nested.cfae.decode(recoded_embedding(nested, encoded, turned, operator))]
    else:
        held, each = steered_scores(nested, encoded.y, reach_of(nested.scores(encoded), block), turned)
        paces, scores = [hand.pace for hand in held], list(each)
    for one in scores:
        one[:, list(left_out)] = -torch.inf
    return paces, scores


def _dealt(lists: list[np.ndarray], paces: list[float], scores: Sequence[torch.Tensor]) -> Block:
    """The lists (rows, n) of several hands as one for each row."""
    items, hands = deal_each(np.stack(lists), paces, lists[0].shape[1])
    at = torch.as_tensor(np.maximum(items, 0), device=scores[0].device)
    each = np.stack([one.gather(1, at).cpu().numpy() for one in scores])
    return Block(items, np.take_along_axis(each, np.maximum(hands, 0)[None], 0)[0], np.maximum(hands, 0))
