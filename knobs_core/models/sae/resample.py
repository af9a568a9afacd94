"""Resampling: neurons that no history activates start anew where the reconstruction is worst.

    for each dead neuron j:   b drawn with probability in proportion to |e_b|^4,   e = x - xhat
    w_dec_j = e_b / |e_b|       w_enc_j = m w_dec_j       b_enc_j = 0       m the mean length of the others' w_enc

Among k activations a neuron that points elsewhere is never chosen, and what is not chosen learns nothing. Started along
what the others leave over of some history it is chosen for that history at once. Its moments in Adam start anew too.
Where under 2% is left over of all histories together nothing is resampled: so few neurons are enough, and new ones
would only get in their way, as they do with MultVAE.

Bricken et al. 2023, "Towards Monosemanticity", on resampling, which starts along x and weaker.
"""

import numpy as np
import torch

from knobs_core.models.fit import Adam
from knobs_core.models.sae.base import SAE
from knobs_core.models.sae.standardise import standardise

PART = 4096  # embeddings encoded at once
LEFT = 0.02  # of the squared length of x, on average, for which it is worth resampling


@torch.no_grad()
def resample(sae: SAE, embeddings: torch.Tensor, optimizer: Adam, rng: np.random.Generator) -> int:
    """Start the dead neurons of an SAE anew; how many there were.

    Args:
        embeddings: (n, d_embed) of histories, on any device.
    """
    active = torch.zeros(sae.d_sae, dtype=torch.bool, device=sae.w_dec.device)
    sizes = []
    for part in embeddings.split(PART):
        error, z = _left_over(sae, part)
        active |= (z > 0).any(0)
        sizes.append(error.square().sum(1))
    dead = torch.nonzero(~active).flatten()
    left = torch.cat(sizes).double().cpu().numpy()
    if len(dead) in (0, sae.d_sae) or left.mean() < LEFT * embeddings.shape[1]:  # |x|^2 is d_embed
        return 0
    chances = left**2
    drawn = rng.choice(len(chances), len(dead), p=chances / chances.sum())
    error, _ = _left_over(sae, embeddings[torch.as_tensor(drawn, device=embeddings.device)])
    rows = torch.nn.functional.normalize(error, dim=1)
    sae.w_dec[dead] = rows
    sae.w_enc[:, dead] = sae.w_enc[:, active].norm(dim=0).mean() * rows.T
    sae.b_enc[dead] = 0
    for parameter, dim in ((sae.w_dec, 0), (sae.w_enc, 1), (sae.b_enc, 0)):
        optimizer.forget(parameter, dim, dead)
    return len(dead)


def _left_over(sae: SAE, y: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """x - xhat (n, d_embed) in standardised space and codes (n, d_sae) of embeddings."""
    x, _, _ = standardise(y.to(sae.w_dec.device))
    z = sae.encode(y.to(sae.w_dec.device)).z
    return x - (z @ sae.w_dec + sae.b_dec), z
