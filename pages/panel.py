"""Panel: a person's active knobs with a dial each, and their list before and after, live."""

import streamlit as st

from knobs_core import knobs
from knobs_core.recommend import recommend
from knobs_core.steering import Dial, boost_scale
from knobs_ui import cards, lists, loading, shell, state

shell.require_router()
bundle = loading.open_bundle()
catalogue = cards.catalogue(bundle)
N_SHOWN, N_ITEMS = 8, 20


def on_turn(key: str) -> None:
    state.turn(bundle, key, st.session_state[f"dial {key}"])


def on_add() -> None:
    key = st.session_state["add a knob"]
    if key is not None:
        state.turn(bundle, key, state.current(bundle).amount(key))
        st.session_state["add a knob"] = None


def on_remove(key: str) -> None:
    st.session_state[f"dial {key}"] = 0.0
    state.change(bundle, dials=tuple((k, a) for k, a in state.current(bundle).dials if k != key))


def on_reset() -> None:
    for key, _ in state.current(bundle).dials:
        st.session_state[f"dial {key}"] = 0.0
    state.change(bundle, dials=tuple((key, 0.0) for key, _ in state.current(bundle).dials))


def dial(knob: knobs.Knob, lit: knobs.Active | None, added: bool) -> None:
    """One knob: its slider, how far it is lit, and what it is made of."""
    widget = f"dial {knob.key}"
    st.session_state.setdefault(widget, state.current(bundle).amount(knob.key))
    with st.container(border=True, gap="xxsmall"):
        st.slider(
            cards.plain(knob.name), -1.0, 1.0, step=0.05, key=widget, on_change=on_turn, args=(knob.key,),
            help="Right of the middle brings more of this into the list, left of it less. At 0 the knob does nothing.",
        )  # fmt: skip
        st.html(cards.facts(bundle, knob, lit))
        if added:
            st.button("Remove", key=f"remove {knob.key}", on_click=on_remove, args=(knob.key,), type="tertiary")


def knob_column(lit: dict[str, knobs.Active], turned: bool) -> None:
    """Reset, search, the knobs that were added, then the person's own."""
    head, reset = st.columns([3, 2], vertical_alignment="center")
    head.subheader("Knobs", anchor=False)
    reset.button("Reset all", on_click=on_reset, disabled=not turned, icon=":material/restart_alt:", width="stretch")
    st.selectbox(
        "Add a knob", list(catalogue), index=None, key="add a knob", on_change=on_add, label_visibility="collapsed",
        format_func=lambda key: cards.option(catalogue[key]), placeholder="Add any knob: type a theme, genre or decade",
    )  # fmt: skip
    own = list(lit)[: len(lit) if st.session_state.get("show all") else N_SHOWN]
    for key, _ in state.current(bundle).dials:
        if key not in own:
            dial(catalogue[key], lit.get(key), added=True)
    for key in own:
        dial(catalogue[key], lit[key], added=False)
    if len(lit) > N_SHOWN:
        st.toggle(f"Show all {len(lit)} active knobs", key="show all", persist_state="session")


def list_columns(history, turned: list[Dial]) -> None:
    """The list with all knobs at rest beside the list with the knobs as they stand."""
    result = recommend(bundle.nested, history, turned, n=N_ITEMS)
    st.markdown(
        f"**{lists.summary(result)}** {cards.turned_line(turned)}" if turned else "Turn a knob and watch the list."
    )
    if boost_scale(turned) < 1:
        st.caption("The boosts add up to more than 1, so they are scaled down together.")
    before, after = st.columns(2, gap="medium")
    items = bundle.interactions.items
    before.subheader("Before", anchor=False, help="The recommender's own list, with all knobs at rest.")
    before.html(lists.ranked(lists.unsteered(result, items), "List before"))
    after.subheader("After", anchor=False, help="The same recommender with the knobs as they stand.")
    after.html(lists.ranked(lists.steered(result, items), "List after"))


@st.fragment
def board() -> None:
    """Knobs on the left, lists on the right; a turn re-runs only this."""
    history = state.history(bundle)
    active = knobs.active_knobs(bundle, bundle.nested.encode(history).code.z[0].cpu().numpy())
    turned = [
        Dial(catalogue[key].recipe, amount, catalogue[key].name)
        for key, amount in state.current(bundle).dials
        if amount
    ]
    left, right = st.columns([5, 8], gap="large")
    named_first = sorted(active, key=lambda entry: not entry.label.tags)
    with left:
        knob_column({f"#{entry.label.neuron}": entry for entry in named_first}, bool(turned))
    with right:
        list_columns(history, turned)


title, switch = st.columns([6, 2], vertical_alignment="center")
title.title(state.name(bundle), anchor=False)
switch.page_link("pages/user.py", label="Choose someone else", icon=":material/person_search:")
st.caption(cards.taste_line(bundle, state.history(bundle)))
board()
