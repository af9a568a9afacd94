"""What is inside the lasso, and the ways from there: a knob that leads there, a name, a recipe."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from knobs_core.bundles import Bundle, mixture_key
from knobs_ui import group_names, html
from knobs_ui.atlas.lasso import Lassoed

N_LISTED, AMOUNT = 200, 0.5


def inside(bundle: Bundle, found: Lassoed, on_mixture: Callable[[dict[str, float]], None]) -> DeltaGenerator:
    """The titles, and beside them the knob that leads there and what they may be called; the place below these.

    Args:
        on_mixture: called with {key of the knob: amount} where it is wanted on the board.
    """
    many, data = html.plain(bundle.words.many), bundle.interactions
    listed, leads = st.columns([3, 2], gap="large")
    with listed:
        rows = [html.Row(n, data.items["title"][i], data.detail(i)) for n, i in enumerate(found.items[:N_LISTED], 1)]
        st.html(html.ranked(rows, "Inside the lasso", scrolls=True))
    with leads:
        st.markdown("**The knob that leads there**", help=(
            f"What sets these {many} apart from all others: the neurons that carry it, and how much of each."
        ))  # fmt: skip
        st.html(html.names(f"{bundle.labels[j].label} {weight:.0%}" for j, weight in found.recipe.items()))
        amounts = {mixture_key(found.recipe): AMOUNT} if found.recipe else {}
        st.button("Put this knob on the board", icon=":material/tune:", disabled=not amounts, on_click=on_mixture,
                  args=(amounts,), help=f"One knob, mixed so, turned to {AMOUNT}.")  # fmt: skip
        group_names.offer(bundle, data.item_ids[found.items].tolist(), "lasso")
    return leads
