"""The models: collaborative autoencoders, sparse autoencoders, the two nested, and how they are trained."""

from knobs_core.models.batches import shuffled, sub_histories
from knobs_core.models.cfae import CFAE, CFAES, Bags, CFAEConfig, Known, LastLayer, MadeCFAE, TrainedCFAE, to_bags
from knobs_core.models.fit import Adam, fit
from knobs_core.models.module import Module
from knobs_core.models.nested import Encoded, Nested
from knobs_core.models.parallel import EVERY as CHECKPOINT_EVERY
from knobs_core.models.parallel import Ranks, Work, joined, kept_in, refuse_sae
from knobs_core.models.sae import SAE, SAES, Code, SAEConfig
from knobs_core.models.training import InputsConfig, known_of, train_cfae, train_sae

__all__ = [
    "CFAE",
    "CFAES",
    "CHECKPOINT_EVERY",
    "SAE",
    "SAES",
    "Adam",
    "Bags",
    "CFAEConfig",
    "Code",
    "Encoded",
    "InputsConfig",
    "Known",
    "LastLayer",
    "MadeCFAE",
    "Module",
    "Nested",
    "Ranks",
    "SAEConfig",
    "TrainedCFAE",
    "Work",
    "fit",
    "joined",
    "kept_in",
    "known_of",
    "refuse_sae",
    "shuffled",
    "sub_histories",
    "to_bags",
    "train_cfae",
    "train_sae",
]
