"""The concept map: which neuron goes with which tag, in both TF-IDF orientations.

    M = P Z                      (n_tags, d_sae): P the tag-item counts brought to sum 1, Z the codes of single items
    tfidf(X) = X / column sums * (ln((N + 1) / (df + 1)) + 1)      rows of X terms, its N columns documents

    by_neuron = tfidf(M)         tags are terms, neurons documents: how much of a neuron's activity a tag accounts for
    by_tag    = tfidf(M^T)^T     neurons are terms, tags documents: how much of a tag's activity a neuron accounts for

    unique neuron of a tag          argmax over neurons of by_neuron
    representative neuron of a tag  argmax over neurons of by_tag
    characteristic tag of a neuron  argmax over tags of by_neuron
    distinctive tag of a neuron     argmax over tags of by_tag

A neuron that no single item activates is dead and never chosen; ties go to the lower index.
Spisak et al. 2026, "From Knots to Knobs", section 3.2.
"""

import dataclasses
from functools import cached_property

import numpy as np
import scipy.sparse as sp

NONE = -1  # in place of an index where there is nothing to choose


@dataclasses.dataclass(frozen=True)
class ConceptMap:
    """Tags against neurons.

    tags: n_tags names; activity: M, (n_tags, d_sae) non-negative float64
    """

    tags: list[str]
    activity: np.ndarray

    @cached_property
    def by_neuron(self) -> np.ndarray:
        """(n_tags, d_sae): tags as terms, neurons as documents."""
        return tfidf(self.activity)

    @cached_property
    def by_tag(self) -> np.ndarray:
        """(n_tags, d_sae): neurons as terms, tags as documents."""
        return tfidf(self.activity.T).T

    def unique(self) -> np.ndarray:
        """Neuron (n_tags,) whose firing is most its tag's own, or -1."""
        return _argmax(self.by_neuron, axis=1)

    def representative(self) -> np.ndarray:
        """Neuron (n_tags,) that stands for most of its tag's activity, or -1."""
        return _argmax(self.by_tag, axis=1)

    def characteristic(self) -> np.ndarray:
        """Tag (d_sae,) that best covers what its neuron does, or -1."""
        return _argmax(self.by_neuron, axis=0)

    def distinctive(self) -> np.ndarray:
        """Tag (d_sae,) that sets its neuron apart, or -1."""
        return _argmax(self.by_tag, axis=0)


def concept_map(tags: list[str], tag_items: sp.csr_matrix, item_codes: sp.csr_matrix) -> ConceptMap:
    """Map of tags to neurons from assignment counts (n_tags, n_items) and codes of single items (n_items, d_sae)."""
    total = tag_items.sum()
    activity = (tag_items.astype(np.float64) @ item_codes.astype(np.float64)).toarray()
    return ConceptMap(tags, activity / total if total else activity)


def tfidf(counts: np.ndarray) -> np.ndarray:
    """TF-IDF of non-negative counts, rows terms and columns documents; empty columns stay zero."""
    sums = counts.sum(0, keepdims=True)
    frequency = np.divide(counts, sums, out=np.zeros_like(counts), where=sums > 0)
    df = (counts > 0).sum(1, keepdims=True)
    return frequency * (np.log((counts.shape[1] + 1) / (df + 1)) + 1)


def _argmax(scores: np.ndarray, axis: int) -> np.ndarray:
    if scores.shape[axis] == 0:
        return np.full(scores.shape[1 - axis], NONE)
    return np.where(scores.max(axis) > 0, scores.argmax(axis), NONE)
