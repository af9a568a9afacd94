"""What a recipe does to many readers at once: their lists, what changes, and which dials do what is wanted."""

from knobs_core.audience.crowd import Audience, Lists
from knobs_core.audience.effect import Effect, Figures, compare
from knobs_core.audience.readers import Readers, draw, most_readers
from knobs_core.audience.sweep import Curve, Sweep, Threshold, reach, sweep, thresholds

__all__ = [
    "Audience",
    "Curve",
    "Effect",
    "Figures",
    "Lists",
    "Readers",
    "Sweep",
    "Threshold",
    "compare",
    "draw",
    "most_readers",
    "reach",
    "sweep",
    "thresholds",
]
