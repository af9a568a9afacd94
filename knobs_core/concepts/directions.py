"""What is known of each tag: its direction among the embeddings, and how every neuron ranks its items."""

from functools import cached_property

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.concepts.heldout import Ranks
from knobs_core.concepts.pursuit import SIZE, pursue
from knobs_core.concepts.tfidf import ConceptMap, concept_map
from knobs_core.data import single_items
from knobs_core.models import Nested


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
