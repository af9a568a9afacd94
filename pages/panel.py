"""Panel: a person's active knobs with a dial each, and their list before and after, live."""

import streamlit as st

from knobs_core import knobs
from knobs_core.errors import KnobsError
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
    rest = {k: a for k, a in state.current(bundle).dials if k != key}
    state.change(bundle, dials=tuple(rest.items()))


def on_reset() -> None:
    for key, _ in state.current(bundle).dials:
        st.session_state[f"dial {key}"] = 0.0
    state.change(bundle, dials=tuple((key, 0.0) for key, _ in state.current(bundle).dials))


def dial(knob: knobs.Knob, lit: knobs.Active | None, added: bool) -> None:
    """One knob: its slider, how far it is lit, and what it is made of."""
    widget = f"dial {knob.key}"
    st.session_state.setdefault(widget, state.current(bundle).amount(knob.key))
    with st.container(border=True, gap="small"):
        st.slider(
            cards.plain(knob.name), -1.0, 1.0, step=0.05, key=widget, on_change=on_turn, args=(knob.key,),
            help="Right of the middle brings more of this into the list, left of it less. At 0 the knob does nothing.",
        )  # fmt: skip
        st.html(cards.facts(bundle, knob, lit))
        if added:
            st.button("Remove", key=f"remove {knob.key}", on_click=on_remove, args=(knob.key,), type="tertiary")


@st.fragment
def board() -> None:
    """Knobs on the left, lists on the right; a turn re-runs only this."""
    choice, history = state.current(bundle), state.history(bundle)
    encoded = bundle.nested.encode(history)
    active = knobs.active_knobs(bundle, encoded.code.z[0].cpu().numpy())
    lit = {f"#{entry.label.neuron}": entry for entry in active}
    left, right = st.columns([5, 8], gap="large")
    with left:
        head, reset = st.columns([3, 2], vertical_alignment="center")
        head.subheader("Knobs", anchor=False)
        turned = [(key, amount) for key, amount in choice.dials if amount]
        reset.button(
            "Reset all", on_click=on_reset, disabled=not turned, icon=":material/restart_alt:", width="stretch"
        )
        st.selectbox(
            "Add a knob", list(catalogue), index=None, key="add a knob", on_change=on_add,
            format_func=lambda key: cards.option(catalogue[key]), placeholder="Type a theme, genre or decade",
            help="Every concept and every neuron of the model. A concept turns several neurons at once.",
        )  # fmt: skip
        own = list(lit)[: len(lit) if st.session_state.get("show all") else N_SHOWN]
        for key, _ in choice.dials:
            if key not in own and key in catalogue:
                dial(catalogue[key], lit.get(key), added=True)
        for key in own:
            dial(knobs.neuron_knob(lit[key].label), lit[key], added=False)
        if len(lit) > N_SHOWN:
            st.toggle(f"Show all {len(lit)} active knobs", key="show all")
    with right:
        dials = [Dial(catalogue[key].recipe, amount, catalogue[key].name) for key, amount in turned if key in catalogue]
        result = recommend(bundle.nested, history, dials, n=N_ITEMS)
        st.markdown(f"**{lists.summary(result)}**" if dials else "Turn a knob and watch the list on the right change.")
        if boost_scale(dials) < 1:
            st.caption("The boosts add up to more than 1, so they are scaled down together.")
        before, after = st.columns(2, gap="medium")
        items = bundle.interactions.items
        before.subheader("Before", anchor=False, help="The recommender's own list, with all knobs at rest.")
        before.html(lists.ranked(lists.unsteered(result, items), "List before"))
        after.subheader("After", anchor=False, help="The same recommender with the knobs as they stand.")
        after.html(lists.ranked(lists.steered(result, items), "List after"))


try:
    title, switch = st.columns([5, 2], vertical_alignment="bottom")
    title.title(state.name(bundle), anchor=False)
    title.caption(cards.taste_line(bundle, state.history(bundle)))
    switch.page_link("pages/user.py", label="Choose someone else", icon=":material/person_search:")
    board()
except KnobsError as error:
    st.error(str(error), icon=":material/error:")
