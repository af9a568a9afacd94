"""Matryoshka BatchTopK SAE: nested dictionaries, the first neurons alone already a whole, coarser one.

    xhat_m = sum over j < m of z_j w_j + b_dec                      m in d_sae times (1/16, 1/8, 1/4, 1/2, 1)
    loss   = mean over m of reconstruction(xhat_m, x) + l1 * sum(z) + the auxiliary loss of BatchTopK

The first neurons have to serve every input by themselves and stay general ("science fiction"), later ones add detail
("time travel"); without that, special neurons take over parts of general ones, which then fail to fire.

Bussmann et al. 2025, "Learning Multi-Level Features with Matryoshka Sparse Autoencoders".
"""

import torch

from knobs_core.models.sae import sparse_ops
from knobs_core.models.sae.base import reconstruction_loss
from knobs_core.models.sae.batchtopk import BatchTopKConfig, BatchTopKSAE
from knobs_core.models.sae.sparse_ops import Active

PARTS = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)
MatryoshkaConfig = BatchTopKConfig


class MatryoshkaSAE(BatchTopKSAE):
    """The model; arguments as for the BatchTopK SAE."""

    def _reconstruct(self, values: torch.Tensor, chosen: Active, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        xhat, losses, start = self.b_dec.expand_as(x), [], 0
        for end in (max(1, round(part * self.d_sae)) for part in PARTS):
            keep = (chosen.neurons >= start) & (chosen.neurons < end)
            xhat = xhat + sparse_ops.decode(values[keep], chosen.part(keep), self.w_dec)
            losses.append(reconstruction_loss(xhat, x, self.loss_name))
            start = end
        return torch.stack(losses).mean(), xhat
