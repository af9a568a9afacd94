"""Attribution: why an item has its score, in parts that add up, and which likes activate a neuron.

    score = sum_j (1 - a) std z_j v_j                   neurons, v_j = A w_j
          + sum_k x_k sum_j r_kj v_j                    dials: what their neurons bring
          + sum_k x_k A rest_k                          and the rest of their themes
          + (1 - a) (mean A 1 + std A b_dec)            bias: the same for everybody with such an embedding
          + (1 - a) A (y - D(z))                        remainder: the part of the embedding that the code misses

each read at the item, x_k = up a / sigma_k or -down b_k / depth_k; symbols as in ``engine.py``. Where several dials
take turns, this is the score in the hand that deals the item. The encoders are linear but for which neurons they
choose, so a neuron's activation adds up over the likes: with y = sum_i y_i (``reasons.py``) and x its standard form,

    z_j = sum_i (y_i - mean y_i) . r_j / std  +  z_j - x . r_j        r_j = dz_j / dx where z_j > 0, else w_enc_j
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.reasons import like_parts
from knobs_core.steering.spread import depths, directions, mix, sigmas
from knobs_core.steering.turns import Hand, hands


class DialPart(NamedTuple):
    """What a dial adds to a score. neurons: by those it names; rest: by the rest of its theme."""

    dial: Dial
    neurons: float
    rest: float


@dataclasses.dataclass(frozen=True)
class Attribution:
    """The parts of one item's score; ``score`` is what the engine says, and up to rounding their sum.

    neurons: {active neuron: part}, the largest first; dials: of the hand that deals the item
    bias, remainder: the two parts that no knob stands for; dealt_by: the dial that brings more in this hand, if any
    """

    score: float
    neurons: dict[int, float]
    dials: tuple[DialPart, ...]
    bias: float
    remainder: float
    dealt_by: Dial | None = None


class Activation(NamedTuple):
    """What activates a neuron.

    items, shares: (n_likes,) columns and what each adds, the most first; constant: the part no like has a share in.

    shares and constant add up to the neuron's activation, and where it is not active to its pre-activation.
    """

    items: np.ndarray
    shares: np.ndarray
    constant: float


def attribute(engine: Engine, taste: Taste, dials: Sequence[Dial], item: int) -> Attribution:
    """Take one item's score (a column) apart.

    Raises:
        ConfigError: the decoder is not linear.
    """
    engine.require_linear("an attribution")
    ranked, scores = engine.dealt(taste, dials)
    hand = hands([dial for dial in dials if dial.amount])[ranked.hand[item]]
    active = np.flatnonzero(taste.z).tolist()
    neurons = list(dict.fromkeys([*active, *(j for dial in hand.dials for j in dial.recipe)]))
    v = dict(zip(neurons, engine.neuron_vectors(neurons)[:, item].tolist(), strict=True))
    code = {j: taste.std * float(taste.z[j]) * v[j] for j in active}
    parts = {j: mix(value, hand.amount) for j, value in code.items()}
    bias = taste.mean * engine.one[item].item() + taste.std * engine.bias[item].item()
    return Attribution(
        score=scores[item].item(),
        neurons=dict(sorted(((j, part) for j, part in parts.items() if part), key=lambda pair: -abs(pair[1]))),
        dials=tuple(_dial_parts(engine, taste, hand, v, item)),
        bias=mix(bias, hand.amount),
        remainder=mix(taste.base[item].item() - bias - sum(code.values()), hand.amount),
        dealt_by=hand.more,
    )


@torch.inference_mode()
def _dial_parts(
    engine: Engine, taste: Taste, hand: Hand, neurons: Mapping[int, float], item: int
) -> Iterator[DialPart]:
    """What each dial of a hand adds to the score of an item; neurons: what one unit of each adds."""
    if not hand.dials:
        return
    effects = engine.nested.cfae.decode(directions(engine.nested, hand.dials))
    for dial, effect in zip(hand.dials, effects, strict=True):
        size = sigmas(effect[None]) if dial.amount > 0 else depths(effect[None])
        unit = float(taste.reach.up if dial.amount > 0 else taste.reach.down) * dial.amount / size.item()
        named = sum(weight * neurons[j] for j, weight in dial.recipe.items())
        yield DialPart(dial, unit * named, unit * (effect[item].item() - named) if dial.rest is not None else 0.0)


def explain_activation(engine: Engine, history: sp.csr_matrix, neuron: int) -> Activation:
    """What each like of a history (n_members, n_items) adds to a neuron's activation.

    Raises:
        ConfigError: the recommender is not linear; likes then have no shares that add up.
        DataError: an empty history.
    """
    engine.require_linear("the likes behind a neuron")
    taste, sae = engine.taste(history), engine.nested.sae
    likes, parts, _ = like_parts(engine, taste, history)
    direction, constant = sae.w_enc[:, neuron], sae.b_enc[neuron] - sae.b_dec @ sae.w_enc[:, neuron]
    if taste.z[neuron] > 0:
        x = ((taste.encoded.y - taste.mean) / taste.std).requires_grad_()
        activation = sae.activate(x)[0, neuron]
        (gradient,) = torch.autograd.grad(activation, x)
        direction, constant = gradient[0], activation.detach() - x[0].detach() @ gradient[0]
    shares = ((parts - parts.mean(1, keepdim=True)) @ direction / taste.std).cpu().numpy()
    order = np.argsort(-shares, kind="stable")
    return Activation(likes[order], shares[order], constant.item())
