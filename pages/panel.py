"""Panel: the knob board. Knobs and the list before and after, blended while a hand is on a knob.

Two fragments: the board answers each turn alone, the desk around it follows when the hand rests.
"""

import streamlit as st

from knobs_ui import shell

shell.require_router()
from knobs_ui import board, cards, html, search, server, state
from knobs_ui.board import board_data, send_ticks, shown_knobs, view

bundle = server.open_bundle()
N_KNOBS, N_MORE = 9, 32


def both() -> None:
    """Let the board and the desk run again, and nothing else."""
    st.rerun(["board", "desk"])


def on_message() -> None:
    event = board.message().event
    if event:
        st.rerun("desk") if event == "rest" else both()


def on_step(step, *args, **kwargs) -> None:
    step(bundle, *args, **kwargs)
    both()


def on_pin() -> None:
    now = state.current(bundle)
    state.change(bundle, pinned=None if now.pinned else tuple((key, amount) for key, amount in now.dials if amount))
    both()


def on_open(name: str) -> None:
    st.session_state["open"] = (name, None)
    cards.quiet()


def toolbar(shown) -> None:
    """Undo, redo, reset, compare, ask, keep."""
    line, choice = state.timeline(bundle), shown.choice
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("", key="undo", icon=":material/undo:", help="Undo (Ctrl+Z on the board)", on_click=on_step,
                  args=(state.undo,), disabled=not line.past)  # fmt: skip
        st.button("", key="redo", icon=":material/redo:", help="Redo (Ctrl+Shift+Z on the board)", on_click=on_step,
                  args=(state.redo,), disabled=not line.future)  # fmt: skip
        st.button("Reset all", icon=":material/restart_alt:", on_click=on_step, args=(state.rest,),
                  disabled=not shown.dials, help="All knobs to rest.")  # fmt: skip
        st.button("Unpin" if choice.pinned else "Pin", icon=":material/keep:", on_click=on_pin,
                  disabled=not (shown.dials or choice.pinned),
                  help="Keep the list as it is now on the left, and compare further turns with it.")  # fmt: skip
        st.button(f"Ask for {bundle.words.a}", icon=":material/search:", on_click=on_open, args=("ask",),
                  help=f"Which knobs would bring {bundle.words.a} into the list?")  # fmt: skip
        st.button("Keep", icon=":material/bookmark:", on_click=on_open, args=("keep",),
                  help="Presets, a link to this, the list as a file.")  # fmt: skip


def look():
    """What the board shows now, the knobs on it, and its data."""
    shown = view(bundle)
    on_board = shown_knobs(bundle, shown, N_MORE if st.session_state.get("all knobs") else N_KNOBS)
    return shown, on_board


@st.fragment(key="board")
def live() -> None:
    """The board; it re-runs alone with every turn."""
    heard = board.message()
    board.take_over(bundle, heard)
    if heard.event in ("card", "item"):
        st.session_state["open"] = (heard.event, heard.about)
    shown, on_board = look()
    board.board(board_data(bundle, shown, on_board, board.version()), on_message)
    board.send_off("arrays")


@st.fragment(key="desk")
def desk(bar) -> None:
    """What follows when the hand rests; the toolbar goes into ``bar``, above the board."""
    shown, on_board = look()
    with bar:
        toolbar(shown)
    if len(shown.active) > N_KNOBS:
        st.toggle(f"Show all {len(shown.active)} active", key="all knobs", persist_state="session", on_change=both)
    if shown.choice.seen:
        st.button(f"Bring back {len(shown.choice.seen)} marked as seen", on_click=on_step, args=(state.change,),
                  kwargs={"seen": ()}, type="tertiary")  # fmt: skip
    if len(shown.choice.user_ids) > 1:
        cards.group_served(bundle, shown.choice.user_ids, shown.person.history, shown.result.items)
    state.keep_link(bundle)
    with board.luggage("later"):
        cards.load_presets(bundle)
        send_ticks(bundle, shown, on_board)
    board.send_off("candidates")
    name, about = st.session_state.pop("open", (None, None))
    if name == "ask":
        st.dialog(f"Ask for {bundle.words.a}", width="large")(cards.ask_for)(bundle, shown)
    elif name == "keep":
        st.dialog("Keep it")(cards.keep)(bundle, shown)
    else:
        cards.open_card(bundle, shown, name, about)


title, box, switch = st.columns([5, 8, 3], vertical_alignment="center")
title.title(html.plain(state.current(bundle).name), anchor=False)
with box:  # outside of the desk, so that its thousand options do not travel with every turn
    search.add_knob(bundle)
switch.page_link("pages/user.py", label="Choose someone else", icon=":material/person_search:")
bar = st.container()
live()
desk(bar)
