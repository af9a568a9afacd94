"""Similar knobs: other knobs that move the list the same way, and those that move it the opposite way.

    corr(u, v) = u_c . v_c / (|u_c| |v_c|)      u = A p the scores a knob adds, u_c = u less its mean over the items

With a linear decoder A this needs no long vectors: u_c . v_c = p^T (A^T A - n m m^T) q, m the mean item vector. Where
the decoder is not linear the directions p themselves are compared.

Two trainings have the same neuron at a number where what it adds to the scores of their common items correlates.
"""

from collections.abc import Sequence

import numpy as np
import torch

from knobs_core.models import Nested
from knobs_core.steering import Recipe, effects_of

SAME = 0.7  # correlation of effects from which on two neurons are the same


@torch.inference_mode()
def neuron_effects(nested: Nested, neurons: Sequence[int], columns: Sequence[int]) -> np.ndarray:
    """Scores (len(neurons), len(columns)) that the decoder rows of neurons add, of some columns of the items."""
    added = effects_of(nested.cfae, nested.sae.w_dec[list(neurons)])
    return added[:, list(columns)].double().cpu().numpy()


def same_neurons(effects_before: np.ndarray, effects_now: np.ndarray) -> np.ndarray:
    """Correlations (m,) of effects (d_sae, n_shared) of neurons before and now, of the m numbers that are in both; 0
    where an effect is the same for all items."""
    m = min(len(effects_before), len(effects_now))
    if not effects_now.shape[1]:
        return np.zeros(m)
    before, now = (part[:m] - part[:m].mean(1, keepdims=True) for part in (effects_before, effects_now))
    size = np.linalg.norm(before, axis=1) * np.linalg.norm(now, axis=1)
    return np.where(size > 1e-12, (before * now).sum(1) / np.maximum(size, 1e-12), 0.0)


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
