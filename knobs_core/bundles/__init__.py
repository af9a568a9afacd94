"""Bundles: trained models with their data on disk and in memory, the knobs they offer, and people in front of them."""

from knobs_core.bundles import evaluate
from knobs_core.bundles.bundle import Bundle
from knobs_core.bundles.catalogue import Active, Catalogue, Knob, active_neurons, mixture_key, share_named
from knobs_core.bundles.files import (
    Version,
    check_place,
    default_path,
    load,
    read_item_effects,
    rollback,
    save,
    save_map,
    save_names,
    versions,
)
from knobs_core.bundles.manifest import Manifest, read_manifest
from knobs_core.bundles.names import NAMES, read_names
from knobs_core.bundles.person import Explanation, Person, RecommendationList, SmallestTurn
from knobs_core.bundles.places import MANIFEST, put_back, training
from knobs_core.bundles.presets import PRESETS, apply_presets
from knobs_core.bundles.projection import MAP
from knobs_core.bundles.train import draw_map, load_demo, second_sae, train, with_short

__all__ = [
    "MANIFEST",
    "MAP",
    "NAMES",
    "PRESETS",
    "Active",
    "Bundle",
    "Catalogue",
    "Explanation",
    "Knob",
    "Manifest",
    "Person",
    "RecommendationList",
    "SmallestTurn",
    "Version",
    "active_neurons",
    "apply_presets",
    "check_place",
    "default_path",
    "draw_map",
    "evaluate",
    "load",
    "load_demo",
    "mixture_key",
    "put_back",
    "read_item_effects",
    "read_manifest",
    "read_names",
    "rollback",
    "save",
    "save_map",
    "save_names",
    "second_sae",
    "share_named",
    "train",
    "training",
    "versions",
    "with_short",
]
