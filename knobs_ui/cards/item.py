"""The card of an item: why it has its score, and what turning a dial towards or away from it would change."""

import numpy as np
import streamlit as st

from knobs_core.bundles import Bundle, Knob
from knobs_core.steering import explain_activation
from knobs_ui import html, state
from knobs_ui.board import N_ITEMS, View
from knobs_ui.cards.charts import receipt

NUDGE = 0.25  # what "more like this" and "less like this" turn


def item_card(bundle: Bundle, shown: View, item: int) -> None:
    """An item's attribution, what to do about it, and a preview of what that would change."""
    data = bundle.interactions
    item_id = data.item_ids[item]
    st.caption(html.plain(data.detail(item)))
    history = shown.person.history
    ways = ["Why it is here", "More like this", "Less like this"]
    way = st.segmented_control("What to do", ways, default=ways[0], required=True, label_visibility="collapsed")
    if way == ways[0]:
        if bundle.engine.linear:
            _attribution(bundle, shown, item)
        else:
            st.info("This recommender's decoder is not linear, so a score has no exact shares.")
    else:
        _preview(bundle, shown, bundle.knobs[f"~{item_id}"], NUDGE if way == ways[1] else -NUDGE)
    like, leave = st.columns(2)
    if leave.button("Already seen: leave it out", icon=":material/visibility_off:"):
        state.change(bundle, seen=(*shown.choice.seen, item_id))
        st.rerun()
    new = history.shape[0] == 1 and item not in history.indices
    if new and like.button("Like it too: add it to this taste", icon=":material/favorite:", help=(
        "Makes a taste of your own out of these likes and this one. Undo brings the old one back."
    )):  # fmt: skip
        state.choose(bundle, item_ids=(*data.item_ids[history.indices], item_id))
        st.rerun()


def _attribution(bundle: Bundle, shown: View, item: int) -> None:
    """The parts of the score, and which likes activate the neuron that lifts the item most."""
    found = shown.found.explain(bundle.interactions.item_ids[item]).attribution
    st.html(receipt(bundle, found))
    if found.dealt_by and sum(dial.amount > 0 for dial in shown.dials) > 1:
        st.caption(
            f"Dials that bring more take turns; {html.plain(found.dealt_by.name)} deals this {bundle.words.one}."
        )
    st.caption("Every part of the score, exactly: the bars add up to it.", help=(
        "Remainder: the part of this taste that the code misses. Bias: the same for everybody."
    ))  # fmt: skip
    lifted = next((neuron for neuron, part in found.neurons.items() if part > 0), None)
    if lifted is not None and shown.person.history.shape[0] == 1:
        behind = explain_activation(bundle.engine, shown.person.history, lifted)
        st.markdown(f"**{html.plain(bundle.labels[lifted].label)}** is activated mostly by")
        st.html(html.names(bundle.interactions.items["title"][i] for i in behind.items[:5]))


def _preview(bundle: Bundle, shown: View, knob: Knob, amount: float) -> None:
    """What would enter and leave the list if a knob were turned, before it is turned."""
    new = float(np.clip(shown.choice.amount(knob.key) + amount, -1, 1))
    others = [dial for dial in shown.dials if dial.key != knob.key]
    now = shown.person.reference(shown.dials)
    change = shown.person.recommend([*others, knob.dial(new)], N_ITEMS, reference=now).recommendation
    titles = bundle.interactions.items["title"]
    comes, goes = st.columns(2, gap="large")
    comes.markdown(f"**Enters ({len(change.entered)})**")
    comes.html(html.names(titles[i] for i in change.entered))
    goes.markdown(f"**Leaves ({len(change.left)})**")
    goes.html(html.names(titles[i] for i in change.left))
    if st.button(f"Turn it: {html.plain(knob.name)} {html.signed(new)}", icon=":material/check:"):
        state.turn(bundle, {knob.key: new})
        st.rerun()
