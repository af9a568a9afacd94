"""A batch of users as bags of items: the sparse form in which a collaborative autoencoder reads interactions."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch


class Place(NamedTuple):
    """Where some rows of a batch, and the items in them, stand in the whole batch, which others have a part in too."""

    rows: slice
    items: slice
    n_rows: int
    n_items: int


class Bags(NamedTuple):
    """The non-zeros of a binary (B, n_items) matrix, row by row.

    items: (nnz,) int64 column numbers; offsets: (B,) int64 where each row starts; counts: (B,) float32 items a row
    place: where these rows stand in a larger batch; None where they are all of it
    """

    items: torch.Tensor
    offsets: torch.Tensor
    counts: torch.Tensor
    place: Place | None = None

    @property
    def standing(self) -> Place:
        """Where these rows stand in the batch."""
        rows, items = len(self.counts), len(self.items)
        return self.place or Place(slice(0, rows), slice(0, items), rows, items)


class Known(NamedTuple):
    """What a recommender is made from.

    likes: (n_train, n_items) of training users; val_inputs: (n_val, n_items) of validation users
    item_ids: (n_items,), all_user_ids: (n_users,) names, as text; train, val: which of these users they are
    """

    likes: sp.csr_matrix
    val_inputs: sp.csr_matrix
    item_ids: np.ndarray
    all_user_ids: np.ndarray
    train: np.ndarray
    val: np.ndarray

    @property
    def user_ids(self) -> np.ndarray:
        """Names (n_train,) of training users, which hardly any recommender asks for."""
        return self.all_user_ids[self.train]

    @property
    def val_user_ids(self) -> np.ndarray:
        """Names (n_val,) of validation users."""
        return self.all_user_ids[self.val]


def to_bags(matrix: sp.csr_matrix, device: torch.device | str = "cpu") -> Bags:
    """Bags of a CSR matrix (B, n_items); empty rows are empty bags."""
    return Bags(
        torch.as_tensor(matrix.indices.astype(np.int64), device=device),
        torch.as_tensor(matrix.indptr[:-1].astype(np.int64), device=device),
        torch.as_tensor(np.diff(matrix.indptr).astype(np.float32), device=device),
    )
