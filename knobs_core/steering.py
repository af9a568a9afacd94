"""Steering: turn dials on a sparse code. Pure functions; nothing is remembered between calls.

A recipe r spreads one unit over neurons; a dial is a recipe with an amount in [-1, 1]. With code z, boosts a_k > 0 and
suppressions b > 0, first  z_j <- (1 - b r_j / max r) z_j  for suppressed neurons, then

    blend   z' = (1 - sum a_k) z + s sum a_k r_k        s = mass of the code as it came in
    paper   z' = (1 - sum a_k) z/s + sum a_k r_k        the text of section 3.3: unit sum, mass not put back
    paper-code   z' as ``blend``                        the authors' code: mass put back, the SAE's error left behind

Boosts that add up to more than 1 are scaled down to 1 together. ``blend`` keeps the mass under any boost, and carries
the SAE's reconstruction error along; both of the paper's operators leave it behind.
Spisak et al. 2025, "From Knots to Knobs", section 3.3.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from knobs_core.errors import ConfigError


@dataclass(frozen=True)
class Dial:
    """A recipe with an amount.

    recipe: {neuron: weight}, weights non-negative with sum 1
    amount: in [-1, 1]; above 0 boosts, below 0 suppresses

    Raises:
        ConfigError: an amount out of range or a recipe that is none.
    """

    recipe: Mapping[int, float]
    amount: float
    name: str = ""

    def __post_init__(self):
        if not -1 <= self.amount <= 1:  # also refuses NaN
            raise ConfigError(
                f"an amount from -1 to 1 for '{self.name}'",
                f"{self.amount:g}",
                "use a positive amount to boost, a negative one to suppress",
            )
        weights = self.recipe.values()
        if not self.recipe or min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-6):
            raise ConfigError("recipe weights of at least 0 that add up to 1", f"{dict(self.recipe)}", "correct them")


class Steered(NamedTuple):
    """A steered code (B, d_sae), and the share of the SAE's reconstruction error that is not carried along."""

    z: torch.Tensor
    error_dropped: float


def blend(z: torch.Tensor, dials: Sequence[Dial]) -> Steered:
    """Mass-preserving steering of codes (B, d_sae); the default."""
    boosts, total = _boosts(dials, z)
    return Steered((1 - total) * _suppressed(z, dials) + z.sum(1, keepdim=True) * boosts, total)


def paper(z: torch.Tensor, dials: Sequence[Dial]) -> Steered:
    """The paper's printed formula: codes are brought to unit sum and stay there; the SAE's error is left behind."""
    boosts, total = _boosts(dials, z)
    unit = _suppressed(z, dials)
    unit = unit / unit.sum(1, keepdim=True).clamp_min(1e-12)
    return Steered((1 - total) * unit + boosts, 1.0)


def paper_code(z: torch.Tensor, dials: Sequence[Dial]) -> Steered:
    """What the paper's authors run: the code of ``blend``, and the SAE's error is left behind at any amount."""
    return Steered(blend(z, dials).z, 1.0)


OPERATORS = {"blend": blend, "paper": paper, "paper-code": paper_code}


def boost_scale(dials: Sequence[Dial]) -> float:
    """Factor on every boost, so that together they do not exceed 1."""
    return 1 / max(1.0, sum(max(dial.amount, 0.0) for dial in dials))


def boost_weights(dials: Sequence[Dial]) -> tuple[dict[int, float], float]:
    """sum a_k r_k as {neuron: weight}, and sum a_k, with boosts beyond 1 scaled down together."""
    weights, total, scale = {}, 0.0, boost_scale(dials)
    for dial in dials:
        if dial.amount > 0:
            total += scale * dial.amount
            for neuron, weight in dial.recipe.items():
                weights[neuron] = weights.get(neuron, 0.0) + scale * dial.amount * weight
    return weights, min(total, 1.0)


def keep_factors(dials: Sequence[Dial]) -> dict[int, float]:
    """What suppression leaves of each neuron it touches: {neuron: product of 1 - b r_j / max r}, in [0, 1]."""
    keep = {}
    for dial in dials:
        if dial.amount < 0:
            largest = max(dial.recipe.values())
            for neuron, weight in dial.recipe.items():
                keep[neuron] = keep.get(neuron, 1.0) * (1 + dial.amount * weight / largest)
    return keep


def _boosts(dials: Sequence[Dial], like: torch.Tensor) -> tuple[torch.Tensor, float]:
    """sum a_k r_k as a vector (d_sae,), and sum a_k."""
    weights, total = boost_weights(dials)
    boosts = like.new_zeros(like.shape[1])
    boosts[list(weights)] = like.new_tensor(list(weights.values()))
    return boosts, total


def _suppressed(z: torch.Tensor, dials: Sequence[Dial]) -> torch.Tensor:
    factors = keep_factors(dials)
    keep = z.new_ones(z.shape[1])
    keep[list(factors)] = z.new_tensor(list(factors.values()))
    return z * keep
