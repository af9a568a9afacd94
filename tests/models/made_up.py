"""A few made-up likes, and random states."""

import numpy as np
import scipy.sparse as sp
import torch

N_ITEMS = 40


def likes(n=12, seed=0):
    dense = np.random.default_rng(seed).random((n, N_ITEMS)) < 0.2
    dense[:, seed % N_ITEMS] = True  # nobody is without likes
    return sp.csr_matrix(dense, dtype=np.float32)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)
