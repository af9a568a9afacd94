"""Sparse autoencoders that choose by batch, in dense NumPy."""

import numpy as np
import torch

from tests.models.made_up import generator


def inputs(n=32, d=12, seed=1):
    return torch.randn(n, d, generator=generator(seed), dtype=torch.float64)


def dense_code(model, y):
    """Standardised inputs and the batch's k n largest activations, in NumPy."""
    y = y.numpy()
    x = (y - y.mean(1, keepdims=True)) / y.std(1, keepdims=True)
    a = np.maximum((x - model.b_dec.detach().numpy()) @ model.w_enc.detach().numpy() + model.b_enc.detach().numpy(), 0)
    least = np.sort(a.ravel())[-model.k * len(a)]
    return x, np.where(a >= least, a, 0), least
