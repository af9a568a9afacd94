"""Mood: what a visitor says they are in the mood for, read as chips that propose dials, and knobs found by meaning.

Both stay in the visitor's own session until the next one; nothing is turned by reading.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from knobs_core.base import KnobsError, visible
from knobs_core.bundles import Bundle, Knob
from knobs_ui import heard as check
from knobs_ui.board.knobs import about, typical

if TYPE_CHECKING:  # what reads sentences is loaded when the first one is said
    from knobs_core.sentences import Index, Near

READING, FOUND = "what was read", "what was sought"  # in the session
LONGEST = 300  # characters of a sentence
SURE = 0.72  # certainty from which on a chip is no guess: what is less was taken as nothing else was understood
MEANT = 6  # knobs found by meaning, at most

WHY = {
    "title": "as a title",
    "decade": "as a decade",
    "name": "by its name",
    "saying": "as people say it",
    "meaning": "by what it means",
}


class Moved(NamedTuple):
    """What chips come to. amounts: {knob key: amount}; instead: whether all other dials go."""

    amounts: dict[str, float]
    instead: bool


def say(bundle: Bundle, sentence: str) -> None:
    """Read a sentence; what comes of it is shown in the next run."""
    from knobs_core.sentences import read

    said = visible(sentence).strip()[:LONGEST]
    loading = _index(bundle)
    try:
        loading.result()
        found = read(bundle, said)
    except KnobsError as error:
        _loading.clear()
        st.session_state[READING] = {"sentence": sentence, "chips": [], "nothing": [], "problem": visible(str(error))}
        return
    chips = [
        {
            "key": chip.key,
            "name": visible(chip.name),
            "amount": chip.amount,
            "said": visible(chip.said),
            "sure": chip.certainty >= SURE,
            "why": f"read {WHY[chip.by]}" + (f", {chip.certainty:.0%} alike" if chip.by == "meaning" else ""),
            "others": [_named(bundle.knobs[key]) for key in chip.others],
        }
        for chip in found.chips
    ]
    nothing = [visible(part) for part in found.nothing]
    st.session_state[READING] = {"sentence": sentence, "chips": chips, "nothing": nothing, "problem": ""}


def unsay() -> None:
    """Forget what was read."""
    st.session_state.pop(READING, None)


def prepare(bundle: Bundle) -> None:
    """Begin to load what reads sentences, as somebody is about to say one."""
    _index(bundle)


def seek(bundle: Bundle, text: str) -> None:
    """Find knobs by meaning; they are shown in the next run. While the text model is being loaded, there are none."""
    from knobs_core.sentences import SOUGHT

    loading = _index(bundle)
    near: list[Near] = []
    if loading.done() and text.strip():
        try:
            near = loading.result().near([visible(text)[:LONGEST]], MEANT)[0]
        except KnobsError:  # names are found without it
            _loading.clear()
    found = [one.knob for one in near if one.likeness >= SOUGHT]
    knobs = [{**_named(knob), "gloss": about(bundle, knob.key).gloss} for knob in found]
    titles = dict.fromkeys(int(column) for knob in found for column in typical(bundle, knob.key))
    last = st.session_state.get(FOUND) or {}
    later = 0 if loading.done() else 1 + (last["later"] if last.get("text") == text else 0)
    st.session_state[FOUND] = {"text": text, "knobs": knobs, "items": [*titles], "later": later}


def _index(bundle: Bundle) -> "Future[Index]":
    return _loading(bundle.id, bundle.names_id, bundle)


@st.cache_resource(show_spinner=False, max_entries=2)
def _loading(bundle_id: str, names_id: str, _bundle: Bundle) -> "Future[Index]":
    """The index of a bundle, made in a thread of its own: it takes seconds, and nobody who types waits for it."""

    def load() -> "Index":
        from knobs_core.sentences import index_of

        index = index_of(_bundle)
        index.near(["ready"], 1)
        return index

    with_one = ThreadPoolExecutor(1, thread_name_prefix="knobs-words")
    try:
        return with_one.submit(load)
    finally:
        with_one.shutdown(wait=False)


def mood_data() -> dict[str, Any]:
    """What the browser is told of it."""
    return {"reading": st.session_state.get(READING), "sought": st.session_state.get(FOUND)}


def moved(told: dict[str, Any]) -> Moved:
    """What a browser says of its chips, as far as it can be believed."""
    amounts = check.table(told.get("amounts")) or {}
    numbers = {key: check.number(amount, 1) for key, amount in amounts.items()}
    return Moved({key: one for key, one in numbers.items() if one is not None}, check.yes(told.get("instead")))


def _named(knob: Knob) -> dict[str, str]:
    return {"key": knob.key, "name": visible(knob.title)}
