"""Other ways to recommend and to steer, to be measured against: none of them uses a sparse autoencoder.

EASE    B = I - P / diag(P), P = (X^T X + lambda I)^-1, diagonal zero; scores x B       Steck 2019
        lambda is the one of EASE_GRID with the best nDCG@20 on validation users
TEASER  scores x E T: E (n_items, n_tags) learned, T (n_tags, n_items) the tags' rows of unit length, given;
        E = (X^T X + lambda I)^-1 X^T X T^T (T T^T + mu I)^-1       the minimum of |X - X E T|^2 plus ridge terms
        after De Pauw et al. 2024: a person is a vector of tags x E, which can be read and turned
direction     y' = (1 - a) y + a |y| v_t, v_t the unit direction of a tag's items in embedding space
label boost   scores (brought to mean 0 and spread 1 a person) + 10 a where an item carries the tag
pseudo-items  the same towards the embedding of somebody who likes the tag's five most typical items
"""

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import top_k
from knobs_core.data import HeldOut
from knobs_core.evaluation.metrics import ndcg_at_k

MAX_ITEMS = 12_000  # a dense n_items x n_items inverse beyond this is left out
N_PSEUDO = 5
BOOST = 10.0
EASE_GRID = (50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 4000.0)


def ease(likes: sp.csr_matrix, regularisation: float = 200.0) -> np.ndarray:
    """Item-item weights (n_items, n_items) from likes (n_users, n_items)."""
    return _ease(_gram(likes), regularisation)


def _ease(gram: np.ndarray, regularisation: float) -> np.ndarray:
    inverse = np.linalg.inv(_ridged(gram, regularisation))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def chosen_ease(likes: sp.csr_matrix, validation: HeldOut) -> tuple[np.ndarray, float]:
    """EASE's weights with the regularisation that ranks the hidden likes of validation users best, and that number."""
    gram, best, chosen = _gram(likes), -1.0, (np.zeros((0, 0)), 0.0)
    for regularisation in EASE_GRID:
        weights = _ease(gram, regularisation)
        ranked = top_k(torch.as_tensor(validation.inputs @ weights), validation.inputs, 20)
        value = float(np.nanmean(ndcg_at_k(ranked, validation.targets)))
        if value > best:
            best, chosen = value, (weights, regularisation)
    return chosen


def teaser(likes: sp.csr_matrix, tag_rows: np.ndarray, regularisation: float = 200.0, ridge: float = 1.0) -> np.ndarray:
    """Encoder (n_items, n_tags) for tags (n_tags, n_items) that are given."""
    gram = _gram(likes)
    smooth = np.linalg.solve(_ridged(gram, regularisation), gram @ tag_rows.T)
    return np.linalg.solve(tag_rows @ tag_rows.T + ridge * np.eye(len(tag_rows)), smooth.T).T.astype(np.float32)


def turn_tags(profile: np.ndarray, tags: np.ndarray, amount: float) -> np.ndarray:
    """Tag profiles (B, n_tags) turned towards a tag each, their length kept in sum: (1 - a) p + a |p|_1 e_t."""
    turned = (1 - amount) * profile
    turned[np.arange(len(tags)), tags] += amount * np.abs(profile).sum(1)
    return turned


def towards(y: torch.Tensor, directions: np.ndarray, amount: float) -> torch.Tensor:
    """Embeddings (B, d_embed) turned towards directions (B, d_embed), zero directions leaving them as they are."""
    v = torch.as_tensor(directions, dtype=y.dtype, device=y.device)
    length = v.norm(dim=1, keepdim=True)
    turned = (1 - amount) * y + amount * y.norm(dim=1, keepdim=True) * v / length.clamp_min(1e-12)
    return torch.where(length > 0, turned, y)


def boosted(scores: torch.Tensor, members: np.ndarray, amount: float) -> torch.Tensor:
    """Scores (B, n_items) with the members' (B, n_items) raised by ``BOOST`` standard deviations times amount."""
    standard = (scores - scores.mean(1, keepdim=True)) / scores.std(1, keepdim=True).clamp_min(1e-12)
    return standard + BOOST * amount * torch.as_tensor(members, dtype=scores.dtype, device=scores.device)


def typical(embeddings: np.ndarray, directions: np.ndarray, members: sp.csr_matrix) -> sp.csr_matrix:
    """The few items (n_tags, n_items) of each tag that lie nearest to its direction, as likes."""
    chosen = sp.lil_matrix(members.shape, dtype=np.float32)
    row: sp.csr_matrix
    for tag, row in enumerate(members):
        near = row.indices[np.argsort(-(embeddings[row.indices] @ directions[tag]), kind="stable")[:N_PSEUDO]]
        chosen[tag, near] = 1
    return chosen.tocsr()


def _gram(likes: sp.csr_matrix) -> np.ndarray:
    return (likes.T @ likes).toarray().astype(np.float32)


def _ridged(gram: np.ndarray, regularisation: float) -> np.ndarray:
    ridged = gram.copy()
    ridged[np.diag_indices_from(ridged)] += regularisation
    return ridged
