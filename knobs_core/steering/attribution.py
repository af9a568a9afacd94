"""Attribution: why an item has its score, in parts that add up, and which likes activate a neuron.

    score = sum_j (1 - a) std z_j v_j     neurons
          + sum_k x_k std s u_k           dials, u_k = sum_j r_kj v_j; below 0 where they repel
          + mean A 1 + std A b_dec        bias: the same for everybody with such an embedding
          + (1 - a) A (y - D(z))          remainder: the part of the embedding that the code misses

each read at the item; symbols as in ``engine.py``. The encoders are linear up to the ReLU, so a neuron's activation
adds up over the likes: with item vectors a_i and y = sum_i a_i,

    z_j = sum_i (a_i - mean a_i) . w_enc_j / std  +  b_enc_j - b_dec . w_enc_j        where z_j > 0
"""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.data import single_items
from knobs_core.models import to_bags
from knobs_core.steering.dials import Dial, strengths, total_boost
from knobs_core.steering.engine import Engine, Taste
from knobs_core.steering.operators import mix


@dataclasses.dataclass(frozen=True)
class Attribution:
    """The parts of one item's score; ``score`` is what the engine says, and up to rounding their sum.

    neurons: {active neuron: part}, the largest first; dials: (dial, part) for each that is turned
    bias, remainder: the two parts that no knob stands for
    """

    score: float
    neurons: dict[int, float]
    dials: tuple[tuple[Dial, float], ...]
    bias: float
    remainder: float


class Activation(NamedTuple):
    """What activates a neuron.

    items, shares: (n_likes,) columns and what each adds, the most first; constant: the part no like has a share in.

    shares and constant add up to the neuron's pre-activation, which is its activation where it is active.
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
    dials = [dial for dial in dials if dial.amount]
    total, unit = total_boost(dials), taste.std * taste.mass
    active = np.flatnonzero(taste.z).tolist()
    neurons = list(dict.fromkeys([*active, *(j for dial in dials for j in dial.recipe)]))
    v = dict(zip(neurons, engine.neuron_vectors(neurons)[:, item].tolist(), strict=True))
    code = {j: taste.std * float(taste.z[j]) * v[j] for j in active}
    parts = {j: mix(value, total) for j, value in code.items()}
    turned = tuple(
        (dial, unit * strength * sum(weight * v[j] for j, weight in dial.recipe.items()))
        for dial, strength in zip(dials, strengths(dials), strict=True)
    )
    bias = taste.linear_floor()[item].item()
    return Attribution(
        score=engine.scores(taste, dials)[item].item(),
        neurons=dict(sorted(((j, part) for j, part in parts.items() if part), key=lambda pair: -abs(pair[1]))),
        dials=turned,
        bias=bias,
        remainder=mix(taste.base[item].item() - bias - sum(code.values()), total),
    )


@torch.inference_mode()
def explain_activation(engine: Engine, history: sp.csr_matrix, neuron: int) -> Activation:
    """What each like of a history (1, n_items) adds to a neuron's activation.

    Raises:
        ConfigError: the recommender is not linear; likes then have no shares that add up.
        DataError: an empty history.
    """
    engine.require_linear("the likes behind a neuron")
    taste, sae = engine.taste(history), engine.nested.sae
    vectors = engine.nested.cfae.encode(to_bags(single_items(history.shape[1])[taste.seen], engine.nested.device))
    direction = sae.w_enc[:, neuron]
    shares = ((vectors - vectors.mean(1, keepdim=True)) @ direction / taste.std).cpu().numpy()
    order = np.argsort(-shares, kind="stable")
    constant = sae.b_enc[neuron] - sae.b_dec @ direction
    return Activation(taste.seen[order], shares[order], constant.item())
