"""Other ways to turn dials, on the sparse code: the paper's, and a mixture that keeps the code's mass.

With code z, boosts a_k of recipes r_k that add up to a (beyond 1 they are scaled down together), and z_s the code in
which dials at -b leave 1 - b r_j / max r of each neuron j,

    blend        z' = (1 - a) z_s + s sum a_k r_k       s = mass of the code as it came in
    paper        z' = (1 - a) z_s/s + sum a_k r_k       the text of section 3.3: unit sum, mass not put back
    paper-code   z' as ``blend``                        the authors' code: mass put back, the SAE's error left behind

and the embedding becomes, of the SAE's reconstruction error y - D(z) a share of d being dropped,

    y' = y + (D(z') - D(z)) - d (y - D(z))              d = a for blend, 1 for both of the paper's

The default, ``spread``, does not go through the code; it stands in ``spread.py``.
Spisak et al. 2026, "From Knots to Knobs", section 3.3.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch

from knobs_core.models import Encoded, Nested
from knobs_core.steering.dials import Dial
from knobs_core.steering.spread import mix

SPREAD = "spread"  # the default operator's name


class Mixture(NamedTuple):
    """What dials do to codes (B, d_sae), as tensors.

    total: a, one number or (B, 1); boosts: sum a_k r_k, (d_sae,) or (B, d_sae)
    kept: (d_sae,) share that suppression leaves of each neuron
    """

    total: float | torch.Tensor
    boosts: torch.Tensor
    kept: torch.Tensor | float = 1.0


class Steered(NamedTuple):
    """A steered code (B, d_sae), and the share of the SAE's reconstruction error that is not carried along."""

    z: torch.Tensor
    error_dropped: float | torch.Tensor


Operator = Callable[[torch.Tensor, Mixture], Steered]


def mixture_of(dials: Sequence[Dial], like: torch.Tensor) -> Mixture:
    """The dials as tensors beside codes ``like`` (B, d_sae)."""
    boosts, kept = like.new_zeros(like.shape[1]), like.new_ones(like.shape[1])
    asked = sum(max(dial.amount, 0.0) for dial in dials)
    for dial in dials:
        neurons, weights = list(dial.recipe), like.new_tensor(list(dial.recipe.values()))
        if dial.amount > 0:
            boosts[neurons] += dial.amount / max(1.0, asked) * weights
        else:
            kept[neurons] *= 1 + dial.amount * weights / weights.max()
    return Mixture(min(asked, 1.0), boosts, kept)


def blend(z: torch.Tensor, mixture: Mixture) -> Steered:
    """Boosts keep the mass of codes (B, d_sae); what is turned down is silenced where it is active."""
    boosted = z.sum(1, keepdim=True) * mixture.boosts
    return Steered(mix(z * mixture.kept, mixture.total) + boosted, mixture.total)


def paper(z: torch.Tensor, mixture: Mixture) -> Steered:
    """The paper's printed formula: codes are brought to unit sum and stay there; the SAE's error is left behind."""
    kept = z * mixture.kept
    unit = kept / kept.sum(1, keepdim=True).clamp_min(1e-12)
    return Steered(mix(unit, mixture.total) + mixture.boosts, 1.0)


def paper_code(z: torch.Tensor, mixture: Mixture) -> Steered:
    """What the paper's authors run: the code of ``blend``, and the SAE's error is left behind at any amount."""
    return Steered(blend(z, mixture).z, 1.0)


OPERATORS: dict[str, Operator] = {"blend": blend, "paper": paper, "paper-code": paper_code}


@torch.inference_mode()
def mixed_embedding(nested: Nested, encoded: Encoded, mixture: Mixture, operator: str) -> torch.Tensor:
    """Embeddings (B, d_embed) of encoded people under a mixture."""
    steered = OPERATORS[operator](encoded.code.z, mixture)
    before, after = (nested.sae.decode(encoded.code._replace(z=z)) for z in (encoded.code.z, steered.z))
    return encoded.y + (after - before) - steered.error_dropped * (encoded.y - before)


def recoded_embedding(nested: Nested, encoded: Encoded, dials: Sequence[Dial], operator: str) -> torch.Tensor:
    """Embeddings (B, d_embed) of encoded people with the dials turned by a name from OPERATORS."""
    return mixed_embedding(nested, encoded, mixture_of(dials, encoded.code.z), operator)
