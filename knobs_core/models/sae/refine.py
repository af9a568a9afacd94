"""Gradient pursuit: how strongly each chosen neuron of a code is active, fitted to the embedding.

    repeat:  e = x - b_dec - W_dec z        g = (W_dec^T e) [z > 0]        z = max(0, z + |g|^2 / |W_dec g|^2 g)

An encoder reads every neuron by itself and counts twice what two of them share. Each step goes downhill in |e|^2 as far
as that falls, among the neurons that the encoder chose; one that reaches zero stays out. Given the step sizes and who
is active, z is linear in x, and gradients take it so.

Blumensath and Davies 2008, "Gradient pursuits"; Smith 2024, "Replacing SAE encoders with inference-time optimisation".
"""

import torch


def refine(z: torch.Tensor, centred: torch.Tensor, w_dec: torch.Tensor, steps: int) -> torch.Tensor:
    """Codes (n, d_sae) after some steps from z (n, d_sae), with no other non-zeros.

    Args:
        centred: (n, d_embed) what they are to rebuild, x - b_dec.
        w_dec: (d_sae, d_embed).
    """
    for _ in range(steps):
        downhill = ((centred - z @ w_dec) @ w_dec.T) * (z > 0)
        with torch.no_grad():
            change = (downhill @ w_dec).square().sum(1, keepdim=True)
            size = downhill.square().sum(1, keepdim=True) / change.clamp_min(1e-12)
        z = (z + size * downhill).clamp_min(0)
    return z
