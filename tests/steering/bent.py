"""A recommender whose decoder is not linear."""

import torch


class Bent(torch.nn.Module):
    """A linear recommender with its scores bent."""

    linear = False

    def __init__(self, straight):
        super().__init__()
        self.straight, self.n_items, self.d_embed = straight, straight.n_items, straight.d_embed

    def encode(self, x):
        return self.straight.encode(x)

    def decode(self, y):
        return self.straight.decode(y).tanh()
