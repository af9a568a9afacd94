"""User: choose somebody from the data set, or build a taste of your own by picking titles."""

import numpy as np
import pandas as pd
import streamlit as st

from knobs_core import knobs, people
from knobs_ui import cards, lists, loading, shell, state

shell.require_router()
bundle = loading.open_bundle()
data = bundle.interactions
N_PREVIEW, N_STARTERS = 12, 18
WAYS = ["Choose a user", "Build your own"]


def preview(history) -> None:
    """A person's taste: the knobs they light, and some of what they like."""
    active = knobs.active_knobs(bundle, bundle.nested.encode(history).code.z[0].cpu().numpy())
    chart, liked = st.columns([3, 2], gap="large")
    chart.subheader("What lights up", anchor=False, help="The strongest knobs, by their share of this person's code.")
    chart.plotly_chart(cards.taste_chart(active), config={"displayModeBar": False})
    liked.subheader("Some of the likes", anchor=False)
    known = history.indices[np.argsort(-item_likes[history.indices], kind="stable")][:N_PREVIEW]
    rows = [lists.Row(n, data.items["title"][i], lists.detail(data.items, i)) for n, i in enumerate(known, start=1)]
    liked.html(lists.ranked(rows, "Some of the likes"))


def title_of(column: int) -> str:
    title, year = data.items["title"][column], data.items["year"][column]
    return title if pd.isna(year) else f"{title} ({year})"


def columns_of(item_ids) -> list[int]:
    return pd.Index(data.item_ids).get_indexer(list(item_ids)).tolist()


def on_user() -> None:
    row = st.session_state["user"]
    if row is not None:
        state.change(bundle, user_id=data.user_ids[row], item_ids=())


def on_titles() -> None:
    chosen = st.session_state["titles"]
    if chosen:
        state.change(bundle, user_id=None, item_ids=tuple(data.item_ids[i] for i in chosen))


def on_starter() -> None:
    column = st.session_state["starter"]
    if column is not None:
        st.session_state["titles"] = [*st.session_state["titles"], column]
        st.session_state["starter"] = None
        on_titles()


user_likes, item_likes = loading.likes(bundle)
choice = state.current(bundle)
st.title("Whose list?", anchor=False)
way = st.segmented_control(
    "How", WAYS, default=WAYS[choice.user_id is None], key="way", label_visibility="collapsed", required=True
)
if way == WAYS[0]:
    rows = {user: row for row, user in enumerate(data.user_ids)}
    st.session_state.setdefault("user", rows.get(choice.user_id))
    row = st.selectbox(
        "User", range(len(rows)), key="user", on_change=on_user, placeholder="Type an id",
        format_func=lambda row: f"User {data.user_ids[row]} · {user_likes[row]:,} likes",
        help="Type to search. Likes are the titles this person rated highly.",
    )  # fmt: skip
    if row is None:
        st.info("Choose a user to see their taste.", icon=":material/person_search:")
        st.stop()
    history = people.history_of(data, data.user_ids[row])
else:
    popular = np.argsort(-item_likes, kind="stable").tolist()
    st.session_state.setdefault("titles", columns_of(choice.item_ids))
    chosen = st.multiselect(
        "Titles you like", popular, key="titles", on_change=on_titles, format_func=title_of,
        placeholder="Type a title", help="Type to search all titles. One is enough to start; five make a picture.",
    )  # fmt: skip
    st.pills(
        "Or click one that many people like", [i for i in popular if i not in chosen][:N_STARTERS], key="starter",
        on_change=on_starter, format_func=title_of,
    )  # fmt: skip
    if not chosen:
        st.info("Pick at least one title, and its knobs light up here.", icon=":material/touch_app:")
        st.stop()
    history = people.history_at(data, chosen)
if st.button("Open the panel for this taste", icon=":material/tune:", type="primary"):
    on_user() if way == WAYS[0] else on_titles()
    st.switch_page("pages/panel.py")
preview(history)
