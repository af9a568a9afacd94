"""The editors' studio: recipes in hand, their desk and rules, what they do to an audience, versions, and delivery."""

from knobs_ui.studio import drafts
from knobs_ui.studio.deliver import deliver
from knobs_ui.studio.desk import desk, held, take_over
from knobs_ui.studio.health import health
from knobs_ui.studio.keeping import keep
from knobs_ui.studio.overview import calendar, house, new, recipes
from knobs_ui.studio.picker import RECIPE
from knobs_ui.studio.room import store
from knobs_ui.studio.rules import rules
from knobs_ui.studio.shelf import shelf
from knobs_ui.studio.thresholds import thresholds
from knobs_ui.studio.versions import bar, clash, history, standing
from knobs_ui.studio.wishes import wishes

__all__ = [
    "RECIPE",
    "bar",
    "calendar",
    "clash",
    "deliver",
    "desk",
    "drafts",
    "health",
    "held",
    "history",
    "house",
    "keep",
    "new",
    "recipes",
    "rules",
    "shelf",
    "standing",
    "store",
    "take_over",
    "thresholds",
    "wishes",
]
