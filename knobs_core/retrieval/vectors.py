"""Items, knobs and people as vectors: a list is the items with the largest inner products.

    score_u(i) = a_i . q_u        a_i one vector an item, q_u one vector a person; then what is seen is taken out

A decoder that is linear is its item vectors, so that what steers an embedding steers the query. Of one hand, with y, up
and down of the person (``steering/spread.py``), a dial turned up by a and dials k turned down by b_k,

    q    = (1 - a) y + up a v_0 - down sum_k b_k v_k / depth_k        v_k = h_k / sigma_k, one vector a knob
    a_i  = D(1_1)_i, ..., D(1_d)_i                                    the decoder of the d unit vectors

which is the steered embedding y' itself, and is taken from there. A decoder whose last layer is linear, scores =
f(y') W + b as MultVAE's, has a_i = (W_i, b_i) and q = (f(y'), 1); f bends what is mixed, so there are no knob vectors.

Several dials that bring more take turns (``steering/turns.py``). The list they deal is that of no vector, as a place in
it depends on the places in other lists and not on a score. The list of each hand is that of one: there is one query a
hand, and their lists are dealt by ``deal_first``. Dials mixed into the code (``steering/operators.py``) are one hand.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from knobs_core.base import ConfigError
from knobs_core.models import CFAE, LastLayer, Nested
from knobs_core.steering import (
    SPREAD,
    Dial,
    Hand,
    Reach,
    depths,
    directions,
    effects_of,
    hand_embeddings,
    hands,
    pulled,
    recoded_embedding,
    sigmas,
)

SCORES = 2**22  # scores held at once


class Queries(NamedTuple):
    """hands: of the turn, the same for everybody; vectors: (n_hands, B, d) float32, of each person in each hand."""

    hands: list[Hand]
    vectors: np.ndarray

    @property
    def paces(self) -> list[float]:
        """At which the hands deal their lists."""
        return [hand.pace for hand in self.hands]


class KnobVectors(NamedTuple):
    """vectors: v_k (n, d_embed); depths: depth_k (n,); both float32, a row a knob."""

    vectors: np.ndarray
    depths: np.ndarray


@torch.inference_mode()
def item_vectors(nested: Nested) -> np.ndarray:
    """a_i (n_items, d) float32: of a linear decoder d is d_embed, else the size of its last hidden layer and 1.

    Raises:
        ConfigError: a decoder whose last layer is not known.
    """
    cfae = nested.cfae
    if cfae.linear:
        columns = cfae.decode(torch.eye(cfae.d_embed, device=nested.device))
    else:
        last = _last_layer(cfae)
        columns = torch.cat([last.w_out, last.b_out[None]])
    return np.ascontiguousarray(columns.cpu().numpy().T)


@torch.inference_mode()
def queries(
    nested: Nested, y: torch.Tensor, reach: Reach, dials: Sequence[Dial] = (), operator: str = SPREAD
) -> Queries:
    """The queries of people with dials turned.

    Args:
        y: (B, d_embed) their embeddings; reach: of each, (B, 1), or numbers of one person: of a ``Taste``, or what
            ``reach_of`` says.
        operator: SPREAD, or a name from OPERATORS.

    Raises:
        ConfigError: a decoder whose last layer is not known.
    """
    turned = [dial for dial in dials if dial.amount]
    if turned and operator != SPREAD:
        held, found = hands([]), [recoded_embedding(nested, nested.encode_embedding(y), turned, operator)]
    else:
        held, found = hand_embeddings(nested, y, reach, turned)
    return Queries(held, np.stack([_query(nested.cfae, one).cpu().numpy() for one in found]))


@torch.inference_mode()
def knob_vectors(nested: Nested, dials: Sequence[Dial]) -> KnobVectors:
    """v_k and depth_k of dials, whatever their amounts; 0 and infinity where a direction does nothing to scores.

    Raises:
        ConfigError: the decoder is not linear.
    """
    cfae = nested.cfae
    if not cfae.linear:
        raise ConfigError(
            "a recommender with a linear decoder for vectors of knobs",
            f"{type(cfae).__name__}, which has none",
            "train one with: knobs train --cfae elsa",
        )
    vectors, deep = np.zeros((len(dials), cfae.d_embed), np.float32), np.zeros(len(dials), np.float32)
    at_once = max(1, SCORES // cfae.n_items)
    for start in range(0, len(dials), at_once):
        part = slice(start, start + at_once)
        towards = directions(nested, dials[part])
        effects = effects_of(cfae, towards)
        spread = sigmas(effects)
        vectors[part] = (towards / spread).cpu().numpy()
        deep[part] = depths(effects / spread)[:, 0].cpu().numpy()
    return KnobVectors(vectors, deep)


@torch.inference_mode()
def queries_by_knobs(
    y: torch.Tensor, reach: Reach, dials: Sequence[Dial] = (), knobs: KnobVectors | None = None
) -> Queries:
    """The queries of people from vectors alone, by a linear decoder that is not asked: nothing here grows with items.

    Args:
        y: (B, d_embed) their embeddings, which are their queries at rest; reach: as for ``queries``.
        knobs: of the dials, row by row; may be left out where there are none.
    """
    turned = [(row, dial) for row, dial in enumerate(dials) if dial.amount]
    if not turned or knobs is None:
        return Queries(hands([]), y.cpu().numpy()[None])
    shares = [1.0 if dial.amount > 0 else knobs.depths[row] for row, dial in turned]
    steps = [torch.as_tensor(knobs.vectors[row] / share).to(y) for (row, _), share in zip(turned, shares, strict=True)]
    held, found = pulled(y, reach, steps, [dial for _, dial in turned])
    return Queries(held, torch.stack(found).cpu().numpy())


def _query(cfae: CFAE, y: torch.Tensor) -> torch.Tensor:
    """q (B, d) of embeddings (B, d_embed)."""
    if cfae.linear:
        return y
    hidden = _last_layer(cfae).hidden(y)
    return torch.cat([hidden, torch.ones_like(hidden[:, :1])], dim=1)


def _last_layer(cfae: CFAE) -> LastLayer:
    if isinstance(cfae, LastLayer):
        return cfae
    raise ConfigError(
        "a recommender whose scores are inner products of vectors",
        f"{type(cfae).__name__}, whose decoder is not linear and has no last layer that is",
        "train another one, e.g. with: knobs train --cfae elsa",
    )
