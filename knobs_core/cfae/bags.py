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


def to_bags(matrix: sp.csr_matrix, device: torch.device | str = "cpu") -> Bags:
    """Bags of a CSR matrix (B, n_items); empty rows are empty bags."""
    return Bags(
        torch.as_tensor(matrix.indices.astype(np.int64), device=device),
        torch.as_tensor(matrix.indptr[:-1].astype(np.int64), device=device),
        torch.as_tensor(np.diff(matrix.indptr).astype(np.float32), device=device),
    )
