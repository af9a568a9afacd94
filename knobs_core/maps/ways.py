"""People at rest and under dials, for the placement to learn from: where a taste can go when knobs are turned."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.base import threads_for
from knobs_core.data import keep_entries
from knobs_core.models import Nested
from knobs_core.steering import Dial, reach_of, steered_embedding

TOGETHER = 16  # people who are steered by the same dials
LEAST = 0.3  # of a history that is kept, at least
DOWN, TWO = 0.15, 0.25  # share of dials that bring less, and of ways with two dials


class Ways(NamedTuple):
    """rest, steered: (n, d_embed) embeddings of the same people with all dials at rest, and with some turned."""

    rest: np.ndarray
    steered: np.ndarray


def ways(nested: Nested, likes: sp.csr_matrix, dials: Sequence[Dial], n: int, rng: np.random.Generator) -> Ways:
    """About n ways of people, each with a random part of the history of a random user, under random dials.

    Args:
        likes: (n_users, n_items) interactions, each row with a like.
        dials: what may be turned; their amounts do not matter.
    """
    with threads_for(likes.shape[1] * nested.cfae.d_embed):
        found = [_together(nested, likes, dials, rng) for _ in range(-(-n // TOGETHER))]
    return Ways(*(np.concatenate(part) for part in zip(*found, strict=True)))


def _together(nested: Nested, likes: sp.csr_matrix, dials: Sequence[Dial], rng: np.random.Generator) -> Ways:
    """Some people's ways under the same dials."""
    parts = _parts(likes[rng.integers(likes.shape[0], size=TOGETHER)], rng)
    encoded = nested.encode(parts)
    chosen = rng.choice(len(dials), min(len(dials), 1 + (rng.random() < TWO)), replace=False)
    turned = [_turned(dials[i], str(i), rng) for i in chosen]
    steered = steered_embedding(nested, encoded.y, reach_of(nested.scores(encoded), parts), turned)
    return Ways(encoded.y.cpu().numpy(), steered.cpu().numpy())


def _parts(likes: sp.csr_matrix, rng: np.random.Generator) -> sp.csr_matrix:
    """A random part of each history, without those of which nothing is left unless that is all."""
    shares = np.repeat(rng.uniform(LEAST, 1, likes.shape[0]), likes.getnnz(axis=1))
    parts = keep_entries(likes, rng.random(likes.nnz) < shares)
    return parts[parts.getnnz(axis=1) > 0] if parts.nnz else likes


def _turned(dial: Dial, key: str, rng: np.random.Generator) -> Dial:
    amount = rng.uniform(0, 1) * (-1 if rng.random() < DOWN else 1)
    return Dial(dial.recipe, amount, key=key, rest=dial.rest)
