"""Recipes: which neurons to turn for a concept, by several methods that ``--operator`` and ``steer-eval`` name.

With S the items of tag t, e_i the embedding of item i alone, d = mean over S of e_i - mean of all e_i the direction of
the tag and w_j what neuron j adds to an embedding, row j of the SAE's decoder:

    recipe          r >= 0 with ten entries at most and |d - sum_j r_j w_j| small: pursuit, see ``pursue``; the default
    centroid-code   all entries of E_s(d), what fires for the direction; centroid-top10: the ten strongest
    output          ten neurons whose scores rank S highest, weighted by average precision: what neurons do
    input           ten neurons that S fires most, weighted by average precision: what makes neurons fire
    representative  the paper's neuron of the tag; top5, top10: as many, weighted by the same TF-IDF scores
    unique          the paper's other orientation (``tfidf.py``)

E_s is an encoder: what d activates is not what d is best made up of. The paper's are turned as its authors' code
does, the SAE's error left behind. Every recipe is non-negative with unit sum; a tag for which a method finds nothing
has an empty one. ``docs/decisions/0008-recipe-by-pursuit.md`` has the measurements that made ``recipe`` the default.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.concepts.directions import ConceptVectors
from knobs_core.concepts.pursuit import SIZE
from knobs_core.models import Nested
from knobs_core.steering import Recipe


class Method(NamedTuple):
    """How a concept's recipe is found. weights: of all neurons (n_tags, d_sae); size: how many of them are kept, the
    largest; mixing: how it is turned, a name from ``steering.OPERATORS``."""

    weights: Callable[[ConceptVectors], np.ndarray]
    size: int | None
    mixing: str

    def recipes(self, evidence: ConceptVectors) -> list[Recipe]:
        """One recipe a tag."""
        return [strongest(row, self.size or len(row)) for row in self.weights(evidence)]


METHODS = {
    "recipe": Method(lambda evidence: evidence.pursued, SIZE, "blend"),
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


def concept_recipes(nested: Nested, tag_items: sp.csr_matrix, method: str = DEFAULT) -> list[Recipe]:
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
