"""Recipes: which neurons to turn for a concept.

    r(t) = top entries of E_s(mean embedding of the likes of t's items - mean embedding of all likes), unit sum

The difference is what a like of the concept adds over just any like; its sparse code says which neurons carry that.
Measured against the single representative neuron of the paper it moves as many lists towards the concept and costs less
of a person's own taste (docs/conventions.md).
"""

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.nested import Nested
from knobs_core.sparse import single_items

Recipe = dict[int, float]
SIZE = 5  # neurons in a recipe, at most


def concept_recipes(nested: Nested, tag_items: sp.csr_matrix, likes: np.ndarray) -> list[Recipe]:
    """One recipe a tag.

    Args:
        nested: the trained models.
        tag_items: (n_tags, n_items) assignment counts.
        likes: (n_items,) how often each item is liked by training users.

    Returns:
        n_tags recipes; empty where no training user likes any of the tag's items.
    """
    if tag_items.shape[0] == 0:
        return []
    weights = tag_items.multiply(likes).tocsr()
    totals = np.asarray(weights.sum(1)).ravel()
    embeddings = nested.embeddings(single_items(len(likes))).double().numpy()
    concept = (weights @ embeddings) / np.maximum(totals, 1e-12)[:, None]
    difference = concept - likes @ embeddings / max(likes.sum(), 1e-12)
    with torch.inference_mode():
        z = nested.sae.encode(torch.as_tensor(difference, dtype=torch.float32, device=nested.device)).z.cpu().numpy()
    return [strongest(row, SIZE) if total > 0 else {} for row, total in zip(z, totals, strict=True)]


def strongest(weights: np.ndarray, size: int) -> Recipe:
    """Recipe of the ``size`` largest positive weights (d_sae,), brought to unit sum."""
    top = np.argsort(-weights, kind="stable")[:size]
    top = top[weights[top] > 0]
    total = float(weights[top].sum(dtype=np.float64))
    return {int(j): float(weights[j]) / total for j in top}
