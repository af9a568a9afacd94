"""Collaborative autoencoders: interactions to embedding and back. A new one is one file here and one line in CFAES.

Every CFAE is an ``nn.Module`` built as ``Model(n_items, config, generator)`` with ``n_items``, ``d_embed``, ``linear``,
``encode(bags) -> (B, d_embed)`` and ``decode(y) -> (B, n_items)``. One that is trained by gradients has
``start(likes, generator)``, called once before training, ``loss(bags)``, ``before_step()`` and ``after_step()``; one
that is not has ``make(config, known, generator) -> (model, config, log)``.
"""

from knobs_core.models.cfae.bags import Bags, Known, to_bags
from knobs_core.models.cfae.elsa import ELSA, ELSAConfig
from knobs_core.models.cfae.embeddings import Embeddings, EmbeddingsConfig
from knobs_core.models.cfae.ials import IALS, IALSConfig
from knobs_core.models.cfae.multvae import MultVAE, MultVAEConfig

CFAES = {
    "elsa": (ELSA, ELSAConfig),
    "multvae": (MultVAE, MultVAEConfig),
    "ials": (IALS, IALSConfig),
    "embeddings": (Embeddings, EmbeddingsConfig),
}

__all__ = ["CFAES", "Bags", "Known", "to_bags"]
