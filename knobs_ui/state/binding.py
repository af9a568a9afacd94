"""To which bundle a session belongs: all it keeps is of one, and goes over to the next once, by the rules of links.

A bundle may be exchanged while people have the app open. Neurons then have other numbers, and a user, an item or a map
may be gone. Undo and redo do not go over: what they would return to was another bundle's.
"""

import dataclasses
from collections.abc import Container

import numpy as np
import streamlit as st

from knobs_core.bundles import Bundle
from knobs_ui.state.choice import EVERYTHING, Choice, person_of
from knobs_ui.state.link import from_link, to_link
from knobs_ui.state.timeline import BOUND, KEY, begin, of_somebody, tell

TOLD = 5  # names that a sentence lists


def bound() -> Bundle | None:
    """The bundle that the session belongs to, None before it has met one."""
    return st.session_state.get(BOUND)


def key(name: str) -> str:
    """The key of a component whose messages are about the session's bundle. A message of a component that was mounted
    for another bundle has another key, and nobody hears it."""
    last = bound()
    return f"{name} of {last.id}" if last else name


def bind(bundle: Bundle, kept: Container[str] = ()) -> None:
    """Let the session belong to a bundle from now on; where it is another than before, say what does not go over.

    Args:
        kept: names in the session of what is the visitor's own, whichever bundle they look at.
    """
    last, line = bound(), st.session_state.get(KEY)
    if last is not None and last.id != bundle.id:
        for name in list(st.session_state):
            if name not in kept:
                del st.session_state[name]
        if line is not None:
            choice, lost = carried(last, bundle, line.now)
            begin(bundle, choice)
            tell([_sentence(lost)], ":material/model_training:")
    st.session_state[BOUND] = bundle


def carried(old: Bundle, new: Bundle, choice: Choice) -> tuple[Choice, list[str]]:
    """A choice of one bundle in another one, and in words what of it is not there."""
    link = to_link(old, choice)
    if old.interactions.source.slug != new.interactions.source.slug:  # its ids are other people's and other items'
        link = {name: text for name, text in link.items() if name not in ("user", "items", "seen")}
    here = from_link(new, link)[0]
    left_out = here.filters.left_out(new.interactions)
    if len(np.union1d(left_out, person_of(new, of_somebody(new, here)).taste.seen)) == new.interactions.n_items:
        here = dataclasses.replace(here, filters=EVERYTHING)
    data = old.interactions
    lost = [f"user {one}" for one in choice.user_ids if one not in here.user_ids]
    lost += [data.main_title(data.column_of[one]) for one in choice.item_ids if one not in here.item_ids]
    turned = dict.fromkeys(key for dials in (choice.dials, *choice.pins) for key, _ in dials)
    lost += [old.knobs[key].title for key in turned if not from_link(new, to_link(old, _alone(key)))[0].dials]
    if seen := len(choice.seen) - len(here.seen):
        lost.append(f"{old.words.count(seen)} that you had left out")
    return here, [*lost, *(["your filters"] if here.filters != choice.filters else [])]


def _alone(key: str) -> Choice:
    return Choice(dials=((key, 0.0),))


def _sentence(lost: list[str]) -> str:
    more = [f"{len(lost) - TOLD} more"] if len(lost) > TOLD else []
    names = ", ".join([*(name[:60] for name in lost[:TOLD]), *more])
    fate = f"not there any more: {names}" if lost else "all that you had is there"
    return f"The models were exchanged while you were here; {fate}."
