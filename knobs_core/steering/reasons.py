"""Reasons: which of somebody's likes speaks most for each item.

    y    = sum_i y_i,       y_i = c e_i        e_i the embedding of like i alone, c what brings their sum closest to y
    base = A y = sum_i A y_i                   so the score of an item at rest is a sum of parts, one for each like

Both lines hold up to rounding where encoder and decoder are linear: c is 1 where embeddings are sums (ELSA, DLAE, iALS
with alpha 1) and 1 / n_likes where they are means (vectors of one's own). A group is the mean of its members at unit
length, so its likes have parts as well: sums over the members m who like an item, with c_m / (n_members |y_m|). The
like with the largest part speaks most. What a dial adds to a score comes from nobody's likes and is left out.

With other models nothing adds up; there the like speaks most whose embedding is closest to the item's in angle.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.data import single_items
from knobs_core.models import to_bags
from knobs_core.steering.engine import Engine, Taste

ROUNDING = 1e-3  # of an embedding's length, up to which parts add up to it
SCORES = 2**22  # scores held at once


class LikeParts(NamedTuple):
    """What likes bring to an embedding.

    likes: (n_likes,) columns, ascending, each once; parts: (n_likes, d_embed) theirs
    add_up: whether the parts add up to the embedding, as they do where the encoder is linear
    """

    likes: np.ndarray
    parts: torch.Tensor
    add_up: bool


@torch.inference_mode()
def like_parts(engine: Engine, taste: Taste, history: sp.csr_matrix) -> LikeParts:
    """The parts that likes have in the embedding of a taste; history: (n_members, n_items), from which it was made."""
    cfae, device, likes = engine.nested.cfae, engine.nested.device, np.unique(history.indices)
    alone = cfae.encode(to_bags(single_items(history.shape[1])[likes], device))
    members = cfae.encode(to_bags(history, device))
    liked = torch.as_tensor(history[:, likes].toarray()).to(alone)
    sums = liked @ alone
    scale = (members * sums).sum(1) / sums.square().sum(1).clamp_min(1e-12)
    if len(members) > 1:
        scale = scale / members.norm(dim=1).clamp_min(1e-12) / len(members)
    parts = (scale @ liked)[:, None] * alone
    y = taste.encoded.y[0]
    return LikeParts(likes, parts, bool((parts.sum(0) - y).norm() <= ROUNDING * y.norm()))


class Speaking(NamedTuple):
    """Who speaks for each item. likes: (n_items,) int64 columns of the like with the largest part, of equals the lowest
    one; parts: (n_items,) that part of the score at rest, None where nothing adds up to it."""

    likes: np.ndarray
    parts: np.ndarray | None


@torch.inference_mode()
def speaking(engine: Engine, taste: Taste, history: sp.csr_matrix) -> Speaking:
    """The like that speaks most for each item, and its part.

    Args:
        history: (n_members, n_items) from which the taste was made; all members' likes count.
    """
    likes, parts, add_up = like_parts(engine, taste, history)
    exact, n_items = engine.linear and add_up, history.shape[1]
    most = torch.full((n_items,), -torch.inf, device=parts.device)
    found = torch.zeros(n_items, dtype=torch.int64, device=parts.device)
    size = max(1, SCORES // n_items)
    for start in range(0, len(likes), size):
        rows = slice(start, start + size)
        if exact:
            speaks = engine.nested.cfae.decode(parts[rows])
        else:
            speaks = engine.item_directions[likes[rows]] @ engine.item_directions.T
        high, row = speaks.max(0)
        found = torch.where(high > most, row + start, found)
        most = torch.maximum(most, high)
    return Speaking(likes[found.cpu().numpy()].astype(np.int64), most.cpu().numpy() if exact else None)
