"""Collaborative autoencoders: interactions to embedding and back. A new one is one file here and one line in CFAES.

Every CFAE is an ``nn.Module`` built as ``Model(n_items, config, generator)``; what it has stands in ``base.CFAE``. One
that is trained by gradients is a ``TrainedCFAE``, with ``start``, ``loss``, ``before_step`` and ``after_step`` besides;
one that is not is a ``MadeCFAE``, with ``make``.
"""

from collections.abc import Callable

from knobs_core.models.cfae.bags import Bags, Known, to_bags
from knobs_core.models.cfae.base import CFAE, CFAEConfig, LastLayer, MadeCFAE, TrainedCFAE
from knobs_core.models.cfae.dlae import DLAE, DLAEConfig
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.cfae.embeddings import Embeddings, EmbeddingsConfig
from knobs_core.models.cfae.ials import IALS, IALSConfig
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig

CFAES: dict[str, tuple[type[TrainedCFAE] | type[MadeCFAE], Callable[..., CFAEConfig]]] = {
    "elsa": (ELSA, ELSAConfig),
    "dlae": (DLAE, DLAEConfig),
    "multvae": (MultVAE, MultVAEConfig),
    "ials": (IALS, IALSConfig),
    "embeddings": (Embeddings, EmbeddingsConfig),
}

__all__ = ["CFAE", "CFAES", "Bags", "CFAEConfig", "Known", "LastLayer", "MadeCFAE", "TrainedCFAE", "to_bags"]
