"""Steer everybody at once: the same dials for all users, their top items, memory bounded.

For a block of users  base = decode(y),  and each hand of the turn gives scores of which everybody has the top n that
they have not seen; several hands are dealt into one list. With a linear decoder the scores of a hand are base and what
the dials add, as in ``engine.py``, so that each user is decoded once; else  decode(y')  of the steered embeddings y'.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import top_k
from knobs_core.models import Nested, to_bags
from knobs_core.steering.dials import Dial
from knobs_core.steering.operators import SPREAD, recoded_embedding
from knobs_core.steering.spread import directions, effects_of, pulled, reach_of, steered_scores, steps_of
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
    steps = _steps(nested, turned) if turned and nested.cfae.linear and operator == SPREAD else []
    rows = max(1, SCORES // histories.shape[1])
    for start in range(0, histories.shape[0], rows):
        block = histories[start : start + rows]
        paces, scores = _scores(nested, block, turned, steps, operator)
        for one in scores:
            _leave_out(one, left_out)
        yield _dealt([top_k(one, block, n) for one in scores], paces, scores)


@torch.inference_mode()
def _steps(nested: Nested, turned: Sequence[Dial]) -> list[torch.Tensor]:
    """What each dial does to scores (n_items,), as ``pulled`` takes it; of a linear decoder."""
    effects = effects_of(nested.cfae, directions(nested, turned))
    return list(steps_of(turned, effects, effects))


@torch.inference_mode()
def _scores(
    nested: Nested, block: sp.csr_matrix, turned: Sequence[Dial], steps: Sequence[torch.Tensor], operator: str
) -> tuple[list[float], list[torch.Tensor]]:
    """The pace of each hand, and the scores (rows, n_items) in it."""
    y = nested.cfae.encode(to_bags(block, nested.device))
    if turned and operator != SPREAD:
        return [1.0], [nested.cfae.decode(recoded_embedding(nested, nested.encode_embedding(y), turned, operator))]
    base = nested.cfae.decode(y)
    if not turned:
        return [1.0], [base]
    reach = reach_of(base, block)
    held, each = pulled(base, reach, steps, turned) if steps else steered_scores(nested, y, reach, turned)
    return [hand.pace for hand in held], list(each)


@torch.inference_mode()
def _leave_out(scores: torch.Tensor, columns: Sequence[int]) -> None:
    scores[:, list(columns)] = -torch.inf


def _dealt(lists: list[np.ndarray], paces: list[float], scores: Sequence[torch.Tensor]) -> Block:
    """The lists (rows, n) of several hands as one for each row."""
    items, hands = deal_each(np.stack(lists), paces, lists[0].shape[1])
    at = torch.as_tensor(np.maximum(items, 0), device=scores[0].device)
    each = np.stack([one.gather(1, at).cpu().numpy() for one in scores])
    return Block(items, np.take_along_axis(each, np.maximum(hands, 0)[None], 0)[0], np.maximum(hands, 0))
