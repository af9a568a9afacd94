"""BatchTopK SAE: k active neurons a row on average, few for simple inputs and many for rich ones.

    training     z = the B k largest of ReLU(W_enc (x - b_dec) + b_enc) over the whole batch, the others 0
    afterwards   z = a [a > theta], a the ReLU's output, theta a running mean of the least value a batch kept
    xhat         = W_dec z + b_dec                    rows of W_dec of unit length

    loss = reconstruction (``topk.py``) + l1 * sum(z) + aux * |e - ehat|^2 / |e|^2
    e    = x - xhat;  ehat from the k_aux largest activations a row of dead neurons, those idle for `dead_after` inputs

The last term lets neurons that nothing activates learn from what the others leave over. A history of two titles needs
fewer knobs than one of two hundred, which is why a count over the batch suits people.

Bussmann et al. 2024, "BatchTopK Sparse Autoencoders"; Gao et al. 2024, section A.2, for the auxiliary loss.
"""

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass
from torch.nn import functional as F

from knobs_core.models.sae import sparse_ops
from knobs_core.models.sae.base import reconstruction_loss
from knobs_core.models.sae.sparse_ops import Active
from knobs_core.models.sae.standardise import standardise
from knobs_core.models.sae.topk import TopKConfig, TopKSAE

RUNNING = 0.99  # share of the old threshold in each new one


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class BatchTopKConfig(TopKConfig):
    """Hyperparameters of the BatchTopK SAE: those of the TopK SAE, k now a mean, and of the auxiliary loss."""

    aux: float = Field(default=1 / 32, ge=0)
    """Weight of the auxiliary loss; 0 leaves it out."""
    dead_after: int = Field(default=5_000, ge=1)
    """Inputs, about an epoch's, without activation after which a neuron counts as dead."""


class BatchTopKSAE(TopKSAE):
    """The model; arguments as for the TopK SAE."""

    threshold: torch.Tensor
    idle: torch.Tensor

    def __init__(self, d_embed: int, config: BatchTopKConfig, generator: torch.Generator | None = None):
        super().__init__(d_embed, config, generator)
        self.aux, self.dead_after = config.aux, config.dead_after
        self.register_buffer("threshold", torch.tensor(-1.0))  # below 0 until the first batch
        self.register_buffer("idle", torch.zeros(self.d_sae), persistent=False)  # inputs since a neuron was active

    def training_state(self) -> dict[str, torch.Tensor]:
        """What training goes on from beside the weights: inputs since each neuron was active."""
        return {"idle": self.idle.clone()}

    def set_training_state(self, state: dict[str, torch.Tensor]) -> None:
        """Go on from such a state."""
        self.idle.copy_(state["idle"])

    def loss(self, y: torch.Tensor) -> torch.Tensor:
        """Training loss of a batch of embeddings (B, d_embed); outside of training with the threshold, without aux."""
        x, _, _ = standardise(y)
        centred = x - self.b_dec
        with torch.no_grad():
            pre = torch.addmm(self.b_enc, centred, self.w_enc)
        chosen = self._select(pre)
        values = sparse_ops.activations(centred, self.w_enc, self.b_enc, chosen, pre[chosen.rows, chosen.neurons])
        reconstruction, xhat = self._reconstruct(values, chosen, x)
        loss = reconstruction + self.l1 * values.sum() / len(y)
        if self.training and self.aux:
            loss = loss + self.aux * self._auxiliary(x - xhat.detach(), centred, pre)
        return loss

    def _chosen(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, d_sae) of standardised embeddings (B, d_embed), about k non-zeros a row."""
        a = F.relu((x - self.b_dec) @ self.w_enc + self.b_enc)
        return a * (a > self.threshold)

    def _reconstruct(self, values: torch.Tensor, chosen: Active, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Reconstruction loss, and the reconstruction (B, d_embed)."""
        xhat = sparse_ops.decode(values, chosen, self.w_dec) + self.b_dec
        return reconstruction_loss(xhat, x, self.loss_name), xhat

    @torch.no_grad()
    def _select(self, pre: torch.Tensor) -> Active:
        """Active neurons of pre-activations (B, d_sae); in training the threshold and idle times follow."""
        if not self.training:
            rows, neurons = torch.nonzero(pre > self.threshold.clamp_min(0), as_tuple=True)
            return Active.of(rows, neurons, *pre.shape)
        kept = pre.flatten().topk(self.k * len(pre), sorted=False)
        place = kept.indices[kept.values > 0].sort().values
        rows, neurons = place // self.d_sae, place % self.d_sae
        if len(place):
            least = kept.values[kept.values > 0].min()
            self.threshold.copy_(torch.where(self.threshold < 0, least, self.threshold.lerp(least, 1 - RUNNING)))
        self.idle += len(pre)
        self.idle[neurons] = 0
        return Active.of(rows, neurons, *pre.shape)

    def _auxiliary(self, error: torch.Tensor, centred: torch.Tensor, pre: torch.Tensor) -> torch.Tensor:
        """How badly dead neurons explain what is left over (B, d_embed), relative to its size; 0 where none is dead."""
        dead = torch.nonzero(self.idle > self.dead_after).flatten()
        if len(dead) == 0:
            return error.new_zeros(())
        k = min(len(dead), max(1, error.shape[1] // 2))
        index = dead[pre[:, dead].topk(k, dim=1, sorted=False).indices]
        chosen = Active.of_index(index, self.d_sae)
        values = sparse_ops.activations(centred, self.w_enc, self.b_enc, chosen, pre.gather(1, index).flatten())
        ehat = sparse_ops.decode(values, chosen, self.w_dec)
        return (ehat - error).square().sum() / error.square().sum().clamp_min(1e-12)
