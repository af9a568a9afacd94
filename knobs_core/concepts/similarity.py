"""Similar knobs: other knobs that move the list the same way, and those that move it the opposite way.

    corr(u, v) = u_c . v_c / (|u_c| |v_c|)      u = A p the scores a knob adds, u_c = u less its mean over the items

With a linear decoder A this needs no long vectors: u_c . v_c = p^T (A^T A - n m m^T) q, m the mean item vector. Where
the decoder is not linear the directions p themselves are compared.
"""

from collections.abc import Sequence

import numpy as np
import torch

from knobs_core.models import Nested
from knobs_core.steering import Recipe


@torch.inference_mode()
def similarity(nested: Nested, recipe: Recipe, others: Sequence[Recipe]) -> np.ndarray:
    """Correlation (len(others),) of what a recipe does to the scores with what each of the others does."""
    weights = torch.zeros(len(others) + 1, nested.sae.d_sae, dtype=torch.float64)
    for row, one in enumerate([recipe, *others]):
        weights[row, list(one)] = torch.tensor(list(one.values()), dtype=torch.float64)
    directions = weights @ nested.sae.w_dec.double().cpu()
    if nested.cfae.linear:
        vectors = nested.cfae.decode(torch.eye(directions.shape[1], device=nested.device)).double().cpu()
        centred = vectors - vectors.mean(1, keepdim=True)
        gram = centred @ centred.T
    else:
        gram = torch.eye(directions.shape[1], dtype=torch.float64)
    inner = directions @ gram @ directions[0]
    size = ((directions @ gram) * directions).sum(1).clamp_min(1e-24).sqrt()
    return (inner / (size * size[0]))[1:].numpy()
