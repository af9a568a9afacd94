"""What the board shows for a choice: the person, their taste in themes and in neurons, and the list beside others.

A view is worked out once a turn, whoever of the page asks for it, and kept in the visitor's own session.
"""

import dataclasses
import zlib
from typing import NamedTuple

import numpy as np
import streamlit as st

from knobs_core.bundles import Active, Bundle, Knob, Person, RecommendationList
from knobs_core.concepts import Theme
from knobs_core.steering import (
    Detents,
    Dial,
    Half,
    Recommendation,
    ReferenceRanking,
    Taste,
    detents,
    half_at,
    worths,
)
from knobs_ui import state
from knobs_ui.state import Choice, Dials

VIEW, AT_REST = "view", "at rest"  # in the session
N_THEMES = 16  # that are looked at: some are no knobs, or weak ones


class Scale(NamedTuple):
    """The scale of a dial for one person: its clicks, and from where on less than half of their own taste is left."""

    detents: Detents
    half: Half


@dataclasses.dataclass(frozen=True)
class AtRest:
    """What no turn of a dial changes.

    person: with what they have seen and what the filters leave out; ranked: their items, the best first
    active: their neurons, strongest first
    themes: their profile, those first that a like carries, as few likes vouch for little else; neuron_themes: that of
        single neurons
    because: (n_items,) the like that speaks most for each item
    worths: (n_members, n_items) of a group, see ``steering/groups.py``
    scales: of the dials that were looked at, by key; see ``scale``
    """

    person: Person
    ranked: ReferenceRanking
    active: list[Active]
    themes: list[Theme]
    neuron_themes: list[Theme]
    because: np.ndarray
    worths: np.ndarray
    scales: dict[str, Scale] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class View:
    """A choice with what follows from it in a bundle."""

    bundle_id: str
    choice: Choice
    at_rest: AtRest
    found: RecommendationList

    @property
    def person(self) -> Person:
        """Whose list it is."""
        return self.at_rest.person

    @property
    def active(self) -> list[Active]:
        """Their active neurons, strongest first."""
        return self.at_rest.active

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
        """Short hash of bundle and choice, by which the board knows what belongs together."""
        return f"{zlib.crc32(repr((self.bundle_id, self.choice)).encode()):x}"

    def scale(self, knob: Knob) -> Scale:
        """The scale of a dial for this person; worked out once."""
        scales = self.at_rest.scales
        if knob.key not in scales:
            engine, dial, n = self.person.engine, knob.dial(1.0), self.choice.n
            half = half_at(engine, self.taste, dial, n) if engine.linear else Half(None, None)
            scales[knob.key] = Scale(detents(engine, self.taste, dial, n), half)
        return scales[knob.key]

    def list_with(self, bundle: Bundle, dials: Dials) -> Recommendation:
        """This person's list with other dials, beside the one at rest."""
        turned, at_rest = state.dials_of(bundle, dials), self.at_rest
        return self.person.recommend(turned, self.choice.n, reference=at_rest.ranked).recommendation


def view(bundle: Bundle) -> View:
    """The view of the visitor's present choice."""
    choice = state.current(bundle)
    key = (bundle.id, bundle.names_id, bundle.nested.device, choice)
    kept = st.session_state.get(VIEW)
    if not kept or kept[0] != key:
        rest = _at_rest(bundle, choice)
        found = rest.person.recommend(state.dials_of(bundle, choice.dials), choice.n, reference=rest.ranked)
        kept = st.session_state[VIEW] = (key, View(bundle.id, choice, rest, found))
    return kept[1]


def _at_rest(bundle: Bundle, choice: Choice) -> AtRest:
    key = (bundle.id, bundle.names_id, bundle.nested.device, dataclasses.replace(choice, dials=()))
    kept = st.session_state.get(AT_REST)
    if not kept or kept[0] != key:
        whole = state.person_of(bundle, choice)
        left_out = bundle.interactions.item_ids[choice.filters.left_out(bundle.interactions)]
        person = state.person_of(bundle, choice, left_out) if len(left_out) else whole
        rest = AtRest(
            person,
            ReferenceRanking(person.taste.base, person.taste.seen),
            whole.neurons(),
            sorted(whole.themes(N_THEMES), key=lambda theme: not theme.carried),
            whole.themes(N_THEMES, neurons=True),
            whole.because(),
            worths(bundle.engine, whole.history, choice.n) if len(choice.user_ids) > 1 else np.empty((0, 0)),
        )
        kept = st.session_state[AT_REST] = (key, rest)
    return kept[1]


def fits(bundle: Bundle, choice: Choice) -> bool:
    """Whether the filters of a choice leave anything to recommend."""
    left = np.union1d(choice.filters.left_out(bundle.interactions), state.person_of(bundle, choice).taste.seen)
    return len(left) < bundle.interactions.n_items
