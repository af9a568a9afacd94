"""Whose list it is: the wall of titles to begin with, people of the data set in words, and what a browser remembers."""

from knobs_ui.people.famous import famous
from knobs_ui.people.lines import line_of, people, unlike
from knobs_ui.people.memory import ASKED, remember
from knobs_ui.people.wall import lit, meet, strangers, take_over, wall

__all__ = [
    "ASKED",
    "famous",
    "line_of",
    "lit",
    "meet",
    "people",
    "remember",
    "strangers",
    "take_over",
    "unlike",
    "wall",
]
