"""Dials: what a person turns. Plain numbers and vectors; no model is asked.

A recipe r spreads one unit over neurons, a single neuron j being the recipe {j: 1}. A dial is a recipe, perhaps with
the rest of its theme that these neurons leave out, and an amount in [-1, 1]: above 0 it brings more, below 0 less. How,
is said in ``spread.py``; several dials that bring more take turns (``turns.py``).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from knobs_core.base import ConfigError

Recipe = dict[int, float]


@dataclass(frozen=True)
class Dial:
    """A recipe with an amount.

    recipe: {neuron: weight}, weights non-negative with sum 1
    amount: in [-1, 1]; above 0 brings more, below 0 less
    name: what people read; key: of the knob it turns, by which two dials of one knob are known to be the same
    rest: (d_embed,) what belongs to the theme beside the neurons of the recipe, as an embedding; None for nothing

    Raises:
        ConfigError: an amount out of range or a recipe that is none.
    """

    recipe: Mapping[int, float]
    amount: float
    name: str = ""
    key: str = ""
    rest: np.ndarray | None = field(default=None, repr=False, compare=False)

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


def weights_of(recipes: Sequence[Mapping[int, float]], d_sae: int) -> np.ndarray:
    """Recipes as rows (len(recipes), d_sae) of float32."""
    weights = np.zeros((len(recipes), d_sae), np.float32)
    for row, recipe in zip(weights, recipes, strict=True):
        row[list(recipe)] = list(recipe.values())
    return weights
