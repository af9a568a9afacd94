"""Names for titles that somebody put together, from an open vocabulary: proposed, with what speaks for each."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import streamlit as st

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_ui import html

LUCK = 0.05  # share of made-up groups with as good a name, from which on one says nothing
WANTED = "group to be named"  # in the session: key and items of the last one


def offer(bundle: Bundle, items: Sequence[str], key: str, use: Callable[[str], None] | None = None) -> None:
    """A button that looks for names for some items, and those that were found.

    Args:
        items: ids; key: of the place on the page; use: what a name is for, called with the one that is chosen.
    """
    many = bundle.words.many
    st.button(
        "Suggest a name", key=f"{key} suggest", icon=":material/label:", on_click=_want, args=(key, tuple(items)),
        help=html.plain(f"Words that half of these {many} suggest, judged by the other half."),
    )  # fmt: skip
    if st.session_state.get(WANTED) != (key, tuple(items)):
        return
    try:
        with st.spinner("Looking for words; the first time takes up to a minute"):
            names = _names(bundle, tuple(items))
    except KnobsError as error:
        st.warning(html.plain(str(error)))
        return
    held = [one for one in names if one[2] < LUCK]
    if not held:
        st.html(html.note(f"No words fit these {many} better than words fit {many} thrown together."))
        return
    st.html(html.note(
        f"Of two {many}, one of these and another, how often the words point at the right one; and how often {many} "
        "thrown together have words as good."
    ))  # fmt: skip
    st.html(html.names(f"{name}: {score:.0%}; by luck {by_luck:.0%}" for name, score, by_luck in held))
    if use:
        for place, (name, *_) in enumerate(held):
            st.button(html.plain(f"Call it “{name}”"), key=f"{key} name {place}", on_click=use, args=(name,))


def _want(key: str, items: tuple[str, ...]) -> None:
    st.session_state[WANTED] = (key, items)


@lru_cache(maxsize=64)
def _names(bundle: Bundle, items: tuple[str, ...]) -> list[tuple[str, float, float]]:
    from knobs_core.bundles import name_group

    return name_group(bundle, items)
