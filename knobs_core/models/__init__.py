"""The models: collaborative autoencoders, sparse autoencoders, the two nested, and how they are trained."""

from knobs_core.models.batches import shuffled, sub_histories
from knobs_core.models.cfae import CFAE, CFAES, Bags, CFAEConfig, Known, MadeCFAE, TrainedCFAE, to_bags
from knobs_core.models.fit import Adam, fit
from knobs_core.models.module import Module
from knobs_core.models.nested import Encoded, Nested
from knobs_core.models.sae import SAE, SAES, Code, SAEConfig, most_liked
from knobs_core.models.training import InputsConfig, known_of, train_cfae, train_sae

__all__ = [
    "CFAE",
    "CFAES",
    "SAE",
    "SAES",
    "Adam",
    "Bags",
    "CFAEConfig",
    "Code",
    "Encoded",
    "InputsConfig",
    "Known",
    "MadeCFAE",
    "Module",
    "Nested",
    "SAEConfig",
    "TrainedCFAE",
    "fit",
    "known_of",
    "most_liked",
    "shuffled",
    "sub_histories",
    "to_bags",
    "train_cfae",
    "train_sae",
]
