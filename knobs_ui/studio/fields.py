"""Fields of a recipe: each shows the draft and writes back into it; what would be no recipe is refused in a line, and
the field shows the draft again."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from knobs_core.base import KnobsError
from knobs_ui import html
from knobs_ui.studio import drafts


def field(name: str, what: str, value: Any, made: Callable[[Any], dict[str, Any]] | None = None) -> dict[str, Any]:
    """Key and callback of a widget that shows ``value`` and writes what is chosen back into the draft.

    made: the recipe's fields from what is chosen; by default the field of that name itself.
    """
    key = f"{name} {what}"
    st.session_state[key] = value

    def on_change() -> None:
        try:
            chosen = st.session_state[key]
            drafts.change(name, **(made(chosen) if made else {what: chosen}))
        except KnobsError as error:
            _refused(error)

    return {"key": key, "on_change": on_change}


def write(name: str, **fields: Any) -> None:
    """Write some fields into a draft."""
    try:
        drafts.change(name, **fields)
    except KnobsError as error:
        _refused(error)


def _refused(error: KnobsError) -> None:
    st.toast(html.plain(str(error)), icon=":material/error:")
