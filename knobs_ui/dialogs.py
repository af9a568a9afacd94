"""What opens on demand above the board: a knob's card, an item's receipt, and asking for an item."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from knobs_core import ask, knobs, receipts, relatives
from knobs_core.bundle import Bundle
from knobs_core.engine import Engine
from knobs_core.knobs import Knob
from knobs_core.recommend import Standing
from knobs_core.steering import Dial
from knobs_ui import cards, evidence, lists, state
from knobs_ui.view import N_ITEMS, View

NUDGE = 0.25  # what "more like this" and "less like this" turn


def open_card(bundle: Bundle, engine: Engine, shown: View, what: str, about: object) -> None:
    """Open the card of a knob ("card" and its key) or an item ("item" and its column), if there is such a one: what to
    open comes from a browser."""
    titles = bundle.interactions.items["title"]
    if what == "item" and isinstance(about, int) and 0 <= about < len(titles):
        st.dialog(cards.plain(titles[about]), width="large")(_item_card)(bundle, engine, shown, about)
    elif what == "card" and (knob := state.find(bundle, str(about))):
        st.dialog(cards.plain(knob.name), width="large")(_knob_card)(bundle, engine, knob)


def _knob_card(bundle: Bundle, engine: Engine, knob: Knob) -> None:
    """What a knob is: what lights it, what it does, who lights it, and which knobs are near."""
    titles = bundle.interactions.items["title"]
    main = bundle.labels[max(knob.recipe, key=knob.recipe.get)]
    if knob.label is None:
        parts = ", ".join(f"{bundle.labels[j].label} {weight:.0%}" for j, weight in knob.recipe.items())
        st.caption(f"Turns together: {cards.plain(parts)}")
    else:
        sure = f"a name better than {main.confidence:.1%} of those by luck" if main.tags else "no tag fits it for sure"
        st.caption(f"Neuron {knob.key} · {main.n_users:,} people light it · {sure}")
    if knob.effect:
        evidence.show(knob.effect)
    lights, does = st.columns(2, gap="large")
    lights.markdown("**What lights it**", help="Titles that activate it most when shown to the model alone.")
    lights.html(lists.names(titles[i] for i in main.top_items))
    if engine.linear:
        weights = np.array(list(knob.recipe.values()))
        effect = weights @ engine.neuron_vectors(list(knob.recipe)).cpu().numpy()
        does.markdown("**What it brings**", help="Titles whose score rises most when it is turned up.")
        does.html(lists.names(titles[i] for i in np.argsort(-effect, kind="stable")[:10]))
    st.markdown("**How strongly people light it**", help="Users of the data set who light it, by activation.")
    st.plotly_chart(_histogram(main), config={"displayModeBar": False})
    others = [other for other in state.knob_catalogue(bundle).values() if other.key != knob.key]
    alike = relatives.correlations(bundle.nested, knob.recipe, [other.recipe for other in others])
    order = np.argsort(-alike, kind="stable")
    near, far = st.columns(2, gap="large")
    near.markdown("**Moves the list the same way**")
    near.html(lists.names(f"{others[i].name} ({alike[i]:+.2f})" for i in order[:6]))
    far.markdown("**Moves it the opposite way**")
    far.html(lists.names(f"{others[i].name} ({alike[i]:+.2f})" for i in order[::-1][:6]))
    if main.tags:
        tags = ", ".join(f"{tag} {share:.0%}" for tag, share in main.tags)
        st.caption(f"Tags of the 20 titles that light it most: {cards.plain(tags)}")


def _item_card(bundle: Bundle, engine: Engine, shown: View, item: int) -> None:
    """An item's receipt, what to do about it, and a preview of what that would change."""
    data = bundle.interactions
    item_id = data.item_ids[item]
    st.caption(cards.plain(lists.detail(data.items, item)))
    knob = knobs.item_knob(bundle, item_id)
    ways = ["Why it is here", "More like this", "Less like this"]
    way = st.segmented_control("What to do", ways, default=ways[0], required=True, label_visibility="collapsed")
    if way == ways[0]:
        if engine.linear:
            _receipt(bundle, engine, shown, item)
        else:
            st.info("This recommender's decoder is not linear, so a score has no exact shares.")
    else:
        _preview(bundle, engine, shown, knob, NUDGE if way == ways[1] else -NUDGE)
    like, leave = st.columns(2)
    if leave.button("Already seen: leave it out", icon=":material/visibility_off:"):
        state.change(bundle, seen=(*shown.choice.seen, item_id))
        st.rerun()
    new = shown.history.shape[0] == 1 and item not in shown.history.indices
    if new and like.button("Like it too: add it to this taste", icon=":material/favorite:", help=(
        "Makes a taste of your own out of these likes and this one. Undo brings the old one back."
    )):  # fmt: skip
        state.choose(bundle, item_ids=(*data.item_ids[shown.history.indices], item_id))
        st.rerun()


