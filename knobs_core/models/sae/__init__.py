"""Sparse autoencoders: embedding to a few active neurons and back. A new one is one file here and one line in SAES.

Every SAE is an ``nn.Module`` built as ``Model(d_embed, config, generator)``; what it has stands in ``base.SAE``.
"""

from knobs_core.models.sae.base import SAE, SAEConfig, SparseAutoencoder
from knobs_core.models.sae.basic import BasicConfig, BasicSAE
from knobs_core.models.sae.batchtopk import BatchTopKConfig, BatchTopKSAE
from knobs_core.models.sae.matryoshka import MatryoshkaConfig, MatryoshkaSAE
from knobs_core.models.sae.standardise import Code
from knobs_core.models.sae.topk import TopKConfig, TopKSAE

SAES: dict[str, tuple[type[SAE], type[SAEConfig]]] = {
    "basic": (BasicSAE, BasicConfig),
    "topk": (TopKSAE, TopKConfig),
    "batchtopk": (BatchTopKSAE, BatchTopKConfig),
    "matryoshka": (MatryoshkaSAE, MatryoshkaConfig),
}

__all__ = [
    "SAE",
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
