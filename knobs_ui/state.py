"""What a visitor has chosen: one frozen value in their session, replaced as a whole and never shared.

Widgets are views of it: they are filled from it and write back through the functions here. Every change is a step that
can be undone; the address bar always holds the present choice, so that a reload or a copied link finds it again.
"""

import dataclasses
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import streamlit as st

from knobs_core import knobs, people
from knobs_core.bundle import Bundle
from knobs_core.errors import ConfigError
from knobs_core.steering import Dial

KEY = "timeline"
STEPS = 200  # steps that can be undone
Dials = tuple[tuple[str, float], ...]


@dataclasses.dataclass(frozen=True)
class Choice:
    """Whose list it is and how the dials stand.

    user_ids: one user of the data set, or two to four for a group; empty for somebody built from item_ids
    dials: (knob key, amount) in the order in which they were added; see ``knobs_core.knobs.Knob``
    seen: items that were marked as already seen
    pinned: dials whose list stands on the left for comparison, or None for all dials at rest
    """

    user_ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    dials: Dials = ()
    seen: tuple[str, ...] = ()
    pinned: Dials | None = None

    def amount(self, key: str) -> float:
        return dict(self.dials).get(key, 0.0)

    @property
    def name(self) -> str:
        if not self.user_ids:
            return "Your own taste"
        return f"User {self.user_ids[0]}" if len(self.user_ids) == 1 else f"Users {', '.join(self.user_ids)} together"


@dataclasses.dataclass(frozen=True)
class Timeline:
    """The present choice with what lies before it and what was undone. passing: the present is one moment of a drag,
    which the next step replaces, so that the whole drag is one step."""

    now: Choice
    past: tuple[Choice, ...] = ()
    future: tuple[Choice, ...] = ()
    passing: bool = False

    def step(self, choice: Choice, passing: bool = False) -> "Timeline":
        if self.passing:
            return Timeline(choice, self.past, passing=passing)
        if choice == self.now:
            return self
        return Timeline(choice, (*self.past, self.now)[-STEPS:], passing=passing)

    def undo(self) -> "Timeline":
        return Timeline(self.past[-1], self.past[:-1], (self.now, *self.future)) if self.past else self

    def redo(self) -> "Timeline":
        return Timeline(self.future[0], (*self.past, self.now), self.future[1:]) if self.future else self


def timeline(bundle: Bundle) -> Timeline:
    """The visitor's timeline; it begins with what the address bar says, else with a user the models have never seen."""
    if KEY not in st.session_state:
        choice, problems = from_link(bundle, st.query_params.to_dict())
        for problem in problems:
            st.toast(problem, icon=":material/link_off:")
        if not choice.user_ids and not choice.item_ids:
            choice = dataclasses.replace(choice, user_ids=(_first_user(bundle),))
        st.session_state[KEY] = Timeline(choice)
    return st.session_state[KEY]


def current(bundle: Bundle) -> Choice:
    """The visitor's present choice."""
    return timeline(bundle).now


def change(bundle: Bundle, passing: bool = False, **fields) -> None:
    """Replace some fields of the choice, as one step; passing: a moment of a drag that goes on."""
    st.session_state[KEY] = timeline(bundle).step(dataclasses.replace(current(bundle), **fields), passing)


def turn(bundle: Bundle, amounts: Mapping[str, float], passing: bool = False) -> None:
    """Set some dials, adding those that are new.

    Raises:
        ConfigError: a knob that does not exist or an amount out of range; the choice stays as it was.
    """
    checked = {}
    for key, amount in amounts.items():
        knob = find(bundle, key)
        if knob is None or not isinstance(amount, (int, float)):
            raise ConfigError("a knob of this bundle with a number", f"'{key}'", "choose one from the search")
        checked[key] = Dial(knob.recipe, round(float(amount), 2), knob.name).amount
    change(bundle, passing, dials=tuple({**dict(current(bundle).dials), **checked}.items()))


def rest(bundle: Bundle) -> None:
    """Bring all dials to rest; knobs that were added stay on the board."""
    change(bundle, dials=tuple((key, 0.0) for key, _ in current(bundle).dials))


