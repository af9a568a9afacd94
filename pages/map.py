"""Map: where tastes move when a knob turns, beside the list that follows. One person, a crowd, or the neurons.

Two fragments: the board answers each turn alone, and the map hears it in the browser; the desk with the map follows
when the hand rests, and at once for a crowd, whom only the server can place.
"""

import streamlit as st

from knobs_ui import shell

shell.require_router()
from knobs_ui import atlas, board, cards, html, state
from knobs_ui.board import board_data, shown_knobs, view

bundle = shell.open_bundle()
many = html.plain(bundle.words.many)
TASTE, CROWD, NEURONS = VIEWS = ["Your taste", "Crowd", "Neurons"]
N_ROWS, N_SHELF = 10, 50


def on_turn() -> None:
    """Which parts of the page follow what the board says."""
    heard = board.message()
    events = heard.events.keys() - {"preview"}
    if events == {"rest"}:
        st.rerun("desk")
    elif events or (which == CROWD and not heard.held):
        st.rerun(["board", "desk"])


def on_event() -> None:
    if board.message("map").events.keys() & {"undo", "redo", "missing"}:
        st.rerun(["board", "desk"])


def hear(heard: board.Message, who: str) -> None:
    """Take over what the board or the map says, and open what was clicked."""
    board.take_turns(bundle, board.message())
    cards.follow(heard)
    board.take_over(bundle, heard, who)


@st.fragment(key="board")
def live() -> None:
    """The board; it re-runs alone with every turn."""
    shell.stay(bundle)
    heard = board.message()
    hear(heard, "board")
    shown = view(bundle)
    data = board_data(bundle, shown, shown_knobs(bundle, shown), board.version())
    if "preview" in heard.events:
        data["preview"] = board.preview(bundle, shown, heard.events["preview"])
    short = {name: data[name][:N_ROWS] for name in ("before", "after", "by")}
    board.board({**data, **short, "pins": [], "compact": True}, on_turn)
    board.send_off("arrays")


@st.fragment(key="desk")
def desk(below) -> None:
    """The map; what can be read at leisure goes ``below`` all else."""
    shell.stay(bundle)
    heard, corners = board.message("map"), atlas.lasso()
    hear(heard, "map")
    shown = view(bundle)
    found = atlas.lassoed(bundle, corners) if which != NEURONS and corners is not None else None
    if which == TASTE:
        moves = atlas.taste_data(bundle, shown, shown_knobs(bundle, shown))
    elif which == CROWD:
        moves = atlas.crowd_data(bundle, atlas.moved(bundle, shown.dials), shown.dials)
    else:
        moves = {"moving": [], "token": "neurons", "words": "Click a neuron for its card.", "taste": None}
    sheet = atlas.send(bundle, which != NEURONS)
    atlas.atlas({**sheet, **moves, "lasso": atlas.lasso_data(corners, found)}, on_event)
    board.send_off("map")
    with below:
        if found:
            with st.container(key="lassoed"):
                lasso(found)
        numbers(shown)
    state.keep_link(bundle)
    cards.sheet(bundle, shown)


def numbers(shown) -> None:
    """What experts look at."""
    with st.expander("In numbers"):
        st.html(html.note(
            f"Trustworthiness {bundle.drawn.trustworthiness:.0%}: how far {many} and people that are close on the map "
            "are close in truth, over neighbourhoods of 15. A flat picture of many dimensions is never all true; "
            "cosines of the embeddings are."
        ))  # fmt: skip
        if which == TASTE:
            st.html(atlas.tables(bundle, atlas.journey(bundle, shown)))
        elif which == CROWD:
            st.html(atlas.table(bundle, atlas.moved(bundle, shown.dials)))
        else:
            dead = [label for label in bundle.labels if not label.alive]
            st.html(html.note(f"{len(bundle.labels) - len(dead):,} live neurons, placed by their decoder directions; "
                              f"larger: more people activate it. {len(dead):,} are dead: no {bundle.words.one} alone "
                              "activates them."))  # fmt: skip
            if dead:
                st.html(html.names(f"#{label.neuron} · {label.n_users:,} people" for label in dead))


def lasso(found) -> None:
    """What is inside the lasso, and the way there."""
    st.subheader(f"{html.plain(bundle.words.count(len(found.items)))} inside the lasso", anchor=False)
    if not len(found.items):
        return
    with atlas.inside(bundle, found, on_mixture):
        if cards.recipe_wanted(html.Markdown("A list for many readers, with dials found from these.")):
            from knobs_ui.studio import new

            new(bundle, shelf={"wanted": bundle.interactions.item_ids[found.items[:N_SHELF]].tolist()})


def on_mixture(amounts: dict[str, float]) -> None:
    state.turn(bundle, amounts)
    st.rerun(["board", "desk"])


if bundle.projection is None:
    st.title("Map", anchor=False)
    atlas.offer_map(bundle)
bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute")
with bar.container(key="map-title"):
    st.title("Map", anchor=False, help="What the same people like lies together. Turn a knob and watch the taste move.")
which = bar.segmented_control("View", VIEWS, default=TASTE, key="map view", required=True,
                              persist_state="session", label_visibility="collapsed")  # fmt: skip
stage, side = st.columns([3, 2], gap="medium") if which != NEURONS else (st.container(), None)
below = st.container()
if side:
    with side:
        live()
with stage:
    desk(below)
if which == CROWD:
    atlas.paper_figure(bundle)
