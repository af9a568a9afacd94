"""What a knob says about itself, a person's taste and an item's receipt in charts."""

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go
import scipy.sparse as sp
import streamlit as st

from knobs_core import groups
from knobs_core.bundle import Bundle
from knobs_core.engine import Engine
from knobs_core.knobs import Active, Knob
from knobs_core.receipts import Receipt
from knobs_core.steering import Dial

MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|~:$"})


def plain(text: str) -> str:
    """Text from data made safe for places that read Markdown."""
    return text.translate(MARKDOWN)


def option(knob: Knob) -> str:
    """A knob in a search box."""
    kind = "concept" if knob.label is None else f"neuron {knob.key}"
    mark = " · weak" if knob.weak else " · ✓" if knob.effect and knob.effect.proven else ""
    return f"{knob.name} · {kind}{mark}"


def turned_line(dials: list[Dial]) -> str:
    """The dials that are turned, as Markdown: 'horror +0.30'."""
    return " · ".join(f"{plain(dial.name)} {dial.amount:+.2f}" for dial in dials)


def turned_words(dials: list[Dial]) -> str:
    """The same as plain text."""
    return ", ".join(f"{dial.name} {dial.amount:+.2f}" for dial in dials)


def served(engine: Engine, user_ids: Sequence[int], history: sp.csr_matrix, items: np.ndarray) -> None:
    """How well a list serves each member of a group: their own scores of it against those of their own best list."""
    st.subheader("Who is served how well", anchor=False, help="100% would be a list made for this person alone.")
    for user_id, share in zip(user_ids, groups.served(engine, history, items), strict=True):
        st.progress(share, f"User {user_id}: {share:.0%}")


def receipt_chart(bundle: Bundle, receipt: Receipt) -> go.Figure:
    """A waterfall up to the score: the largest neurons, the others together, the dials, what no knob holds."""
    neurons = list(receipt.neurons.items())
    rows = [(bundle.labels[neuron].label, part) for neuron, part in neurons[:8]]
    if len(neurons) > 8:
        rows.append((f"{len(neurons) - 8} other knobs", sum(part for _, part in neurons[8:])))
    rows += [(f"dial: {dial.name}", part) for dial, part in receipt.boosts]
    rows += [("what everybody gets", receipt.bias), ("not in the code", receipt.rest)]
    shares = [part for _, part in rows]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=[*(escape(_cut(name)) for name, _ in rows), "score"],
            x=[*shares, receipt.score],
            measure=["relative"] * len(rows) + ["total"],
            text=[f"{value:+.2f}" for value in [*shares, receipt.score]],
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


def taste(active: list[Active]) -> str:
    """Bars of a person's strongest knobs by share of their code, as HTML."""
    rows = active[:12]
    most = max((entry.share for entry in rows), default=1)
    lines = "".join(
        f'<li><span>{escape(entry.label.label)}</span><i style="width: {entry.share / most:.1%}"></i>'
        f"<b>{entry.share:.0%}</b></li>"
        for entry in rows
    )
    return f'<ol class="knobs-taste" aria-label="What lights up">{lines}</ol>'


def _cut(text: str, length: int = 34) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
