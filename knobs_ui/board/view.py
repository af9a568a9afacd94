"""What the board shows for a choice: the person, their active neurons, the knobs and both lists.

A view is worked out once a turn, whoever of the page asks for it, and kept in the visitor's own session.
"""

import dataclasses
import zlib

import streamlit as st

from knobs_core.bundles import Active, Bundle, Knob, Person, RecommendationList
from knobs_core.steering import Dial, Recommendation, ReferenceRanking, Taste
from knobs_ui import state
from knobs_ui.state import Choice

VIEW, PERSON = "view", "person"  # in the session
N_ITEMS = 20
OnBoard = tuple[Knob, Active | None, bool]  # a knob, how active it is, and whether it was added


@dataclasses.dataclass(frozen=True)
class View:
    """A choice with what follows from it."""

    choice: Choice
    person: Person
    active: list[Active]
    found: RecommendationList

    @property
    def taste(self) -> Taste:
        """The person as the engine needs them."""
        return self.person.taste

    @property
    def dials(self) -> tuple[Dial, ...]:
        """The dials that are turned."""
        return self.found.dials

    @property
    def result(self) -> Recommendation:
        """Both lists as columns."""
        return self.found.recommendation

    @property
    def token(self) -> str:
        """Short hash of the choice, by which the board knows what belongs together."""
        return f"{zlib.crc32(repr(self.choice).encode()):x}"


def view(bundle: Bundle) -> View:
    """The view of the visitor's present choice."""
    choice = state.current(bundle)
    key = (bundle.id, bundle.names_id, bundle.nested.device, choice)
    kept = st.session_state.get(VIEW)
    if not kept or kept[0] != key:
        person, reference = _person(bundle, choice)
        found = person.recommend(state.dials_of(bundle, choice.dials), N_ITEMS, reference=reference)
        kept = st.session_state[VIEW] = (key, View(choice, person, person.neurons(), found))
    return kept[1]


def _person(bundle: Bundle, choice: Choice) -> tuple[Person, ReferenceRanking]:
    """What no turn of a dial changes: the person, and the list that others are compared with; kept as the view is."""
    key = (bundle.id, bundle.names_id, bundle.nested.device, dataclasses.replace(choice, dials=()))
    kept = st.session_state.get(PERSON)
    if not kept or kept[0] != key:
        person = state.person_of(bundle, choice)
        pinned = state.dials_of(bundle, choice.pinned or ())
        reference = person.reference(pinned)
        kept = st.session_state[PERSON] = (key, (person, reference))
    return kept[1]


def shown_knobs(bundle: Bundle, shown: View, n: int) -> list[OnBoard]:
    """Knobs on the board: those that were added, then the person's own, the named ones first."""
    active = {f"#{entry.label.neuron}": entry for entry in sorted(shown.active, key=lambda one: not one.label.named)}
    own = list(active)[:n]
    added = [key for key, _ in shown.choice.dials if key not in own and key in bundle.knobs]
    return [(bundle.knobs[key], active.get(key), True) for key in added] + [
        (bundle.knobs[key], active[key], False) for key in own
    ]
