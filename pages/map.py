"""Map: where tastes move when a knob turns. One person, a crowd, or the neurons themselves."""

import streamlit as st

from knobs_ui import shell

shell.require_router()

from knobs_core.bundles import mixture_key
from knobs_ui import atlas, board, cards, html, search, server, state
from knobs_ui.board import shown_knobs, view

bundle = server.open_bundle()
titles = bundle.interactions.items["title"]
VIEWS = ["Your taste", "Crowd", "Neurons"]
N_KNOBS, N_LISTED, LASSO_AMOUNT = 4, 200, 0.5


def taste(shown) -> dict:
    """One person's marker and trail, and what is true of them beside it."""
    way = atlas.journey(bundle, shown)
    st.html(atlas.tables(bundle, way))
    return atlas.taste_data(bundle, shown, way)


def everybody(shown) -> dict:
    """A thousand people and where these dials take them."""
    places = atlas.moved(bundle, shown.dials)
    st.html(atlas.table(bundle, places))
    return atlas.crowd_data(bundle, places, shown.dials)


def neurons() -> dict:
    """The neurons; the dead ones are listed."""
    dead = [label for label in bundle.labels if not label.alive]
    st.markdown(f"**{len(bundle.labels) - len(dead):,} live neurons**", help=(
        "Placed by their decoder directions: what moves an embedding alike lies together. "
        "Larger: more people activate it."
    ))  # fmt: skip
    if dead:
        with st.expander(f"{len(dead):,} dead neurons"):
            st.html(html.note("No title activates these when shown alone."))
            st.html(html.names(f"#{label.neuron} · {label.n_users:,} people" for label in dead))
    else:
        st.html(html.note("None is dead: some title activates each of them."))
    return {"moving": [], "token": "neurons", "words": "Click a neuron for its card."}


def lasso(found) -> None:
    """What is inside the lasso, and the way there."""
    st.subheader(f"{len(found.items):,} titles inside the lasso", anchor=False)
    if not len(found.items):
        return
    listed, leads = st.columns([3, 2], gap="large")
    with listed, st.container(height=300, border=False):
        rows = [html.Row(n, titles[i], bundle.interactions.detail(i)) for n, i in
                enumerate(found.items[:N_LISTED], start=1)]  # fmt: skip
        st.html(html.ranked(rows, "Inside the lasso"))
    with leads:
        st.markdown("**The recipe that leads there**", help=(
            "What sets these titles apart from all others, through the sparse code: the neurons that carry it."
        ))  # fmt: skip
        st.html(html.names(f"{bundle.labels[j].label} {weight:.0%}" for j, weight in found.recipe.items()))
        amounts = {mixture_key(found.recipe): LASSO_AMOUNT} if found.recipe else {}
        st.button("Put this knob on the board", icon=":material/tune:", disabled=not amounts, on_click=state.turn,
                  args=(bundle, amounts), help=f"One knob, mixed so, turned to {LASSO_AMOUNT}.")  # fmt: skip


@st.fragment
def desk(which: str) -> None:
    """Everything a turn changes; it re-runs alone."""
    heard, corners = board.message("map"), atlas.lasso()
    board.take_over(bundle, heard, "map")
    shown = view(bundle)
    items = which != VIEWS[2]
    found = atlas.lassoed(bundle, corners) if items and corners is not None else None
    sheet = atlas.send(bundle, items)
    stage, side = st.columns([3, 1], gap="medium")
    with side:
        moves = {VIEWS[0]: lambda: taste(shown), VIEWS[1]: lambda: everybody(shown), VIEWS[2]: neurons}[which]()
        st.markdown(f"Trust in the map: {bundle.projection.trustworthiness:.0%}", help=(
            "Trustworthiness: how far titles and people that are close on the map are close in truth, over "
            "neighbourhoods of 15. A flat picture of many dimensions is never all true; the cosines are."
        ))  # fmt: skip
    with stage:
        knobs = atlas.knobs_data(shown, shown_knobs(bundle, shown, N_KNOBS)) if items else []
        roped = atlas.lasso_data(corners, found)
        atlas.atlas({**sheet, **moves, "knobs": knobs, "version": board.version("map"), "lasso": roped})
    board.send_off("map")
    if found:
        lasso(found)
    if not heard.held:
        state.keep_link(bundle)
    cards.open_card(bundle, shown, heard.event, heard.about)


if bundle.projection is None:
    st.title("Map", anchor=False)
    atlas.offer_map(bundle)
title, switch, box = st.columns([4, 5, 5], vertical_alignment="center")
title.title("Map", anchor=False, help="What the same people like lies together. Turn a knob and watch the taste move.")
which = switch.segmented_control("View", VIEWS, default=VIEWS[0], key="map view", required=True,
                                 persist_state="session", label_visibility="collapsed")  # fmt: skip
if which != VIEWS[2]:
    with box:
        search.add_knob(bundle)
desk(which)
if which == VIEWS[1]:
    atlas.paper_figure(bundle)
