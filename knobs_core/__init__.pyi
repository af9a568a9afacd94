from .base import BundleError, ConfigError, DataError, KnobsError, Progress, UnknownNameError
from .bundles import (
    Bundle,
    Catalogue,
    Explanation,
    Knob,
    Person,
    RecommendationList,
    SmallestTurn,
    draw_map,
    evaluate,
    load,
    load_demo,
    save,
    train,
)
from .concepts import Label, Theme
from .data import Interactions, Source, load_data
from .models import CFAES, SAES, Nested
from .steering import Dial, Engine

__all__ = [
    "CFAES",
    "SAES",
    "Bundle",
    "BundleError",
    "Catalogue",
    "ConfigError",
    "DataError",
    "Dial",
    "Engine",
    "Explanation",
    "Interactions",
    "Knob",
    "KnobsError",
    "Label",
    "Nested",
    "Person",
    "Progress",
    "RecommendationList",
    "SmallestTurn",
    "Source",
    "Theme",
    "UnknownNameError",
    "draw_map",
    "evaluate",
    "load",
    "load_data",
    "load_demo",
    "save",
    "train",
]
