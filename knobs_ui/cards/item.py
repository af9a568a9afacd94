"""The card of an item: why it is here, in words first, and what turning a dial towards or away from it would change."""

import numpy as np
import streamlit as st

from knobs_core.bundles import Bundle, Knob
from knobs_core.steering import Attribution, explain_activation
from knobs_ui import html, state
from knobs_ui.board import View
from knobs_ui.cards.charts import Bar, bars, receipt

NUDGE = 0.25  # what "more like this" and "less like this" turn
WAYS = ["Why", "More like this", "Less like this"]


def item_card(bundle: Bundle, shown: View, item: int) -> None:
    """Why an item has its place, what to do about it, and a preview of what that would change."""
    data = bundle.interactions
    item_id = data.item_ids[item]
    st.caption(html.plain(data.detail(item)))
    way = st.segmented_control("What to do", WAYS, default=WAYS[0], required=True, label_visibility="collapsed",
                               key=f"way {item}")  # fmt: skip
    if way == WAYS[0]:
        _why(bundle, shown, item)
    else:
        _preview(bundle, shown, bundle.knobs[f"~{item_id}"], NUDGE if way == WAYS[1] else -NUDGE)
    if item_id not in shown.choice.seen and st.button("Already seen: leave it out", icon=":material/visibility_off:"):
        state.change(bundle, seen=(*shown.choice.seen, item_id))
        st.rerun()
    history = shown.person.history
    new = history.shape[0] == 1 and item not in history.indices
    if new and st.button("Like it too: add it to this taste", icon=":material/favorite:", help=(
        "Adds it to the likes that this list is made from. Undo takes it away again."
    )):  # fmt: skip
        state.choose(bundle, shown.choice.user_ids, (*shown.choice.item_ids, item_id))
        st.rerun()


def _why(bundle: Bundle, shown: View, item: int) -> None:
    """The reason in a sentence, in bars, and on demand to the last digit."""
    data = bundle.interactions
    like = data.items["title"][shown.at_rest.because[item]]
    if not bundle.engine.linear:
        st.markdown(f"Of what you like, **{html.plain(like)}** is nearest to it.")
        st.caption("This recommender's decoder is not linear, so a score has no exact shares.")
        return
    found = shown.found.explain(data.item_ids[item]).attribution
    parts = speaking(bundle, found)
    st.markdown(reason(parts, like, bool(shown.dials)))
    st.html(bars("What speaks for it", [
        Bar(name, [], max(part, 0.0), f"{part:.0%}".replace("-", "\N{MINUS SIGN}")) for name, part in parts.items()
    ]))  # fmt: skip
    with st.expander("Show the arithmetic"):
        st.html(receipt(bundle, found))
        if found.dealt_by and sum(dial.amount > 0 for dial in shown.dials) > 1:
            name = html.plain(bundle.knobs[found.dealt_by.key].title)
            st.caption(f"Dials that bring more take turns; {name} deals this {html.plain(bundle.words.one)}.")
        st.caption("Every part of the score, exactly: the bars add up to it.", help=(
            "Remainder: the part of this taste that the code misses. Bias: the same for everybody."
        ))  # fmt: skip
        lifted = next((neuron for neuron, part in found.neurons.items() if part > 0), None)
        if lifted is not None and shown.person.history.shape[0] == 1:
            behind = explain_activation(bundle.engine, shown.person.history, lifted)
            st.markdown(f"**{html.plain(bundle.labels[lifted].label)}** is activated mostly by")
            st.html(html.names(data.items["title"][i] for i in behind.items[:5]))


OWN, ALL = "Your own taste", "The same for everybody"


def speaking(bundle: Bundle, found: Attribution) -> dict[str, float]:
    """What speaks for an item, as shares of all that does: the taste, each dial, what is the same for everybody. What
    speaks against it is negative."""
    parts = {OWN: sum(found.neurons.values()) + found.remainder}
    parts |= {bundle.knobs[part.dial.key].title: part.neurons + part.rest for part in found.dials}
    parts[ALL] = found.bias
    whole = sum(part for part in parts.values() if part > 0) or 1.0
    return {name: part / whole for name, part in parts.items()}


def reason(parts: dict[str, float], like: str, turned: bool) -> html.Markdown:
    """Why an item is here, in a sentence of Markdown. parts: as of ``speaking``; like: the title that speaks most."""
    ups = [(name, part) for name, part in parts.items() if part > 0.005 and name not in (OWN, ALL)]
    because = [f"you turned **{html.plain(name)}** ({part:.0%})" for name, part in sorted(ups, key=lambda one: -one[1])]
    if parts[OWN] > 0.005:
        because.append(f"you like **{html.plain(like)}**" + (f" ({parts[OWN]:.0%})" if turned else ""))
    if not because:
        return html.Markdown("It is here because everybody likes it.")
    return html.Markdown(f"It is here because {' and '.join(because)}.")


def _preview(bundle: Bundle, shown: View, knob: Knob, amount: float) -> None:
    """What would enter and leave the list if a knob were turned, before it is turned, and which neurons that means."""
    new = float(np.clip(shown.choice.amount(knob.key) + amount, -1, 1))
    others = [dial for dial in shown.dials if dial.key != knob.key]
    now = shown.person.reference(shown.dials)
    change = shown.person.recommend([*others, knob.dial(new)], shown.choice.n, reference=now).recommendation
    titles = bundle.interactions.items["title"]
    if st.button(f"Turn it: {html.plain(knob.name)} {html.signed(new)}", icon=":material/check:", type="primary"):
        state.turn(bundle, {knob.key: new})
        st.rerun()
    named = [bundle.labels[j].label for j in knob.recipe if bundle.labels[j].named]
    st.caption(
        f"This turns the {len(knob.recipe):,} neurons that it activates most"
        + (f", {html.plain(', '.join(named[:4]))} among them." if named else ".")
    )
    st.markdown(f"**Enters ({len(change.entered):,})**")
    st.html(html.names(titles[i] for i in change.entered))
    st.markdown(f"**Leaves ({len(change.left):,})**")
    st.html(html.names(titles[i] for i in change.left))
