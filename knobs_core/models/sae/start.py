"""Starting a sparse autoencoder from items instead of from chance.

    for neuron j and its item:   x_j = standardise(embedding of somebody who likes that item alone)
    w_dec_j = x_j / |x_j|        w_enc_j = sqrt(2) w_dec_j        b_enc_j = 0

sqrt(2) is the length that a column of the random start has on average. Neurons without an item stay as they were drawn,
and so do those whose item the recommender knows nothing about. A neuron does not stay its item, but two trainings that
start alike end alike: most neurons come back from one seed to the next, which from a random start hardly one does.
"""

import math

import numpy as np
import torch

from knobs_core.models.sae.base import SAE
from knobs_core.models.sae.standardise import standardise


@torch.no_grad()
def start_from_items(sae: SAE, neurons: np.ndarray, embeddings: torch.Tensor) -> None:
    """Set some neurons (n,) of an untrained SAE to the directions of items, embeddings (n, d_embed), alone."""
    x, _, std = standardise(embeddings.to(sae.w_dec.device))
    known = (std > 1e-8).flatten().cpu()  # else x is next to nothing, in no direction
    rows, at = torch.nn.functional.normalize(x[known], dim=1), torch.as_tensor(neurons)[known].to(x.device)
    sae.w_dec[at] = rows
    sae.w_enc[:, at] = math.sqrt(2) * rows.T
    sae.b_enc[at] = 0
