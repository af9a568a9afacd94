"""Panel: the knob board. Knobs and the list, blended while a hand is on a knob, and a sheet for what was clicked.

Two fragments: the board answers each turn alone, the desk around it follows when the hand rests.
"""

import streamlit as st

from knobs_ui import shell

shell.require_router()
from knobs_ui import atlas, board, cards, html, people, stage, state
from knobs_ui.board import board_data, send_ticks, shown_knobs, view

bundle = shell.open_bundle()
board.take_turns(bundle, board.message())
stage.take_over(bundle)


def on_message() -> None:
    """Which parts of the page follow what the board says; a turn of a dial re-runs the board alone."""
    events = board.message().events.keys() - board.ALONE
    if events == {"rest"}:
        st.rerun("desk")
    elif events:
        st.rerun(["board", "desk"])


@st.fragment(key="board")
def live() -> None:
    """The board; it re-runs alone with every turn."""
    shell.stay(bundle)
    heard = board.message()
    cards.follow(heard)
    board.take_over(bundle, heard)
    shown = view(bundle)
    data = board_data(bundle, shown, shown_knobs(bundle, shown), board.version())
    if "preview" in heard.events:
        data["preview"] = board.preview(bundle, shown, heard.events["preview"])
    board.board(data, on_message)
    board.send_off("arrays")


@st.fragment(key="desk")
def desk() -> None:
    """What follows when the hand rests."""
    shell.stay(bundle)
    board.take_turns(bundle, board.message())
    cards.follow(board.message("map"))  # on a stage there may be one
    shown = view(bundle)
    on_board = shown_knobs(bundle, shown)
    state.keep_link(bundle)
    people.remember(bundle)
    with board.luggage("later"):
        cards.load_presets(bundle)
        send_ticks(bundle, shown, on_board)
        if st.session_state.get(board.MAP) and bundle.projection:  # a stage alone has room for it
            atlas.atlas({**atlas.send(bundle, True), **atlas.taste_data(bundle, shown, on_board), "lasso": None})
    cards.sheet(bundle, shown)
    board.send_off("candidates")


bar = st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="who")
who = bar.container()
who.title(html.plain(state.current(bundle).name(bundle.interactions)), anchor=False)
who.html(html.note(people.line_of(bundle, view(bundle).at_rest.themes)))
with bar.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right", width="content"):
    st.page_link("pages/user.py", label="Choose someone else", icon=":material/person_search:")
    if cards.recipe_wanted(html.Markdown("A list for many readers, with these dials.")):
        from knobs_core.lists import turns_of
        from knobs_ui import studio

        studio.new(bundle, dials=turns_of(bundle, view(bundle).dials))
    stage.stage(bundle)
live()
desk()
