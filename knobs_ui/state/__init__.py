"""What a visitor has chosen: one frozen value in their session, replaced as a whole and never shared.

Widgets are views of it: they are filled from it and write back through the functions here. Every change is a step that
can be undone; the address bar always holds the present choice, so that a reload or a copied link finds it again.
"""

from knobs_ui.state.address import write_address
from knobs_ui.state.binding import bind, bound, carried, key
from knobs_ui.state.choice import LENGTHS, MOST_DIALS, MOST_PINS, Choice, Dials, dials_of, person_of
from knobs_ui.state.link import from_link, query, to_link
from knobs_ui.state.timeline import (
    BOUND,
    DRAFTS,
    KEY,
    OWN,
    STUDY_CODE,
    TOLD,
    Timeline,
    begin,
    change,
    choose,
    current,
    keep_link,
    newcomer,
    of_somebody,
    redo,
    rest,
    say_told,
    tell,
    timeline,
    turn,
    undo,
)

__all__ = [
    "BOUND",
    "DRAFTS",
    "KEY",
    "LENGTHS",
    "MOST_DIALS",
    "MOST_PINS",
    "OWN",
    "STUDY_CODE",
    "TOLD",
    "Choice",
    "Dials",
    "Timeline",
    "begin",
    "bind",
    "bound",
    "carried",
    "change",
    "choose",
    "current",
    "dials_of",
    "from_link",
    "keep_link",
    "key",
    "newcomer",
    "of_somebody",
    "person_of",
    "query",
    "redo",
    "rest",
    "say_told",
    "tell",
    "timeline",
    "to_link",
    "turn",
    "undo",
    "write_address",
]
