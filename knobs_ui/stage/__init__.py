"""Stage mode: the panel for a room full of people, with a tour, a code for their phones and knobs by MIDI."""

from knobs_ui.stage.component import stage
from knobs_ui.stage.events import SHOW, Show, carry, show, take_over
from knobs_ui.stage.room import Invitation, invitation
from knobs_ui.stage.scenes import scene
from knobs_ui.stage.tour import Step, Tour, read_tour, tour_of

__all__ = [
    "SHOW",
    "Invitation",
    "Show",
    "Step",
    "Tour",
    "carry",
    "invitation",
    "read_tour",
    "scene",
    "show",
    "stage",
    "take_over",
    "tour_of",
]
