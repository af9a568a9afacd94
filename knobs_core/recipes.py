"""Recipes: which neurons to turn for a concept, by several methods that ``--operator`` and ``steer-eval`` name.

With S the items of tag t, e_i the embedding of item i alone, d = mean over S of e_i - mean of all e_i the direction of
the tag and w_j what neuron j adds to an embedding, row j of the SAE's decoder:

    recipe          r >= 0 with ten entries at most and |d - sum_j r_j w_j| small: pursuit, see ``pursue``; the default
    centroid-code   all entries of E_s(d), what fires for the direction; centroid-top10: the ten strongest
    output          ten neurons whose scores rank S highest, weighted by average precision: what neurons do
    input           ten neurons that S fires most, weighted by average precision: what makes neurons fire
    representative  the paper's neuron of the tag; top5, top10: as many, weighted by the same TF-IDF scores
    unique          the paper's other orientation (``mapping.py``)

E_s is an encoder: what d lights is not what d is best made up of. The paper's are turned as its authors' code does, the
SAE's error left behind. Every recipe is non-negative with unit sum; a tag for which a method finds nothing has an empty
one. ``docs/choices.md`` has the measurements that made ``recipe`` the default.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch
from scipy.optimize import nnls

from knobs_core.mapping import ConceptMap, concept_map
from knobs_core.nested import Nested
from knobs_core.pairs import Ranks
from knobs_core.sparse import single_items

Recipe = dict[int, float]
SIZE = 10  # neurons in a recipe, at most


class Evidence:
    """What recipes are made from, each part worked out once and only when a method asks for it.

    Args:
        nested: the trained models.
        tag_items: (n_tags, n_items) assignment counts.
    """

    def __init__(self, nested: Nested, tag_items: sp.csr_matrix):
        self.nested = nested
        self.tag_items = tag_items.tocsr()

    @cached_property
    def members(self) -> sp.csr_matrix:
        """(n_tags, n_items) whether an item carries a tag."""
        return (self.tag_items > 0).astype(np.float64)

    @cached_property
    def counts(self) -> np.ndarray:
        """(n_tags, 1) how many items carry a tag."""
        return np.asarray(self.members.sum(1)).reshape(-1, 1)

    @cached_property
    def embeddings(self) -> np.ndarray:
        """(n_items, d_embed) of items alone."""
        return self.nested.embeddings(single_items(self.tag_items.shape[1])).double().numpy()

    @cached_property
    def item_codes(self) -> sp.csr_matrix:
        """(n_items, d_sae) codes of items alone."""
        return self.nested.codes(single_items(self.tag_items.shape[1]))

    @cached_property
    def concepts(self) -> ConceptMap:
        return concept_map([""] * self.tag_items.shape[0], self.tag_items, self.item_codes)

    @cached_property
    def directions(self) -> np.ndarray:
        """(n_tags, d_embed): mean embedding of a tag's items less that of all items; zero for a tag without items."""
        counts = self.counts
        mean = (self.members @ self.embeddings) / np.maximum(counts, 1)
        return np.where(counts > 0, mean - self.embeddings.mean(0), 0)

    @cached_property
    def centroid_codes(self) -> np.ndarray:
        """(n_tags, d_sae): codes of the directions; zero for a tag without items."""
        with torch.inference_mode():
            y = torch.as_tensor(self.directions, dtype=torch.float32, device=self.nested.device)
            codes = self.nested.sae.encode(y).z.cpu().numpy()
        return codes * (self.counts > 0)

    @cached_property
    def pursued(self) -> np.ndarray:
        """(n_tags, d_sae): ten neurons at most that make up each direction; see ``pursue``."""
        return pursue(self.directions, self.nested.sae.w_dec.double().cpu().numpy(), SIZE)

    @cached_property
    def output_precision(self) -> np.ndarray:
        """(n_tags, d_sae): average precision of a tag's items in the ranking of each neuron's scores."""
        with torch.inference_mode():
            scores = self.nested.cfae.decode(self.nested.sae.w_dec)
        return self._precision(scores.cpu().numpy().T)

    @cached_property
    def input_precision(self) -> np.ndarray:
        """(n_tags, d_sae): average precision of a tag's items by their activation of each neuron."""
        return self._precision(self.item_codes.toarray())

    def _precision(self, scores: np.ndarray) -> np.ndarray:
        ranks, nothing = Ranks(scores), np.zeros(0, np.int64)
        found = [ranks.judge(row.indices, nothing)[0] if row.nnz else np.zeros(scores.shape[1]) for row in self.members]
        return np.nan_to_num(np.reshape(found, (self.members.shape[0], scores.shape[1])))


class Method(NamedTuple):
    """How a concept's recipe is found. weights: of all neurons (n_tags, d_sae); size: how many of them are kept, the
    largest; mixing: how it is turned, a name from ``steering.OPERATORS``."""

    weights: Callable[[Evidence], np.ndarray]
    size: int | None
    mixing: str

    def recipes(self, evidence: Evidence) -> list[Recipe]:
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
    return METHODS[method].recipes(Evidence(nested, tag_items))


def pursue(directions: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    """Non-negative orthogonal matching pursuit: weights (n, d_sae) with ``size`` non-zeros a row at most, such that
    weights @ rows is close to directions (n, d_embed).

    The row of ``rows`` (d_sae, d_embed) that points most along what is left of a direction joins it, until none does;
    the weights of those that joined are found anew each time, by non-negative least squares.

    Bruckstein, Elad and Zibulevsky 2008, "On the uniqueness of nonnegative sparse solutions".
    """
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    weights, left = np.zeros((len(directions), len(rows))), directions.astype(np.float64)
    joined = [[] for _ in directions]
    for _ in range(min(size, len(rows))):
        along = left @ unit.T
        for row, neurons in enumerate(joined):
            along[row, neurons] = 0
        best = along.argmax(1)
        for row in np.flatnonzero(along.max(1) > 1e-9):
            joined[row].append(best[row])
            found, _ = nnls(rows[joined[row]].T, directions[row])
            weights[row, joined[row]] = found
            left[row] = directions[row] - found @ rows[joined[row]]
    return weights


def strongest(weights: np.ndarray, size: int) -> Recipe:
    """Recipe of the ``size`` largest positive weights (d_sae,), brought to unit sum."""
    top = np.argsort(-weights, kind="stable")[:size]
    top = top[weights[top] > 0]
    total = float(weights[top].sum(dtype=np.float64))
    return {int(j): float(weights[j]) / total for j in top}


def weights_of(recipes: Sequence[Recipe], d_sae: int) -> np.ndarray:
    """Recipes as rows (len(recipes), d_sae) of float32."""
    weights = np.zeros((len(recipes), d_sae), np.float32)
    for row, recipe in zip(weights, recipes, strict=True):
        row[list(recipe)] = list(recipe.values())
    return weights
