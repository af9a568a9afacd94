"""Sparse autoencoders: embedding to a few active neurons and back. A new one is one file here and one line in SAES.

Every SAE is an ``nn.Module`` built as ``Model(d_embed, config, generator)`` with ``d_sae``, ``w_dec`` (d_sae, d_embed),
``b_dec``, ``encode(y) -> Code``, ``decode(code) -> (B, d_embed)``, ``loss(y)``, ``before_step()`` and ``after_step()``.
"""

from knobs_core.models.sae.base import SAEConfig, SparseAutoencoder
from knobs_core.models.sae.basic import BasicConfig, BasicSAE
from knobs_core.models.sae.batchtopk import BatchTopKConfig, BatchTopKSAE
from knobs_core.models.sae.matryoshka import MatryoshkaConfig, MatryoshkaSAE
from knobs_core.models.sae.standardise import Code
from knobs_core.models.sae.topk import TopKConfig, TopKSAE

SAES = {
    "basic": (BasicSAE, BasicConfig),
    "topk": (TopKSAE, TopKConfig),
    "batchtopk": (BatchTopKSAE, BatchTopKConfig),
    "matryoshka": (MatryoshkaSAE, MatryoshkaConfig),
}

__all__ = [
    "SAES",
    "BasicConfig",
    "BasicSAE",
    "BatchTopKConfig",
    "BatchTopKSAE",
    "Code",
    "MatryoshkaConfig",
    "MatryoshkaSAE",
    "SAEConfig",
    "SparseAutoencoder",
    "TopKConfig",
    "TopKSAE",
]
