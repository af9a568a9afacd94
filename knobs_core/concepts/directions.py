"""What is known of each tag: its direction among the embeddings, and how every neuron ranks its items.

A tag's direction is made smoother by items that carry similar tags. With S the items of tag t, u_i the unit vector of
item i's tags, weighted by their idf = ln((N + 1) / (df + 1)), and p the unit mean of u_i over S without tag t itself:

    s_i = max(p . u_i, 0)      for items outside S;    C = the max(2 |S|, 10) of them with the highest s_i
    w_i = 1 for S,   |S|/2 s_i^2 / sum over C of s^2   for C
    d   = sum_i w_i e_i / sum_i w_i - mean of all e_i          e_i the embedding of item i alone
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import first_n
from knobs_core.concepts.heldout import Ranks
from knobs_core.concepts.pursuit import SIZE, pursue
from knobs_core.concepts.tfidf import ConceptMap, concept_map
from knobs_core.data import single_items
from knobs_core.models import Nested

N_ALIKE = 10  # items with similar tags that count for a small tag
DIGITS = 9  # of similarities, so that items with the same tags are equals, of which the lower columns come first
BLOCK = 2**24  # entries of a dense block


class ConceptVectors:
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
    def centroids(self) -> np.ndarray:
        """(n_tags, d_embed): mean embedding of a tag's items less that of all items; zero for a tag without items."""
        return self._direction(self.members)

    @cached_property
    def directions(self) -> np.ndarray:
        """(n_tags, d_embed): the centroids, but that items with similar tags count a little; see the head."""
        return self._direction(co_tagged(self.members))

    def _direction(self, weights: sp.csr_matrix) -> np.ndarray:
        total = np.asarray(weights.sum(1)).reshape(-1, 1)
        mean = (weights @ self.embeddings) / np.maximum(total, 1e-12)
        return np.where(total > 0, mean - self.embeddings.mean(0), 0)

    @cached_property
    def centroid_codes(self) -> np.ndarray:
        """(n_tags, d_sae): codes of the directions; zero for a tag without items."""
        with torch.inference_mode():
            y = torch.as_tensor(self.centroids, dtype=torch.float32, device=self.nested.device)
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


def co_tagged(members: sp.csr_matrix, of: Sequence[int] | None = None) -> sp.csr_matrix:
    """How much each item counts for each tag (n, n_items): 1 where it carries it, less where its tags are like those of
    the items that do. members: (n_tags, n_items), whether an item carries a tag; of: the n tags asked for, by default
    all."""
    asked = np.arange(members.shape[0]) if of is None else np.asarray(of, np.int64)
    n_tags, n_items = members.shape
    sizes = members.getnnz(axis=1)
    idf = np.log((n_items + 1) / (sizes + 1))
    tagged = sp.csr_matrix(sp.diags_array(idf) @ members).T.tocsr()  # (n_items, n_tags)
    length = np.sqrt(tagged.multiply(tagged).sum(1))
    items = sp.csr_matrix(sp.diags_array(1 / np.maximum(np.asarray(length).ravel(), 1e-12)) @ tagged)
    rows, columns, weights = [], [], []
    block = max(1, BLOCK // max(n_items, n_tags))
    for start in range(0, len(asked), block):
        tags = asked[start : start + block]
        profile = (members[tags] @ items).toarray()
        profile[np.arange(len(tags)), tags] = 0
        profile /= np.maximum(np.linalg.norm(profile, axis=1, keepdims=True), 1e-12)
        alike = np.maximum((items @ profile.T).T, 0).round(DIGITS)
        for place, (tag, row) in enumerate(zip(tags.tolist(), alike, strict=True), start):
            row[members.indices[members.indptr[tag] : members.indptr[tag + 1]]] = 0
            near = first_n(row, max(2 * sizes[tag], N_ALIKE))
            near = near[row[near] > 0]
            rows.append(np.full(len(near), place))
            columns.append(near)
            weights.append(sizes[tag] / 2 * row[near] ** 2 / max((row[near] ** 2).sum(), 1e-12))
    carried = members[asked]
    if not len(asked):
        return carried
    places = np.concatenate(rows), np.concatenate(columns)
    return sp.csr_matrix(carried + sp.csr_matrix((np.concatenate(weights), places), shape=carried.shape))
