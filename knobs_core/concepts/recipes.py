"""Recipes: which neurons to turn for a concept, by several methods that ``--operator`` and ``steer-eval`` name.

With d the direction of a tag (``directions.py``), S its items and w_j what neuron j adds to an embedding, row j of the
SAE's decoder:

    recipe          r >= 0 with ten entries at most and |d - sum_j r_j w_j| small: pursuit, see ``pursue``; and half of
                    what these leave over, the rest: (d - sum_j r_j w_j) / 2. The default
    ten             the same without the rest
    centroid-code   all entries of E_s(c), what fires for the mean c of S less that of all items; centroid-top10: the
                    ten strongest
    output          ten neurons whose scores rank S highest, weighted by average precision: what neurons do
    input           ten neurons that S fires most, weighted by average precision: what makes neurons fire
    representative  the paper's neuron of the tag; top5, top10: as many, weighted by the same TF-IDF scores
    unique          the paper's other orientation (``tfidf.py``)

E_s is an encoder: what c activates is not what c is best made up of. The paper's are turned as its authors' code
does, the SAE's error left behind. Every recipe is non-negative with unit sum, its rest on the same scale; a tag for
which a method finds nothing has an empty one. ``docs/decisions`` 0008 and 0015 have the measurements that made
``recipe`` the default.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.concepts.directions import ConceptVectors
from knobs_core.concepts.pursuit import SIZE
from knobs_core.models import Nested
from knobs_core.steering import SPREAD, Dial, Recipe, effects_of


@dataclass(frozen=True)
class ConceptRecipe:
    """What a concept is made of. recipe: its neurons, empty where nothing was found; rest: (d_embed,) what else belongs
    to it, None for nothing; explained: share of what both do to scores that the neurons explain, R^2 over items."""

    recipe: Recipe
    rest: np.ndarray | None = field(default=None, repr=False, compare=False)
    explained: float = 1.0

    def dial(self, amount: float, name: str = "", key: str = "") -> Dial:
        """The dial that turns the concept."""
        return Dial(self.recipe, amount, name, key, self.rest)


class Method(NamedTuple):
    """How a concept's recipe is found. weights: of all neurons (n_tags, d_sae); size: how many of them are kept, the
    largest; mixing: how it is turned, SPREAD or a name from ``steering.OPERATORS``; rest: share of what they leave over
    of the direction that is carried along."""

    weights: Callable[[ConceptVectors], np.ndarray]
    size: int | None
    mixing: str
    rest: float = 0.0

    def recipes(self, evidence: ConceptVectors) -> list[ConceptRecipe]:
        """One recipe a tag."""
        weights = self.weights(evidence)
        if self.rest:
            return with_rests(evidence.nested, weights, evidence.directions, self.rest)
        return [ConceptRecipe(strongest(row, self.size or len(row))) for row in weights]


METHODS = {
    "recipe": Method(lambda evidence: evidence.pursued, SIZE, SPREAD, rest=0.5),
    "ten": Method(lambda evidence: evidence.pursued, SIZE, SPREAD),
    "centroid-top10": Method(lambda evidence: evidence.centroid_codes, SIZE, "blend"),
    "centroid-code": Method(lambda evidence: evidence.centroid_codes, None, "blend"),
    "output": Method(lambda evidence: evidence.output_precision, SIZE, "blend"),
    "input": Method(lambda evidence: evidence.input_precision, SIZE, "blend"),
    "representative": Method(lambda evidence: evidence.concepts.by_tag, 1, "paper-code"),
    "top5": Method(lambda evidence: evidence.concepts.by_tag, 5, "paper-code"),
    "top10": Method(lambda evidence: evidence.concepts.by_tag, 10, "paper-code"),
    "unique": Method(lambda evidence: evidence.concepts.by_neuron, 1, "paper-code"),
}
DEFAULT = "recipe"
BLOCK = 2**22  # scores held at once


def concept_recipes(nested: Nested, tag_items: sp.csr_matrix, method: str = DEFAULT) -> list[ConceptRecipe]:
    """One recipe for each tag of (n_tags, n_items) by a method of METHODS; empty where it finds nothing."""
    if tag_items.shape[0] == 0:
        return []
    return METHODS[method].recipes(ConceptVectors(nested, tag_items))


def strongest(weights: np.ndarray, size: int) -> Recipe:
    """Recipe of the ``size`` largest positive weights (d_sae,), brought to unit sum."""
    top = np.argsort(-weights, kind="stable")[:size]
    top = top[weights[top] > 0]
    total = float(weights[top].sum(dtype=np.float64))
    return {int(j): float(weights[j]) / total for j in top}


@torch.inference_mode()
def with_rests(nested: Nested, weights: np.ndarray, directions: np.ndarray, share: float) -> list[ConceptRecipe]:
    """Recipes of few neurons with a share of what they leave over, and how much of the whole they explain.

    Args:
        weights: (n, d_sae) of the neurons that make up each direction (n, d_embed); none for one that has no recipe.
    """
    total = weights.sum(1, keepdims=True)
    named = weights / np.maximum(total, 1e-12) @ nested.sae.w_dec.double().cpu().numpy()
    rests = np.where(total > 0, share * (directions / np.maximum(total, 1e-12) - named), 0).astype(np.float32)
    found = []
    size = max(1, BLOCK // nested.cfae.n_items)
    for start in range(0, len(weights), size):
        part = slice(start, start + size)
        few, whole = (_effects(nested, towards) for towards in (named[part], named[part] + rests[part]))
        explained = (few * whole).sum(1) ** 2 / (few.square().sum(1) * whole.square().sum(1)).clamp_min(1e-24)
        for row, rest, value in zip(weights[part], rests[part], explained.tolist(), strict=True):
            rest.flags.writeable = False
            recipe = strongest(row, len(row))
            found.append(ConceptRecipe(recipe, rest, value) if recipe else ConceptRecipe({}))
    return found


def _effects(nested: Nested, towards: np.ndarray) -> torch.Tensor:
    """What directions (B, d_embed) do to scores (B, n_items), less its mean over items."""
    effects = effects_of(nested.cfae, torch.as_tensor(towards, dtype=torch.float32, device=nested.device)).double()
    return effects - effects.mean(1, keepdim=True)
