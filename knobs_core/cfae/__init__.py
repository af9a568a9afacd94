"""Collaborative autoencoders: interactions to embedding and back. A new one is one file here and one line in CFAES.

Every CFAE is an ``nn.Module`` built as ``Model(n_items, config, generator)`` with ``n_items``, ``d_embed``, ``linear``,
``start(likes, generator)``, called once before training, ``encode(bags) -> (B, d_embed)``,
``decode(y) -> (B, n_items)``, ``loss(bags)``, ``before_step()`` and ``after_step()``.
"""

from knobs_core.cfae.bags import Bags, to_bags
from knobs_core.cfae.elsa import ELSA, ELSAConfig
from knobs_core.cfae.multvae import MultVAE, MultVAEConfig

CFAES = {
    "elsa": (ELSA, ELSAConfig),
    "multvae": (MultVAE, MultVAEConfig),
}

__all__ = ["CFAES", "ELSA", "Bags", "ELSAConfig", "MultVAE", "MultVAEConfig", "to_bags"]
