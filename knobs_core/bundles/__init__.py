"""Bundles: trained models with their data on disk and in memory, the knobs they offer, and people in front of them."""

from knobs_core.base.places import MANIFEST, put_back, training
from knobs_core.bundles import evaluate
from knobs_core.bundles.bundle import Bundle
from knobs_core.bundles.cards import CARDS, data_card, model_card
from knobs_core.bundles.catalogue import Active, Catalogue, Knob, active_neurons, mixture_key, share_named
from knobs_core.bundles.files import (
    NOT_PREPARED,
    Version,
    check_place,
    default_path,
    load,
    read_item_effects,
    rollback,
    save,
    save_map,
    save_names,
    save_open_names,
    versions,
)
from knobs_core.bundles.manifest import Manifest, read_manifest
from knobs_core.bundles.names import NAMES, read_names
from knobs_core.bundles.naming import Proposed, given, name_group, propose
from knobs_core.bundles.notes import Why
from knobs_core.bundles.open_names import OPEN_NAMES, WORDS, OpenName, best_by_neuron
from knobs_core.bundles.person import Explanation, Person, RecommendationList, SmallestTurn
from knobs_core.bundles.presets import PRESETS, apply_presets
from knobs_core.bundles.projection import MAP
from knobs_core.bundles.remote import fetch
from knobs_core.bundles.saelens import export_sae, read_sae
from knobs_core.bundles.train import draw_map, load_demo, second_sae, train, with_short

__all__ = [
    "CARDS",
    "MANIFEST",
    "MAP",
    "NAMES",
    "NOT_PREPARED",
    "OPEN_NAMES",
    "PRESETS",
    "WORDS",
    "Active",
    "Bundle",
    "Catalogue",
    "Explanation",
    "Knob",
    "Manifest",
    "OpenName",
    "Person",
    "Proposed",
    "RecommendationList",
    "SmallestTurn",
    "Version",
    "Why",
    "active_neurons",
    "apply_presets",
    "best_by_neuron",
    "check_place",
    "data_card",
    "default_path",
    "draw_map",
    "evaluate",
    "export_sae",
    "fetch",
    "given",
    "load",
    "load_demo",
    "mixture_key",
    "model_card",
    "name_group",
    "propose",
    "put_back",
    "read_item_effects",
    "read_manifest",
    "read_names",
    "read_sae",
    "rollback",
    "save",
    "save_map",
    "save_names",
    "save_open_names",
    "second_sae",
    "share_named",
    "train",
    "training",
    "versions",
    "with_short",
]
