"""What a browser says, as far as it can be believed: anybody can forge the state of a component.

Each function takes a value of any type and size and gives it back as what is wanted, or None. Nothing is converted
before it is known to be small, and nothing that does not fit is kept or repeated.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import streamlit as st

from knobs_core.base import KnobsError

LONGEST = 1_000  # characters of a key, a name or a version
MOST = 1_000  # values in a list, entries in a table
TAKEN = "taken"  # in the session: by component, number of what was taken over last
LARGEST = 2**53  # of whole numbers; a browser has none beyond


def said(who: str) -> Mapping[str, Any]:
    """The state of a component by its key; empty where it has said nothing, or nothing that is a table."""
    return table(st.session_state.get(who)) or {}


def taken(key: str) -> int:
    """Number of what a component with this key has said and this session has taken over last, 0 for nothing: until it
    hears of it, the component says nothing else, and the same again."""
    kept = _taken()
    if (number := _number(key)) is not None:
        kept[key] = number
    return kept.get(key, 0)


@contextmanager
def once(key: str) -> Iterator[bool]:
    """Whether what a component with this key has done is new, and to be taken over in the block: a component says again
    what it has not heard of."""
    number, kept = _number(key), _taken()
    with _noted(kept, key, number):
        yield number is None or number != kept.get(key)


def _number(key: str) -> int | None:
    return whole(said(key).get("told"))


def _taken() -> dict[str, int]:
    """By component what was taken over last. A plain table in the session: Streamlit may end a run at any access to the
    session itself, and then a deed would be done and not noted."""
    kept: dict[str, int] = st.session_state.setdefault(TAKEN, {})
    return kept


@contextmanager
def turn(name: str, version: str | None) -> Iterator[bool]:
    """Whether the turn of this version is new, and to be taken over in the block. Where Streamlit ends the run before
    that is noted the next run takes it over, and finds what was done already."""
    new = bool(version) and version != st.session_state.get(name)
    with _noted(st.session_state, name, version if new else None):
        yield new


@contextmanager
def _noted(notes: MutableMapping[Any, Any], name: str, told: object) -> Iterator[None]:
    """Note that what was told is taken over, where it was anything, once the block has ended or has failed with an
    error that is told."""
    try:
        yield
    except KnobsError:
        if told is not None:
            notes[name] = told
        raise
    if told is not None:
        notes[name] = told


def table(value: object) -> dict[str, Any] | None:
    """A table of at most so many entries, with names of a length that names have; what is in it is looked at later."""
    if not isinstance(value, Mapping) or len(value) > MOST:
        return None
    return {name: one for name, one in value.items() if text(name) is not None}


def listed(value: object, most: int = MOST) -> list[Any] | None:
    """A list of at most so many values; these are looked at later."""
    return list(value) if isinstance(value, list | tuple) and len(value) <= most else None


def text(value: object, longest: int = LONGEST) -> str | None:
    """A text of at most so many characters."""
    return value if isinstance(value, str) and len(value) <= longest else None


def whole(value: object, low: int = 0, high: int = LARGEST) -> int | None:
    """A whole number from ``low`` to below ``high``; true and 1.0 are none."""
    return value if type(value) is int and low <= value < high else None


def number(value: object, most: float = 1e9) -> float | None:
    """A number no further from 0 than so much; true, what is not finite and what no float holds are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= most else None  # NaN is not


def key_or_place(value: object) -> str | int | None:
    """A knob's key, or an item's column."""
    return whole(value) if isinstance(value, int) else text(value)


def anything(value: object) -> int | None:
    """1 for whatever was said, where it does not matter what."""
    return None if value is None else 1


def yes(value: object) -> bool:
    """Whether it is true, and nothing else."""
    return value is True
