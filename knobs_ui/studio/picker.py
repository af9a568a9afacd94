"""Finding an item by a few letters, and lists of items that can be taken out again."""

from collections.abc import Callable, Sequence

import streamlit as st

from knobs_core.base import quoted
from knobs_core.bundles import Bundle
from knobs_core.data import search_items
from knobs_ui import html

MOST = 8  # items that a search offers
RECIPE = "recipe"  # in the address of a recipe's page


def pick(
    bundle: Bundle, key: str, label: html.Markdown, picked: Callable[[str], None], without: Sequence[str] = ()
) -> None:
    """A field in which an item is looked for, and below it what was found; a click picks it.

    Args:
        key: of the widgets; label: of the field; picked: is called with the id, within a callback.
        without: ids that are not offered.
    """
    data = bundle.interactions
    typed = st.text_input(label, key=f"{key} typed", placeholder=f"Type {bundle.words.a}, press Enter", max_chars=100)
    columns = [column for column in search_items(data, typed, MOST) if data.item_ids[column] not in without]
    if typed and not columns:
        st.html(html.note(f"Nothing here is called {quoted(typed)}."))

    def on_pick(column: int) -> None:
        picked(str(data.item_ids[column]))
        st.session_state[f"{key} typed"] = ""

    with st.container(horizontal=True, gap="small"):
        for column in columns:
            st.button(html.plain(data.title_with_year(column)), key=f"{key} found {column}", on_click=on_pick,
                      args=(column,))  # fmt: skip


def listed(bundle: Bundle, key: str, items: Sequence[str], drop: Callable[[str], None]) -> None:
    """Items under each other, each with a button that takes it out; ids that the bundle does not have stand as they
    are."""
    for item in items:
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(html.plain(title(bundle, item)))
            st.button("", key=f"{key} drop {item}", icon=":material/close:", help="Take out", on_click=drop,
                      args=(item,), type="tertiary")  # fmt: skip


def title(bundle: Bundle, item: str) -> str:
    """What an item is called, or its id where the bundle does not have it."""
    column = bundle.interactions.column_of.get(item)
    return f"{item} (not there any more)" if column is None else bundle.interactions.title_with_year(column)
