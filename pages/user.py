"""User: pick three titles you love, become somebody of the data set, or bring people together."""

import numpy as np
import streamlit as st

from knobs_ui import shell

shell.require_router()

from knobs_core.base import quoted, visible
from knobs_core.data import GROUP_SIZE
from knobs_ui import board, cards, html, people, server, state

bundle = shell.open_bundle()
data, many = bundle.interactions, html.plain(bundle.words.many)
N_PREVIEW = 12
WAYS = ["Pick three", "One user", "Group night"]


def preview(person) -> None:
    """A person's taste: its themes, the neurons they activate, and some of what they like."""
    own, active = np.unique(person.history.indices), person.neurons()
    chart, liked = st.columns([3, 2], gap="large")
    found = person.themes()
    chart.subheader("Themes", anchor=False, help="How much more of a theme this taste is expected to hold than the "
                    f"average one: 2 is three times as much. Few {many} say little, and list few themes.")  # fmt: skip
    chart.html(cards.themes(bundle, found) if found else html.note(f"No theme stands out yet: a few more {many} help."))
    chart.subheader("Strongest neurons", anchor=False, help="The active neurons, by their share of this person's code.")
    chart.markdown(cards.named_line(active), help="The share counts how strongly each neuron is active. A neuron has a "
                   f"name where a tag passes the test on {many} held out, or where its owner gave it one.")  # fmt: skip
    chart.html(cards.taste(active, data.items["title"].tolist()))
    liked.subheader("Some of the likes", anchor=False)
    known = own[np.argsort(-server.likes(bundle)[1][own], kind="stable")][:N_PREVIEW]
    rows = [html.Row(n, data.main_title(i), data.detail(i)) for n, i in enumerate(known, start=1)]
    liked.html(html.ranked(rows, "Some of the likes"))


@st.fragment
def pick_three() -> None:
    """The wall, and what is known of the taste that is picked; it re-runs alone with every pick."""
    shell.stay(bundle)
    if people.take_over(bundle) == "open":
        st.switch_page("pages/panel.py")
    people.wall(bundle)
    if not people.strangers():
        board.send_off("titles")
    if state.newcomer(bundle):
        st.query_params.clear()
        return
    state.keep_link(bundle)
    more = st.expander("What is behind it: all themes, neurons, likes", on_change="rerun")
    if more.open:
        with more:
            preview(board.view(bundle).person)


def described(user_id: str) -> str:
    """Somebody in a list: their taste in words, then their name."""
    one = met.get(user_id)
    return visible(f"{one.line} · User {user_id} · {one.n_likes:,} likes" if one else f"User {user_id}")


def on_users(key: str) -> None:
    said = st.session_state[key]
    said = said if isinstance(said, list) else [said] if said else []
    here = tuple(user_id for user_id in said if user_id in data.row_of)
    if len(here) > (key == "group") and here != state.current(bundle).user_ids:
        state.choose(bundle, user_ids=here)


def one_user() -> list[str]:
    st.session_state.setdefault("user", chosen[0] if chosen else None)
    user_id = st.selectbox(
        "User", list(met), key="user", on_change=on_users, args=("user",), format_func=described,
        filter_mode="contains", placeholder=f"Type a theme, {bundle.words.a} or an id",
        accept_new_options=len(met) < data.n_users,
        help=f"{len(met):,} of {data.n_users:,} people are listed; any other is found by the whole id.",
    )  # fmt: skip
    return [user_id] if user_id else []


def group() -> list[str]:
    st.session_state.setdefault("group", list(chosen))
    return st.multiselect(
        "Two to four people", list(met), key="group", on_change=on_users, args=("group",), format_func=described,
        filter_mode="contains", select_all=False, max_selections=GROUP_SIZE,
        placeholder=f"Type a theme, {bundle.words.a} or an id", accept_new_options=len(met) < data.n_users,
        help="Everybody counts alike, however much they like. The panel then shows how well each is served.",
    )  # fmt: skip


def choose_people(way: str) -> None:
    """One user or a group, and what is known of their taste."""
    st.title("Whose list?", anchor=False)
    user_ids = one_user() if way == WAYS[1] else group()
    strange = [user_id for user_id in user_ids if user_id not in data.row_of]
    if strange:
        st.error(f"No user here is called {html.plain(quoted(strange[0]))}.", icon=":material/person_off:")
    elif len(user_ids) <= (way == WAYS[2]):
        empty = "Choose a user" if way == WAYS[1] else "Choose at least two people"
        st.info(f"{empty}, and the themes of that taste appear here.", icon=":material/touch_app:")
    else:
        if st.button("Open the panel for this taste", icon=":material/tune:"):
            on_users("user" if way == WAYS[1] else "group")
            st.switch_page("pages/panel.py")
        state.keep_link(bundle)
        people.remember(bundle)
        preview(bundle.person(user_ids[0]) if way == WAYS[1] else bundle.person(users=user_ids))


chosen = () if state.newcomer(bundle) else state.current(bundle).user_ids
now = WAYS[min(len(chosen), 2)]
way = st.segmented_control("How", WAYS, default=now, key="way", label_visibility="collapsed", required=True)
if way != WAYS[0]:
    met = people.people(bundle)
    choose_people(way)
else:
    pick_three()
    if people.strangers():  # they join the wall, which does not wait for them
        shell.flush()
        people.meet(bundle)
        st.rerun()
