"""User: choose somebody from the data set, build a taste of your own by picking titles, or bring people together."""

import numpy as np
import pandas as pd
import streamlit as st

from knobs_ui import shell

shell.require_router()

from knobs_core.bundles import active_neurons
from knobs_core.data import GROUP_SIZE, history_at, history_of, history_of_group
from knobs_ui import cards, html, server, state

bundle = server.open_bundle()
data = bundle.interactions
N_PREVIEW, N_STARTERS = 12, 18
WAYS = ["One user", "Build your own", "Group night"]


def preview(history) -> None:
    """A person's taste: its themes, the neurons they activate, and some of what they like."""
    taste, own = bundle.engine.taste(history), np.unique(history.indices)
    active, titles = active_neurons(bundle.labels, taste.z), data.items["title"].tolist()
    chart, liked = st.columns([3, 2], gap="large")
    found = bundle.themes.read(taste, own)
    chart.subheader("Themes", anchor=False, help="How much more of a theme this taste is expected to hold than the "
                    "average one: 2 is three times as much. Few titles say little, and list few themes.")  # fmt: skip
    chart.html(cards.themes(bundle, found) if found else html.note("No theme stands out yet: a few more titles help."))
    chart.subheader("Strongest neurons", anchor=False, help="The active neurons, by their share of this person's code.")
    chart.markdown(cards.named_line(active), help="The share counts how strongly each neuron is active. A neuron has a "
                   "name where a tag passes the test on titles held out, or where its owner gave it one.")  # fmt: skip
    chart.html(cards.taste(active, titles))
    liked.subheader("Some of the likes", anchor=False)
    known = own[np.argsort(-item_likes[own], kind="stable")][:N_PREVIEW]
    rows = [html.Row(n, titles[i], data.detail(i)) for n, i in enumerate(known, start=1)]
    liked.html(html.ranked(rows, "Some of the likes"))


def user_of(row: int) -> str:
    taste = server.tastes(bundle)[row]
    return f"User {data.user_ids[row]} · {user_likes[row]:,} likes" + (f" · {taste}" if taste else "")


def on_users(key: str) -> None:
    rows = st.session_state[key]
    rows = rows if isinstance(rows, list) else [] if rows is None else [rows]
    if len(rows) > (key == "group"):
        state.choose(bundle, user_ids=tuple(data.user_ids[row] for row in rows))


def on_titles() -> None:
    chosen = st.session_state["titles"]
    if chosen:
        state.choose(bundle, item_ids=tuple(data.item_ids[i] for i in chosen))


def on_starter() -> None:
    column = st.session_state["starter"]
    if column is not None:
        st.session_state["titles"] = [*st.session_state["titles"], column]
        st.session_state["starter"] = None
        on_titles()


def one_user():
    st.session_state.setdefault("user", rows_of(choice.user_ids)[0] if choice.user_ids else None)
    row = st.selectbox(
        "User", range(len(data.user_ids)), key="user", on_change=on_users, args=("user",), format_func=user_of,
        placeholder="Type an id or a taste", help="Type an id, or what they like most.",
    )  # fmt: skip
    return None if row is None else history_of(data, data.user_ids[row])


def own_taste():
    popular = np.argsort(-item_likes, kind="stable").tolist()
    columns = pd.Index(data.item_ids).get_indexer(list(choice.item_ids)).tolist()
    st.session_state.setdefault("titles", columns)
    chosen = st.multiselect(
        "Titles you like", popular, key="titles", on_change=on_titles, format_func=data.title_with_year,
        placeholder="Type a title", help="Type to search all titles. One is enough to start; five make a picture.",
    )  # fmt: skip
    st.pills(
        "Or click one that many people like", [i for i in popular if i not in chosen][:N_STARTERS], key="starter",
        on_change=on_starter, format_func=data.title_with_year,
    )  # fmt: skip
    return history_at(data, chosen) if chosen else None


def group():
    st.session_state.setdefault("group", rows_of(choice.user_ids))
    rows = st.multiselect(
        "Two to four people", range(len(data.user_ids)), key="group", on_change=on_users, args=("group",),
        format_func=user_of, max_selections=GROUP_SIZE, placeholder="Type an id or a taste",
        help="Everybody counts alike, however much they like. The panel then shows how well each is served.",
    )  # fmt: skip
    return history_of_group(data, [data.user_ids[row] for row in rows]) if len(rows) > 1 else None


def rows_of(user_ids) -> list[int]:
    return pd.Index(data.user_ids).get_indexer(list(user_ids)).tolist()


user_likes, item_likes = server.likes(bundle)
choice = state.current(bundle)
st.title("Whose list?", anchor=False)
now = WAYS[1] if not choice.user_ids else WAYS[2 * (len(choice.user_ids) > 1)]
way = st.segmented_control("How", WAYS, default=now, key="way", label_visibility="collapsed", required=True)
history = {WAYS[0]: one_user, WAYS[1]: own_taste, WAYS[2]: group}[way]()
if history is None:
    empty = {WAYS[0]: "Choose a user", WAYS[1]: "Pick at least one title", WAYS[2]: "Choose at least two people"}[way]
    st.info(f"{empty}, and the knobs of that taste appear here.", icon=":material/touch_app:")
    st.stop()
if st.button("Open the panel for this taste", icon=":material/tune:"):
    on_titles() if way == WAYS[1] else on_users("user" if way == WAYS[0] else "group")
    st.switch_page("pages/panel.py")
state.keep_link(bundle)
preview(history)
