"""The steps a visitor has taken, in their session and in the address bar: the present choice, undo and redo."""

import dataclasses
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeVar

import numpy as np
import streamlit as st

from knobs_core.base import ConfigError, quoted
from knobs_core.bundles import Bundle
from knobs_ui import heard, html
from knobs_ui.state.address import write_address
from knobs_ui.state.choice import MOST_DIALS, Choice
from knobs_ui.state.link import from_link, query, to_link

KEY, TOLD, BOUND = "timeline", "to be told", "bundle"
DRAFTS = "drafts"  # what an editor has in hand, see knobs_ui/studio
STUDY_CODE = "study code"  # by which somebody comes back to a study, see knobs_ui/study
OWN = (TOLD, DRAFTS, STUDY_CODE, heard.TAKEN)  # what stays a visitor's with any bundle
STEPS = 200  # steps that can be undone
Now = TypeVar("Now")


@dataclasses.dataclass(frozen=True)
class Timeline(Generic[Now]):
    """What is chosen now, with what lies before it and what was undone. passing: the present is one moment of a drag,
    which the next step replaces, so that the whole drag is one step."""

    now: Now
    past: tuple[Now, ...] = ()
    future: tuple[Now, ...] = ()
    passing: bool = False

    def step(self, now: Now, passing: bool = False) -> "Timeline[Now]":
        """The timeline after one more step."""
        if self.passing:
            return Timeline(now, self.past, passing=passing)
        if now == self.now:
            return self
        return Timeline(now, (*self.past, self.now)[-STEPS:], passing=passing)

    def undo(self) -> "Timeline[Now]":
        """The timeline one step back."""
        return Timeline(self.past[-1], self.past[:-1], (self.now, *self.future)) if self.past else self

    def redo(self) -> "Timeline[Now]":
        """The timeline with the step that was undone last."""
        return Timeline(self.future[0], (*self.past, self.now), self.future[1:]) if self.future else self


def timeline(bundle: Bundle) -> Timeline[Choice]:
    """The visitor's timeline; it begins with what the address bar says, else with a user the models have never seen.

    Where the session belongs to another bundle by now, the whole page runs again, with that one.
    """
    last = st.session_state.get(BOUND)
    if last is not None and last.id != bundle.id:
        st.rerun()
    if KEY not in st.session_state:
        choice, problems = from_link(bundle, st.query_params.to_dict())
        tell(problems)
        begin(bundle, choice)
    return st.session_state[KEY]


def begin(bundle: Bundle, choice: Choice | None = None) -> None:
    """Begin with a choice, without a step to take back; of nobody, with a user the models have never seen."""
    st.session_state[KEY] = Timeline(of_somebody(bundle, choice or Choice()))


def newcomer(bundle: Bundle) -> bool:
    """Whether nothing has been chosen yet."""
    return current(bundle) == of_somebody(bundle, Choice())


def current(bundle: Bundle) -> Choice:
    """The visitor's present choice."""
    return timeline(bundle).now


def change(bundle: Bundle, passing: bool = False, **fields: Any) -> None:
    """Replace some fields of the choice, as one step; passing: a moment of a drag that goes on."""
    st.session_state[KEY] = timeline(bundle).step(dataclasses.replace(current(bundle), **fields), passing)


def turn(bundle: Bundle, amounts: Mapping[str, object], passing: bool = False, instead: bool = False) -> None:
    """Set some dials, adding those that are new; instead: all others go.

    Raises:
        ConfigError: a knob that does not exist, an amount that is no number from -1 to 1, or more knobs than a board
            has; the choice stays as it was.
    """
    checked = {}
    for key, amount in amounts.items():
        if key not in bundle.knobs:
            raise ConfigError("a knob of this bundle", quoted(key), "choose one from the search")
        if (number := heard.number(amount, 1)) is None:
            raise ConfigError(f"a number from -1 to 1 for {quoted(key)}", "something else", "turn the knob anew")
        checked[key] = round(number, 4)
    dials = {**({} if instead else dict(current(bundle).dials)), **checked}
    if len(dials) > MOST_DIALS:
        raise ConfigError(f"at most {MOST_DIALS} knobs on the board", f"{len(dials):,}", "take some away first")
    change(bundle, passing, dials=tuple(dials.items()))


def rest(bundle: Bundle) -> None:
    """Bring all dials to rest; knobs that were added stay on the board."""
    change(bundle, dials=tuple((key, 0.0) for key, _ in current(bundle).dials))


def choose(bundle: Bundle, user_ids: tuple[str, ...] = (), item_ids: tuple[str, ...] = ()) -> None:
    """Choose a person, or nobody; dials that are turned stay so, for them."""
    somebody = of_somebody(bundle, Choice(user_ids, item_ids))
    change(bundle, user_ids=somebody.user_ids, item_ids=somebody.item_ids, dials=current(bundle).turned, seen=())


def undo(bundle: Bundle) -> None:
    """Take the last step back."""
    st.session_state[KEY] = timeline(bundle).undo()


def redo(bundle: Bundle) -> None:
    """Take the step that was undone last once more."""
    st.session_state[KEY] = timeline(bundle).redo()


def keep_link(bundle: Bundle) -> None:
    """Let the address bar hold the present choice, and say what is to be told; once a run, on every page."""
    write_address(query(to_link(bundle, current(bundle))))
    say_told()


def say_told() -> None:
    """Say what is to be told; once a run, on every page."""
    for text, icon in st.session_state.pop(TOLD, ()):
        st.toast(html.plain(text), icon=icon, duration="long")


def tell(texts: Iterable[str], icon: str = ":material/link_off:") -> None:
    """Let the page say these sentences together when it has run, which callbacks cannot do themselves."""
    if said := " ".join(texts):
        st.session_state.setdefault(TOLD, []).append((said, icon))


def of_somebody(bundle: Bundle, choice: Choice) -> Choice:
    """A choice as it is, or of the first user where it is of nobody; of an item where all have seen everything."""
    if choice.user_ids or choice.item_ids:
        return choice
    if user := _first_user(bundle):
        return dataclasses.replace(choice, user_ids=(user,))
    return dataclasses.replace(choice, item_ids=(str(bundle.interactions.item_ids[0]),))


@lru_cache(maxsize=2)
def _first_user(bundle: Bundle) -> str:
    """A test user of middling length, or else any; "" where nobody has an item left to see."""
    data = bundle.interactions
    likes = data.matrix.getnnz(axis=1)
    curious = np.flatnonzero(likes < data.n_items)
    chosen = np.intersect1d(bundle.split().test.users, curious)
    chosen = chosen if len(chosen) else curious
    return str(data.user_ids[chosen[abs(likes[chosen] - 40).argmin()]]) if len(chosen) else ""
