"""Steering: turn dials on a sparse code. Pure functions; nothing is remembered between calls.

With code z, boosts a_k of recipes r_k, a their sum, dials turned down by b_k, and z_s the code after suppression
(``dials.py``),

    blend        z' = (1 - a) z + s (sum a_k r_k - REPEL sum b_k r_k)       s = mass of the code as it came in
    suppress     z' = (1 - a) z_s + s sum a_k r_k       below 0 as in the paper: neurons are silenced
    paper        z' = (1 - a) z_s/s + sum a_k r_k       the text of section 3.3: unit sum, mass not put back
    paper-code   z' as ``suppress``                     the authors' code: mass put back, the SAE's error left behind

and the embedding becomes, of the SAE's reconstruction error y - D(z) a share of d being dropped,

    y' = y + (D(z') - D(z)) - d (y - D(z))              d = a, but 1 with both of the paper's operators

With all dials at rest z' = z and, with the first two, y' = y bit for bit: the list is the unmodified CFAE's. Entries of
z' may be negative where something is repelled; the decoder is linear in the code and takes them as they are.

(1 - a) z stands in ``mix`` and nowhere else in Python. It is affine, so it holds as it stands for codes,
embeddings and the scores of a linear decoder. The browser has it once more, in assets/board/blend.js.
Spisak et al. 2025, "From Knots to Knobs", section 3.3.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, overload

import torch

from knobs_core.models import Encoded, Nested
from knobs_core.steering.dials import Dial, turn_of


@overload
def mix(own: float, total: float, floor: float = 0.0) -> float: ...


@overload
def mix(own: torch.Tensor, total: float | torch.Tensor, floor: float | torch.Tensor = 0.0) -> torch.Tensor: ...


def mix(
    own: float | torch.Tensor, total: float | torch.Tensor, floor: float | torch.Tensor = 0.0
) -> float | torch.Tensor:
    """(1 - a) own + a floor: what a total boost ``a`` leaves of somebody's own codes, embeddings or scores.

    floor: what these would be if the code were empty: 0 for codes, D(0) for embeddings, its scores for scores. What is
    boosted is added to the result.
    """
    return (1 - total) * own + total * floor


class Mixture(NamedTuple):
    """What dials do to codes (B, d_sae), as tensors.

    total: a, one number or (B, 1); boosts: sum a_k r_k, (d_sae,) or (B, d_sae); repelled: likewise, for dials below 0
    kept: (d_sae,) share that suppression leaves of each neuron
    """

    total: float | torch.Tensor
    boosts: torch.Tensor
    repelled: torch.Tensor | float = 0.0
    kept: torch.Tensor | float = 1.0


class Steered(NamedTuple):
    """A steered code (B, d_sae), and the share of the SAE's reconstruction error that is not carried along."""

    z: torch.Tensor
    error_dropped: float | torch.Tensor


Operator = Callable[[torch.Tensor, Mixture], Steered]


def mixture_of(dials: Sequence[Dial], like: torch.Tensor) -> Mixture:
    """The dials as tensors beside codes ``like`` (B, d_sae)."""
    total, *parts = turn_of(dials)
    boosts, repelled, kept = like.new_zeros(like.shape[1]), like.new_zeros(like.shape[1]), like.new_ones(like.shape[1])
    for row, part in zip((boosts, repelled, kept), parts, strict=True):
        row[list(part)] = like.new_tensor(list(part.values()))
    return Mixture(total, boosts, repelled, kept)


def blend(z: torch.Tensor, mixture: Mixture) -> Steered:
    """The default: boosts keep the mass of codes (B, d_sae), and what is turned down is pushed away."""
    moved = z.sum(1, keepdim=True) * (mixture.boosts - mixture.repelled)
    return Steered(mix(z, mixture.total) + moved, mixture.total)


def suppress(z: torch.Tensor, mixture: Mixture) -> Steered:
    """As ``blend``, but what is turned down is silenced where it is active, and no more."""
    return Steered(mix(z * mixture.kept, mixture.total) + z.sum(1, keepdim=True) * mixture.boosts, mixture.total)


def paper(z: torch.Tensor, mixture: Mixture) -> Steered:
    """The paper's printed formula: codes are brought to unit sum and stay there; the SAE's error is left behind."""
    kept = z * mixture.kept
    unit = kept / kept.sum(1, keepdim=True).clamp_min(1e-12)
    return Steered(mix(unit, mixture.total) + mixture.boosts, 1.0)


def paper_code(z: torch.Tensor, mixture: Mixture) -> Steered:
    """What the paper's authors run: the code of ``suppress``, and the SAE's error is left behind at any amount."""
    return Steered(suppress(z, mixture).z, 1.0)


OPERATORS: dict[str, Operator] = {
    "blend": blend,
    "suppress": suppress,
    "paper": paper,
    "paper-code": paper_code,
}


@torch.inference_mode()
def mixed_embedding(nested: Nested, encoded: Encoded, mixture: Mixture, operator: str = "blend") -> torch.Tensor:
    """Embeddings (B, d_embed) of encoded people under a mixture."""
    steered = OPERATORS[operator](encoded.code.z, mixture)
    before, after = (nested.sae.decode(encoded.code._replace(z=z)) for z in (encoded.code.z, steered.z))
    return encoded.y + (after - before) - steered.error_dropped * (encoded.y - before)


def steered_embedding(nested: Nested, encoded: Encoded, dials: Sequence[Dial], operator: str = "blend") -> torch.Tensor:
    """Embeddings (B, d_embed) of encoded people with the dials turned."""
    return mixed_embedding(nested, encoded, mixture_of(dials, encoded.code.z), operator)


def steered_embeddings(nested: Nested, encoded: Encoded, dial_sets: Sequence[Sequence[Dial]]) -> torch.Tensor:
    """Embeddings (len(dial_sets), B, d_embed) for several settings of the dials, on the CPU; ``y`` where all are at
    rest."""
    turned = [[dial for dial in dials if dial.amount] for dials in dial_sets]
    return torch.stack([steered_embedding(nested, encoded, dials) if dials else encoded.y for dials in turned]).cpu()


@torch.inference_mode()
def steered_scores(nested: Nested, encoded: Encoded, dials: Sequence[Dial], operator: str = "blend") -> torch.Tensor:
    """Scores (B, n_items) of encoded people with the dials turned."""
    return nested.cfae.decode(steered_embedding(nested, encoded, dials, operator))
