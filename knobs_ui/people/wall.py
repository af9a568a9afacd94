"""The way in: a wall of titles that many people know, a search, and what follows from each pick.

A component of its own (assets/wall). It is told what is picked, the themes of that taste and the first rows of the
list; it says what is picked next, whom to become, what the browser remembers, and when to open the panel.
"""

from typing import Any

import numpy as np
import streamlit as st

from knobs_core.base import visible
from knobs_core.bundles import Bundle
from knobs_core.concepts import Theme
from knobs_ui import board, front_end, heard, state
from knobs_ui.board import catalogue, view
from knobs_ui.kinds import kinds
from knobs_ui.people import memory
from knobs_ui.people.famous import famous
from knobs_ui.people.lines import people, unlike
from knobs_ui.server import likes

N_LIT, N_DEALT, N_SURE = 6, 7, 3  # themes and rows beside the wall, and themes that a like carries which are enough
MOST_PICKS = 200
VERSION, MET = "wall version", "people met"  # in the session
EVENTS = ("open", "user", "forget", "missing", "seek")

_wall = st.components.v2.component(
    "knobs_wall",
    html=front_end.text("wall/wall.html"),
    css=front_end.text("wall/wall.css"),
    js=front_end.module("wall/wall.js"),
)


def wall(bundle: Bundle) -> None:
    """Mount the wall; what it says is taken over by ``take_over`` in the next run."""
    listeners: dict[str, Any] = {f"on_{name}_change": lambda: None for name in ("picks", "memory", *EVENTS)}
    _wall(key=state.key("wall"), data=wall_data(bundle), **listeners)


def take_over(bundle: Bundle) -> str:
    """Take over what the wall says; it comes from a browser, so it is checked here.

    Returns:
        ``"open"`` where the panel is to be opened, else ``""``.
    """
    said = heard.said(state.key("wall"))
    if said.get("missing") is not None:
        board.send_again()
    if (sought := heard.text(said.get("seek"))) is not None:
        board.seek(bundle, sought)
    if said.get("memory") is not None and memory.ASKED not in st.session_state:
        memory.take_back(bundle, said["memory"])
    picks = heard.table(said.get("picks")) or {}
    items = heard.listed(picks.get("items"))
    with heard.turn(VERSION, heard.text(picks.get("version")) if items is not None else None) as new:
        if new and items is not None:
            state.choose(bundle, item_ids=_known(bundle, items))
    if said.get("forget") is not None:
        memory.forget(bundle)
    somebody = said.get("user")
    if isinstance(somebody, str) and somebody in bundle.interactions.row_of:
        state.choose(bundle, user_ids=(somebody,))
        return "open"
    return "open" if said.get("open") is not None else ""


def wall_data(bundle: Bundle) -> dict[str, Any]:
    """What the wall is told, titles for its search handed over as blobs; see ``WallData`` in assets/shared/types.js."""
    data, choice = bundle.interactions, state.current(bundle)
    found = None if data.n_items <= catalogue.WHOLE else np.argsort(-likes(bundle)[1], kind="stable")[: catalogue.WHOLE]
    new, returned = state.newcomer(bundle), st.session_state.get(memory.RETURNED)
    told: dict[str, Any] = {
        "version": st.session_state.get(VERSION, ""),
        "place": memory.place(bundle),
        "memory": memory.memory(bundle),
        "ask": memory.ASKED not in st.session_state and new,
        "returned": returned is not None,
        "note": returned or "",
        "items": board.send_items(bundle, found),
        "likes": board.send_rows(f"likes {bundle.id}", lambda: likes(bundle)[1][None]),
        "search": f"Or type any {bundle.words.one}"
        if found is None
        else f"Or type one of the {len(found):,} most liked {bundle.words.many}",
        "sought": board.mood_data()["sought"],
        "covers": _covers(bundle, famous(bundle)),
        "picked": [] if choice.user_ids else _covers(bundle, [data.column_of[item] for item in choice.item_ids]),
        "people": [{"id": one.user_id, "line": one.line} for one in unlike(bundle)] if MET in st.session_state else [],
        "who": "",
        "line": "",
        "themes": [],
        "list": [],
    }
    if new or (choice.user_ids and returned is None):
        return told
    shown = view(bundle)
    if choice.user_ids:
        lines = [people(bundle)[one].line for one in choice.user_ids if one in people(bundle)]
        told |= {"who": choice.name(data), "line": " · ".join(lines)}
    themes = lit(shown.at_rest.themes)
    return told | {
        "themes": [
            {"key": one.key, "name": visible(bundle.knobs.title_of(one.key)), "because": _because(bundle, one)}
            for one in themes
        ],
        "list": _covers(bundle, shown.result.items[:N_DEALT]),
    }


def lit(themes: list[Theme]) -> list[Theme]:
    """The themes that light up: those that a like carries, as few titles vouch for little else; others where there are
    hardly any."""
    carried = [theme for theme in themes if theme.carried]
    others = [theme for theme in themes if not theme.carried]
    return [*carried, *others[: max(0, N_SURE - len(carried))]][:N_LIT]


def strangers() -> bool:
    """Whether the people of the data set are not on this visitor's wall yet."""
    return MET not in st.session_state


def meet(bundle: Bundle) -> None:
    """Get to know the people of the data set, which takes seconds on a fresh server."""
    unlike(bundle)
    st.session_state[MET] = True


def _covers(bundle: Bundle, columns: Any) -> list[dict[str, Any]]:
    data, kind = bundle.interactions, kinds(bundle)
    return [
        {
            "item": item,
            "title": visible(data.main_title(item)),
            "full": visible(str(data.items["title"].iat[item])),
            "detail": visible(data.detail(item)),
            "kind": int(kind.of[item]),
            "hue": kind.hue(item),
        }
        for item in map(int, columns)
    ]


def _because(bundle: Bundle, theme: Theme) -> str:
    return visible(", ".join(bundle.interactions.main_title(item) for item in theme.because[:3]))


def _known(bundle: Bundle, items: list[Any]) -> tuple[str, ...]:
    """Ids of the columns that a browser names, of those that exist."""
    n = bundle.interactions.n_items
    columns = dict.fromkeys(item for item in items if heard.whole(item, 0, n) is not None)
    return tuple(bundle.interactions.item_ids[item] for item in [*columns][:MOST_PICKS])
