"""TopK SAE: a sparse autoencoder whose codes have at most k non-zeros.

    z = TopK(ReLU(W_enc (x - b_dec) + b_enc), k)      everything else as in ``base.py``

Makhzani and Frey 2013, "k-Sparse Autoencoders"; Gao et al. 2024, "Scaling and evaluating sparse autoencoders";
Spisak et al. 2026, "From Knots to Knobs", section 3.1.
"""

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from knobs_core.models.sae import sparse_ops
from knobs_core.models.sae.base import SAEConfig, SparseAutoencoder, reconstruction_loss
from knobs_core.models.sae.sparse_ops import Active
from knobs_core.models.sae.standardise import standardise


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class TopKConfig(SAEConfig):
    """Hyperparameters of the TopK SAE and of its training."""

    k: int = Field(default=32, ge=1)
    """Non-zeros in a code, at most."""


class TopKSAE(SparseAutoencoder):
    """The model; arguments as for ``SparseAutoencoder``."""

    def __init__(self, d_embed: int, config: TopKConfig, generator: torch.Generator | None = None):
        super().__init__(d_embed, config, generator)
        self.k = min(config.k, self.d_sae)

    def loss(self, y: torch.Tensor) -> torch.Tensor:
        """Training loss of a batch of embeddings (B, d_embed)."""
        x, _, _ = standardise(y)
        values, chosen = self._activations(x)
        xhat = sparse_ops.decode(values, chosen, self.w_dec) + self.b_dec
        return reconstruction_loss(xhat, x, self.loss_name) + self.l1 * values.sum() / len(y)

    def _chosen(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, d_sae) of standardised embeddings (B, d_embed), at most k non-zeros a row."""
        values, chosen = self._activations(x)
        return chosen.dense(values)

    def _activations(self, x: torch.Tensor) -> tuple[torch.Tensor, Active]:
        """Values (B k,) and places of each row's k largest activations."""
        centred = x - self.b_dec
        screen = None if self.training else False
        chosen, pre = sparse_ops.largest(centred, self.w_enc, self.b_enc, self.k, screen=screen)
        return sparse_ops.activations(centred, self.w_enc, self.b_enc, chosen, pre), chosen
