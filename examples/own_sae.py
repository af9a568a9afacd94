"""A sparse autoencoder of one's own: a neuron speaks where it is above a bar, else it is silent.

    z = p where p > bar, else 0        p = W_enc (x - b_dec) + b_enc, everything else as in ``SparseAutoencoder``

The jump is what JumpReLU has (Rajamanoharan et al. 2024), here at one height for all neurons, which is not learnt.
"""

import torch
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

import knobs_core as knobs
from knobs_core.models.sae import SAEConfig, SparseAutoencoder


@dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class JumpConfig(SAEConfig):
    """Hyperparameters: those that every sparse autoencoder has, and one more."""

    bar: float = Field(default=0.3, gt=0)
    """What an activation has to exceed."""


class JumpSAE(SparseAutoencoder):
    """The model; arguments as for ``SparseAutoencoder``."""

    def __init__(self, d_embed: int, config: JumpConfig, generator: torch.Generator | None = None):
        super().__init__(d_embed, config, generator)
        self.bar = config.bar

    def _chosen(self, x: torch.Tensor) -> torch.Tensor:
        """Activations (B, d_sae) of standardised embeddings (B, d_embed)."""
        activations = super()._chosen(x)
        return activations * (activations > self.bar)


knobs.SAES["jump"] = (JumpSAE, JumpConfig)

if __name__ == "__main__":
    from knobs_core.testing import sae_checks

    for check in sae_checks(JumpSAE, JumpConfig(width_ratio=3)):
        check()
        print("passed:", check)
    bundle = knobs.train("demo", sae="jump", overrides={"sae": {"epochs": 30}})
    print(bundle.person(user="15").recommend({"film-noir": 0.3}, n=5))
