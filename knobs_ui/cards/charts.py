"""Charts of cards and pages: who of a group is served how well, an item's attribution, a person's taste."""

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
import scipy.sparse as sp
import streamlit as st

from knobs_core.bundles import Active, Bundle, share_named
from knobs_core.steering import Attribution, served


def group_served(bundle: Bundle, user_ids: Sequence[str], history: sp.csr_matrix, items: np.ndarray) -> None:
    """How well a list serves each member of a group: their own scores of it against those of their own best list."""
    st.subheader("Who is served how well", anchor=False, help="100% would be a list made for this person alone.")
    for user_id, share in zip(user_ids, served(bundle.engine, history, items), strict=True):
        st.progress(share, f"User {user_id}: {share:.0%}")


def attribution_chart(bundle: Bundle, found: Attribution) -> go.Figure:
    """A waterfall up to the score: the largest neurons, the others together, the dials, what no knob holds."""
    neurons = list(found.neurons.items())
    rows = [(bundle.labels[neuron].label, part) for neuron, part in neurons[:8]]
    if len(neurons) > 8:
        rows.append((f"{len(neurons) - 8} other neurons", sum(part for _, part in neurons[8:])))
    for turned in found.dials:
        rows.append((f"dial: {turned.dial.name}", turned.neurons))
        if turned.rest:
            rows.append((f"the rest of {turned.dial.name}", turned.rest))
    rows += [("bias", found.bias), ("remainder", found.remainder)]
    shares = [part for _, part in rows]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=[*(escape(_cut(name)) for name, _ in rows), "score"],
            x=[*shares, found.score],
            measure=["relative"] * len(rows) + ["total"],
            text=[f"{value:+.2f}" for value in [*shares, found.score]],
            increasing_marker_color="#2f7d4f",
            decreasing_marker_color="#b3372b",
            totals_marker_color="#d9702f",
            hovertemplate="%{y}: %{x:.3f}<extra></extra>",
        )
    )
    figure.update_layout(height=30 * len(rows) + 60, margin={"l": 0, "r": 0, "t": 0, "b": 0}, showlegend=False)
    figure.update_yaxes(autorange="reversed", automargin=True, fixedrange=True)
    figure.update_xaxes(fixedrange=True)
    return figure


def taste(active: list[Active], titles: Sequence[str]) -> str:
    """Bars of a person's strongest neurons by share of their code, as HTML; typical titles stand for a name that is
    not there. titles: of all items."""
    rows = active[:12]
    most = max((entry.share for entry in rows), default=1)
    lines = "".join(
        f"<li><span>{escape(entry.label.label)}{_typical(entry, titles)}</span>"
        f'<i style="width: {entry.share / most:.1%}"></i>'
        f"<b>{entry.share:.0%}</b></li>"
        for entry in rows
    )
    return f'<ol class="knobs-taste" aria-label="Strongest neurons">{lines}</ol>'


def named_line(active: list[Active]) -> str:
    """How far names go in a person's code, as one sentence."""
    named = sum(one.label.named for one in active)
    return f"{share_named(active):.0%} of this taste has a name: {named} of {len(active)} active neurons."


def _typical(entry: Active, titles: Sequence[str]) -> str:
    return "" if entry.label.named else f"<small>{escape(', '.join(entry.label.typical(titles)))}</small>"


def _cut(text: str, length: int = 34) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
