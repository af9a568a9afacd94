"""What a recipe does to many readers at once: their lists, what changes, and which dials do what is wanted."""

from knobs_core.audience.crowd import Audience, Lists
from knobs_core.audience.effect import Effect, Figures, compare
from knobs_core.audience.goals import Cap, Goal, Keep, Outcome, Reaches, Theme
from knobs_core.audience.readers import Readers, draw, most_readers
from knobs_core.audience.solve import Solution, solve
from knobs_core.audience.sweep import GRID, Curve, Sweep, Threshold, reach, sweep, thresholds, turned

__all__ = [
    "GRID",
    "Audience",
    "Cap",
    "Curve",
    "Effect",
    "Figures",
    "Goal",
    "Keep",
    "Lists",
    "Outcome",
    "Reaches",
    "Readers",
    "Solution",
    "Sweep",
    "Theme",
    "Threshold",
    "compare",
    "draw",
    "most_readers",
    "reach",
    "solve",
    "sweep",
    "thresholds",
    "turned",
]
