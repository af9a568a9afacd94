"""Dials: what a person turns, and how several of them add up. Plain numbers; no model is asked.

A recipe r spreads one unit over neurons, a single neuron j being the recipe {j: 1}; a dial is a recipe with an amount
in [-1, 1]. Boosts a_k > 0 that add up to more than 1 are scaled down to 1 together. A suppression b > 0 keeps

    1 - b r_j / max r       of each neuron j of its recipe;   several suppressions multiply
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from knobs_core.base import ConfigError

Recipe = dict[int, float]


@dataclass(frozen=True)
class Dial:
    """A recipe with an amount.

    recipe: {neuron: weight}, weights non-negative with sum 1
    amount: in [-1, 1]; above 0 boosts, below 0 suppresses
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
                "use a positive amount to boost, a negative one to suppress",
            )
        weights = self.recipe.values()
        if not self.recipe or min(weights) < 0 or not math.isclose(sum(weights), 1, abs_tol=1e-6):
            raise ConfigError("recipe weights of at least 0 that add up to 1", f"{dict(self.recipe)}", "correct them")


class Turn(NamedTuple):
    """Several dials together.

    total: a = sum a_k, at most 1; boosts: {neuron: sum a_k r_kj}; kept: {suppressed neuron: share of it that stays}
    """

    total: float
    boosts: dict[int, float]
    kept: dict[int, float]


def turn_of(dials: Sequence[Dial]) -> Turn:
    """What several dials do together."""
    scale = boost_scale(dials)
    total, boosts, kept = 0.0, dict[int, float](), dict[int, float]()
    for dial in dials:
        if dial.amount > 0:
            total += scale * dial.amount
            for neuron, weight in dial.recipe.items():
                boosts[neuron] = boosts.get(neuron, 0.0) + scale * dial.amount * weight
        elif dial.amount < 0:
            largest = max(dial.recipe.values())
            for neuron, weight in dial.recipe.items():
                kept[neuron] = kept.get(neuron, 1.0) * (1 + dial.amount * weight / largest)
    return Turn(min(total, 1.0), boosts, kept)


def boost_scale(dials: Sequence[Dial]) -> float:
    """Factor on every boost, so that together they do not exceed 1."""
    return 1 / max(1.0, sum(max(dial.amount, 0.0) for dial in dials))


def weights_of(recipes: Sequence[Recipe], d_sae: int) -> np.ndarray:
    """Recipes as rows (len(recipes), d_sae) of float32."""
    weights = np.zeros((len(recipes), d_sae), np.float32)
    for row, recipe in zip(weights, recipes, strict=True):
        row[list(recipe)] = list(recipe.values())
    return weights
