"""Receipts: why an item has its score, in parts that add up, and which likes lit a neuron.

    score = sum_j (1 - a) std z_s_j v_j   neurons, after suppression
          + sum_k a_k std s u_k           boosting dials, u_k = sum_j r_kj v_j
          + mean A 1 + std A b_dec        bias: what anybody with such an embedding gets
          + (1 - a) A (y - D(z))          rest: what the code does not say of the embedding

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

from knobs_core.cfae import to_bags
from knobs_core.engine import Engine, Person
from knobs_core.sparse import single_items
from knobs_core.steering import Dial, boost_scale, keep_factors


@dataclasses.dataclass(frozen=True)
class Receipt:
    """The parts of one item's score; ``score`` is what the engine says, and up to rounding their sum.

    neurons: {active neuron: part}, the largest first; boosts: (dial, part) for each boosting dial, in their order
    bias, rest: the two parts that no knob stands for
    """

    score: float
    neurons: dict[int, float]
    boosts: tuple[tuple[Dial, float], ...]
    bias: float
    rest: float


class Lit(NamedTuple):
    """What lit a neuron. items, shares: (n_likes,) columns and what each adds, the most first; rest: the constant part.

    shares and rest add up to the neuron's pre-activation, which is its activation where it is active.
    """

    items: np.ndarray
    shares: np.ndarray
    rest: float


def receipt(engine: Engine, person: Person, dials: Sequence[Dial], item: int) -> Receipt:
    """Take one item's score (a column) apart.

    Raises:
        ConfigError: the decoder is not linear.
    """
    engine.require_linear("a receipt")
    keep, scale = keep_factors(dials), boost_scale(dials)
    boosting = [dial for dial in dials if dial.amount > 0]
    left = 1 - engine.coefficients(person, dials).total
    active = np.flatnonzero(person.z).tolist()
    neurons = list(dict.fromkeys([*active, *(j for dial in boosting for j in dial.recipe)]))
    v = dict(zip(neurons, engine.neuron_vectors(neurons)[:, item].tolist(), strict=True))
    code = {j: person.std * float(person.z[j]) * v[j] for j in active}
    parts = {j: left * keep.get(j, 1.0) * value for j, value in code.items()}
    unit = scale * person.std * person.mass
    boosts = tuple(
        (dial, dial.amount * unit * sum(weight * v[j] for j, weight in dial.recipe.items())) for dial in boosting
    )
    bias = person.floor[item].item()
    return Receipt(
        score=engine.scores(person, dials)[item].item(),
        neurons=dict(sorted(((j, part) for j, part in parts.items() if part), key=lambda pair: -abs(pair[1]))),
        boosts=boosts,
        bias=bias,
        rest=left * (person.base[item].item() - bias - sum(code.values())),
    )


@torch.inference_mode()
def lit_by(engine: Engine, history: sp.csr_matrix, neuron: int) -> Lit:
    """What each like of a history (1, n_items) adds to a neuron's activation.

    Raises:
        ConfigError: the recommender is not linear; likes then have no shares that add up.
        DataError: an empty history.
    """
    engine.require_linear("the likes behind a neuron")
    person, sae = engine.person(history), engine.nested.sae
    vectors = engine.nested.cfae.encode(to_bags(single_items(history.shape[1])[person.seen], engine.nested.device))
    direction = sae.w_enc[:, neuron]
    shares = ((vectors - vectors.mean(1, keepdim=True)) @ direction / person.std).cpu().numpy()
    order = np.argsort(-shares, kind="stable")
    rest = sae.b_enc[neuron] - sae.b_dec @ direction
    return Lit(person.seen[order], shares[order], rest.item())
