"""The map: a layout drawn once, a quick place on it for whoever moves, and names for its regions."""

from knobs_core.maps.layout import draw_layout
from knobs_core.maps.network import Network, unit
from knobs_core.maps.placement import ALPHAS, Projection, dial_path, nearing
from knobs_core.maps.regions import Territories, inside, regions, territories

__all__ = [
    "ALPHAS",
    "Network",
    "Projection",
    "Territories",
    "dial_path",
    "draw_layout",
    "inside",
    "nearing",
    "regions",
    "territories",
    "unit",
]
