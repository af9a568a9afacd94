"""Basic SAE: codes are kept sparse by the L1 penalty alone, so its size decides how sparse they are.

    z = ReLU(W_enc (x - b_dec) + b_enc)      everything else as in ``base.py``, l1 ten times as large

Bricken et al. 2023, "Towards Monosemanticity"; Spisak et al. 2026, "From Knots to Knobs", section 3.1.
"""

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from knobs_core.models.sae.base import SAEConfig, SparseAutoencoder


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class BasicConfig(SAEConfig):
    """Hyperparameters of the Basic SAE and of its training."""

    l1: float = Field(default=3e-3, ge=0)
    """Penalty on the sum of the code: the larger, the fewer neurons are active."""


class BasicSAE(SparseAutoencoder):
    """The model; arguments as for ``SparseAutoencoder``."""
