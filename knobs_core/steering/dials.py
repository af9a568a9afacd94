"""Dials: what a person turns, and how several of them add up. Plain numbers; no model is asked.

A recipe r spreads one unit over neurons, a single neuron j being the recipe {j: 1}; a dial is a recipe with an amount
in [-1, 1]. Above 0 it boosts: boosts a_k that add up to more than 1 are scaled down to 1 together. Below 0, at -b, it

    repels       its recipe is taken away from the code, ``REPEL`` b times the code's mass; or
    suppresses   1 - b r_j / max r  is left of each neuron j of its recipe, several suppressions multiplied

Which of the two is the operator's affair (``operators.py``). Suppression, the paper's, can only silence what is active,
and most of a theme is not in the few neurons of its dial; docs/decisions/0012-down-repels.md has the figures.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from knobs_core.base import ConfigError

Recipe = dict[int, float]
REPEL = 1.25  # how much harder a dial pushes away than it pulls; board/blend.js has the same


@dataclass(frozen=True)
class Dial:
    """A recipe with an amount.

    recipe: {neuron: weight}, weights non-negative with sum 1
    amount: in [-1, 1]; above 0 boosts, below 0 repels or suppresses
    name: what people read; key: of the knob it turns, by which two dials of one knob are known to be the same

    Raises:
        ConfigError: an amount out of range or a recipe that is none.
    """

    recipe: Mapping[int, float]
    amount: float
    name: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        if not -1 <= self.amount <= 1:  # also refuses NaN
            raise ConfigError(
                f"an amount from -1 to 1 for '{self.name}'",
                f"{self.amount:g}",
                "use a positive amount for more of it, a negative one for less",
            )
        weights = self.recipe.values()
        if not self.recipe or min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-6):
            raise ConfigError("recipe weights of at least 0 that add up to 1", f"{dict(self.recipe)}", "correct them")


class Turn(NamedTuple):
    """Several dials together.

    total: a = sum a_k, at most 1; boosts: {neuron: sum a_k r_kj}; repelled: {neuron: REPEL sum b_k r_kj}
    kept: {neuron: share of it that stays where dials below 0 suppress}
    """

    total: float
    boosts: dict[int, float]
    repelled: dict[int, float]
    kept: dict[int, float]


def turn_of(dials: Sequence[Dial]) -> Turn:
    """What several dials do together."""
    boosts, repelled, kept = dict[int, float](), dict[int, float](), dict[int, float]()
    for dial, strength in zip(dials, strengths(dials), strict=True):
        if strength == 0:
            continue
        moved, largest = boosts if strength > 0 else repelled, max(dial.recipe.values())
        for neuron, weight in dial.recipe.items():
            moved[neuron] = moved.get(neuron, 0.0) + abs(strength) * weight
            if strength < 0:
                kept[neuron] = kept.get(neuron, 1.0) * (1 + dial.amount * weight / largest)
    return Turn(total_boost(dials), boosts, repelled, kept)


def boosted(dials: Sequence[Dial]) -> float:
    """All boosts together, before they are scaled down."""
    return sum(max(dial.amount, 0.0) for dial in dials)


def total_boost(dials: Sequence[Dial]) -> float:
    """All boosts together after they are scaled down: a, at most 1."""
    return min(boosted(dials), 1.0)


def boost_scale(dials: Sequence[Dial]) -> float:
    """Factor on every boost, so that together they do not exceed 1."""
    return 1 / max(1.0, boosted(dials))


def strengths(dials: Sequence[Dial]) -> list[float]:
    """How much of each dial's recipe a boost adds (above 0) or repelling takes away (below), in masses of the code."""
    scale = boost_scale(dials)
    return [dial.amount * (scale if dial.amount > 0 else REPEL) for dial in dials]


def weights_of(recipes: Sequence[Recipe], d_sae: int) -> np.ndarray:
    """Recipes as rows (len(recipes), d_sae) of float32."""
    weights = np.zeros((len(recipes), d_sae), np.float32)
    for row, recipe in zip(weights, recipes, strict=True):
        row[list(recipe)] = list(recipe.values())
    return weights
