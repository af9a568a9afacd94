"""A batch of users as bags of items: the sparse form in which a collaborative autoencoder reads interactions."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch


class Bags(NamedTuple):
    """The non-zeros of a binary (B, n_items) matrix, row by row.

    items: (nnz,) int64 column numbers; offsets: (B,) int64 where each row starts; counts: (B,) float32 items a row
    """

    items: torch.Tensor
    offsets: torch.Tensor
    counts: torch.Tensor


class Known(NamedTuple):
    """What a recommender is made from.

    likes: (n_train, n_items) of training users; val_inputs: (n_val, n_items) of validation users
    item_ids: (n_items,), user_ids: (n_train,), val_user_ids: (n_val,) names, as text
    """

    likes: sp.csr_matrix
    val_inputs: sp.csr_matrix
    item_ids: np.ndarray
    user_ids: np.ndarray
    val_user_ids: np.ndarray


def to_bags(matrix: sp.csr_matrix, device: torch.device | str = "cpu") -> Bags:
    """Bags of a CSR matrix (B, n_items); empty rows are empty bags."""
    return Bags(
        torch.as_tensor(matrix.indices.astype(np.int64), device=device),
        torch.as_tensor(matrix.indptr[:-1].astype(np.int64), device=device),
        torch.as_tensor(np.diff(matrix.indptr).astype(np.float32), device=device),
    )
