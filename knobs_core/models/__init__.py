"""The models: collaborative autoencoders, sparse autoencoders, the two nested, and how they are trained."""

from knobs_core.models.batches import shuffled, sub_histories
from knobs_core.models.cfae import CFAES, Bags, Known, to_bags
from knobs_core.models.fit import Adam, fit
from knobs_core.models.nested import Encoded, Nested
from knobs_core.models.sae import SAES, Code
from knobs_core.models.training import InputsConfig, known_of, train_cfae, train_sae

__all__ = [
    "CFAES",
    "SAES",
    "Adam",
    "Bags",
    "Code",
    "Encoded",
    "InputsConfig",
    "Known",
    "Nested",
    "fit",
    "known_of",
    "shuffled",
    "sub_histories",
    "to_bags",
    "train_cfae",
    "train_sae",
]
