"""Starting a sparse autoencoder from items instead of from chance.

    for the j-th of some items:   x_j = standardise(embedding of somebody who likes it alone)
    w_dec_j = x_j / |x_j|         w_enc_j = sqrt(2) w_dec_j        b_enc_j = 0

sqrt(2) is the length that a column of the random start has on average. Neurons beyond the items stay as they were
drawn. A neuron does not stay its item, but two trainings that start alike end alike: most neurons come back from one
seed to the next, which from a random start hardly one does.
"""

import math

import torch

from knobs_core.models.sae.base import SAE
from knobs_core.models.sae.standardise import standardise


@torch.no_grad()
def start_from_items(sae: SAE, embeddings: torch.Tensor) -> None:
    """Set the first neurons of an untrained SAE to the directions of items, embeddings (n, d_embed), alone."""
    x, _, _ = standardise(embeddings[: sae.d_sae].to(sae.w_dec.device))
    rows = torch.nn.functional.normalize(x, dim=1)
    sae.w_dec[: len(rows)] = rows
    sae.w_enc[:, : len(rows)] = math.sqrt(2) * rows.T
    sae.b_enc[: len(rows)] = 0
