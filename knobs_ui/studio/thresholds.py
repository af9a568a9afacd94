"""Exact thresholds on a dial of the desk: where a title comes to reach half of the readers, as marks on the knob."""

from typing import Any

from knobs_core.audience import Audience, thresholds
from knobs_core.bundles import Bundle
from knobs_core.lists import HouseRules, ListRecipe

SHARE, MOST = 0.5, 14  # of the readers; marks on a knob


def ticks_of(
    bundle: Bundle, room: Audience, recipe: ListRecipe, house: HouseRules, key: str
) -> dict[str, list[dict[str, Any]]]:
    """Marks for the dial of a key, the nearest to rest first."""
    found = sorted(thresholds(room, recipe, key, SHARE, house), key=lambda one: abs(one.amount))[:MOST]
    return {
        key: [
            {
                "at": one.amount,
                "title": bundle.interactions.main_title(one.item),
                "enters": one.begins,
                "says": f"{'reaches' if one.begins else 'falls under'} {SHARE:.0%} of the readers",
            }
            for one in sorted(found, key=lambda one: one.amount)
        ]
    }
