"""User: choose somebody from the data set, or build a taste of your own by picking titles."""

import numpy as np
import pandas as pd
import streamlit as st

from knobs_core import knobs, people
from knobs_ui import cards, lists, loading, shell, state

shell.require_router()
bundle = loading.open_bundle()
data = bundle.interactions
N_PREVIEW, N_STARTERS = 12, 24


@st.cache_data(show_spinner=False)
def likes_of(checksum: str, kind: str) -> np.ndarray:
    """Likes a user or an item has."""
    return data.matrix.getnnz(axis=1 if kind == "users" else 0)


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


def pick(**fields) -> None:
    """Make this person the one whose list the Panel shows."""
    state.change(bundle, **fields)


checksum = bundle.manifest["source"]["checksum"]
user_likes, item_likes = likes_of(checksum, "users"), likes_of(checksum, "items")
choice = state.current(bundle)

st.title("Whose list?", anchor=False)
ways = ["Choose a user", "Build your own"]
way = st.segmented_control(
    "How", ways, default=ways[choice.user_id is None], label_visibility="collapsed", required=True
)
if way == ways[0]:
    ids = list(data.user_ids)
    row = st.selectbox(
        "User", range(len(ids)), index=ids.index(choice.user_id) if choice.user_id in ids else None,
        format_func=lambda row: f"User {ids[row]} · {user_likes[row]:,} likes",
        placeholder="Type an id", help="Type to search. The likes are the titles this person rated highly.",
    )  # fmt: skip
    if row is None:
        st.info("Choose a user to see their taste.", icon=":material/person_search:")
        st.stop()
    pick(user_id=ids[row], item_ids=())
    history = people.history_of(data, ids[row])
else:
    popular = np.argsort(-item_likes, kind="stable")
    columns = st.multiselect(
        "Titles you like", popular.tolist(), format_func=title_of, placeholder="Type a title",
        default=[int(np.flatnonzero(data.item_ids == item)[0]) for item in choice.item_ids],
        help="Type to search all titles. One is enough to start; five make a picture.",
    )  # fmt: skip
    columns += st.pills(
        "Or click some that many people like", popular[:N_STARTERS].tolist(), selection_mode="multi",
        format_func=title_of,
    )  # fmt: skip
    if not columns:
        st.info("Pick at least one title, and its knobs light up here.", icon=":material/touch_app:")
        st.stop()
    columns = list(dict.fromkeys(columns))
    pick(user_id=None, item_ids=tuple(data.item_ids[i] for i in columns))
    history = people.history_at(data, columns)
st.page_link("pages/panel.py", label="Open the panel for this taste", icon=":material/tune:")
preview(history)