def choose(bundle: Bundle, user_ids: tuple[str, ...] = (), item_ids: tuple[str, ...] = ()) -> None:
    """Choose a person; dials that are turned stay so, for them."""
    dials = tuple((key, amount) for key, amount in current(bundle).dials if amount)
    change(bundle, user_ids=user_ids, item_ids=item_ids, dials=dials, seen=())


def undo(bundle: Bundle) -> None:
    """Take the last step back."""
    st.session_state[KEY] = timeline(bundle).undo()


def redo(bundle: Bundle) -> None:
    """Take the step that was undone last once more."""
    st.session_state[KEY] = timeline(bundle).redo()


def to_link(choice: Choice) -> dict[str, str]:
    """Query parameters that hold a choice."""
    written = {
        "user": ",".join(choice.user_ids),
        "items": ",".join(choice.item_ids),
        "dials": _write_dials(choice.dials),
        "seen": ",".join(choice.seen),
        "pinned": _write_dials(choice.pinned or ()),
    }
    return {name: value for name, value in written.items() if value}


def from_link(bundle: Bundle, parameters: Mapping[str, str]) -> tuple[Choice, list[str]]:
    """The choice that query parameters hold, and what in them could not be used, in words.

    Parameters come from anybody: unknown names and amounts out of range are left out and reported.
    """
    data, problems = bundle.interactions, []

    def known(name: str, among, what: str) -> tuple[str, ...]:
        wanted = [part for part in parameters.get(name, "").split(",") if part]
        problems.extend(
            f"The link names {what} '{part[:40]}', which is not here." for part in wanted if part not in among
        )
        return tuple(dict.fromkeys(part for part in wanted if part in among))

    def dials(name: str) -> Dials:
        read = {}
        for part in re.findall(r"(~?[^~]+)(?:~|$)", parameters.get(name, "")):  # a knob made of an item begins with ~
            key, _, amount = part.rpartition(":")
            try:
                read[key] = Dial(find(bundle, key).recipe, float(amount), key).amount
            except (AttributeError, ValueError, ConfigError):
                problems.append(f"The link holds a dial that is not here: '{part[:40]}'.")
        return tuple(read.items())

    user_ids = known("user", data.row_of, "user")[: people.GROUP_SIZE]
    choice = Choice(
        user_ids=user_ids,
        item_ids=() if user_ids else known("items", data.column_of, "item"),
        dials=dials("dials"),
        seen=known("seen", data.column_of, "item"),
        pinned=dials("pinned") or None,
    )
    return choice, problems


def keep_link(bundle: Bundle) -> None:
    """Write the present choice into the address bar."""
    link = to_link(current(bundle))
    if st.query_params.to_dict() != link:
        st.query_params.from_dict(link)


def dials_of(bundle: Bundle, dials: Dials) -> list[Dial]:
    """The dials that are turned, ready for steering."""
    found = ((find(bundle, key), amount) for key, amount in dials if amount)
    return [Dial(knob.recipe, amount, knob.name) for knob, amount in found]


def find(bundle: Bundle, key: str) -> knobs.Knob | None:
    """The knob of a key: from the catalogue, or one made of an item ("~" and its id)."""
    return _item_knob(bundle, key[1:]) if key.startswith("~") else knob_catalogue(bundle).get(key)


_item_knob = lru_cache(maxsize=1_000)(knobs.item_knob)


@lru_cache(maxsize=2)
def knob_catalogue(bundle: Bundle) -> Mapping[str, knobs.Knob]:
    """Every knob of the bundle by key; shared by all visitors and never changed."""
    return MappingProxyType(knobs.all_knobs(bundle))


def _write_dials(dials: Dials) -> str:
    return "~".join(f"{key}:{amount:g}" for key, amount in dials)


@lru_cache(maxsize=2)
def _first_user(bundle: Bundle) -> str:
    """A test user of middling length."""
    test = bundle.split().test.users
    likes = bundle.interactions.matrix[test].getnnz(axis=1)
    return bundle.interactions.user_ids[test[abs(likes - 40).argmin()]]