def _receipt(bundle: Bundle, engine: Engine, shown: View, item: int) -> None:
    receipt = receipts.receipt(engine, shown.person, shown.dials, item)
    st.plotly_chart(cards.receipt_chart(bundle, receipt), config={"displayModeBar": False})
    st.caption("Every part of the score, exactly: the bars add up to it.", help=(
        "Not in the code: what of this taste the sparse code does not hold. What everybody gets: no person in it."
    ))  # fmt: skip
    lifted = next((neuron for neuron, part in receipt.neurons.items() if part > 0), None)
    if lifted is not None and shown.history.shape[0] == 1:
        lit = receipts.lit_by(engine, shown.history, lifted)
        st.markdown(f"**{cards.plain(bundle.labels[lifted].label)}** is lit mostly by")
        st.html(lists.names(bundle.interactions.items["title"][i] for i in lit.items[:5]))


def _preview(bundle: Bundle, engine: Engine, shown: View, knob: Knob, amount: float) -> None:
    """What turning a knob would bring and take, before it is done."""
    new = float(np.clip(shown.choice.amount(knob.key) + amount, -1, 1))
    rest = [dial for dial in shown.dials if dial.name != knob.name]
    dials = [*rest, Dial(knob.recipe, new, knob.name)]
    now = Standing(engine.scores(shown.person, shown.dials), shown.person.seen)
    change = engine.recommend(shown.person, now, dials, N_ITEMS)
    titles = bundle.interactions.items["title"]
    comes, goes = st.columns(2, gap="large")
    comes.markdown(f"**Would come ({len(change.entered)})**")
    comes.html(lists.names(titles[i] for i in change.entered))
    goes.markdown(f"**Would go ({len(change.left)})**")
    goes.html(lists.names(titles[i] for i in change.left))
    if st.button(f"Turn it: {cards.plain(knob.name)} {new:+.2f}", icon=":material/check:"):
        state.turn(bundle, {knob.key: new})
        st.rerun()


@st.dialog("Ask for a title", width="large")
def ask_for(bundle: Bundle, engine: Engine, shown: View) -> None:
    """The smallest change of at most three dials that brings a title into the top ten."""
    items = bundle.interactions.items
    free = np.setdiff1d(np.arange(len(items)), shown.person.seen).tolist()
    item = st.selectbox(
        "Title", free, index=None, format_func=lambda i: items["title"][i], placeholder="Type a title",
        help="Finds the smallest turn of at most three knobs that brings it into the top 10.",
    )  # fmt: skip
    if item is None:
        return
    with st.spinner("Trying every knob"):
        answer = ask.ask(engine, shown.person, item, list(state.knob_catalogue(bundle).values()))
    if answer is None:
        st.warning(f"No turn of three knobs brings {cards.plain(items['title'][item])} into this person's top 10.")
        return
    turns = cards.turned_line(answer.dials)
    st.success(
        f"It comes to rank {answer.rank}, from all knobs at rest, with: {turns}"
        if turns
        else f"It stands at rank {answer.rank} already."
    )
    if turns and st.button("Set the board so", icon=":material/check:"):
        catalogue = state.knob_catalogue(bundle)  # a neuron may be called like a concept, so the recipe decides
        keys = {(knob.name, tuple(knob.recipe.items())): key for key, knob in catalogue.items()}
        amounts = {keys[dial.name, tuple(dial.recipe.items())]: dial.amount for dial in answer.dials}
        state.change(bundle, dials=tuple(amounts.items()))
        st.rerun()


def _histogram(label) -> go.Figure:
    width = label.peak / len(label.histogram) if label.peak else 1
    centres = [(i + 0.5) * width for i in range(len(label.histogram))]
    figure = go.Figure(
        go.Bar(
            x=centres, y=label.histogram, marker_color="#d9702f",
            hovertemplate="activation about %{x:.2f}: %{y} people<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(height=180, margin={"l": 0, "r": 0, "t": 5, "b": 0}, bargap=0.1, yaxis_title="people")
    return figure
