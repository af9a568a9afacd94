"""What a knob says about itself, and a person's taste in a line and in a chart."""

from html import escape

import plotly.graph_objects as go
import scipy.sparse as sp
import streamlit as st

from knobs_core import knobs
from knobs_core.bundle import Bundle
from knobs_core.knobs import Active, Knob
from knobs_core.steering import Dial

MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|~:$"})


def plain(text: str) -> str:
    """Text from data made safe for places that read Markdown."""
    return text.translate(MARKDOWN)


@st.cache_resource(show_spinner=False, max_entries=2)
def _catalogue(checksum: str, seed: int, _bundle: Bundle) -> dict[str, Knob]:
    return knobs.all_knobs(_bundle)


def catalogue(bundle: Bundle) -> dict[str, Knob]:
    """Every knob of the bundle by key; shared by all visitors and never changed."""
    return _catalogue(bundle.manifest["source"]["checksum"], bundle.manifest["seed"], bundle)


def option(knob: Knob) -> str:
    """A knob in a search box."""
    return f"{knob.name} · concept" if knob.label is None else f"{knob.name} · neuron {knob.key}"


def facts(bundle: Bundle, knob: Knob, lit: Active | None) -> str:
    """HTML below a dial: how far it is lit, how sure its name is, and typical titles."""
    titles = bundle.interactions.items["title"]
    meter = f'<div class="knobs-meter"><i style="width:{lit.level if lit else 0:.0%}"></i></div>'
    if knob.label is None:
        made_of = ", ".join(f"{bundle.labels[j].label} {weight:.0%}" for j, weight in knob.recipe.items())
        return _line(f"a concept: turns {len(knob.recipe)} neurons together", made_of)
    level = f"lit {lit.level:.0%}" if lit else "not lit"
    label = knob.label
    typical = ", ".join(titles[i] for i in label.top_items[:4])
    sure = f"name fits {label.confidence:.0%}" if label.tags else "no tag describes it, so it goes by typical titles"
    return meter + _line(f"{level} · {sure}", typical) + _line("e.g. " + typical, typical)


def _line(text: str, hint: str) -> str:
    return f'<p class="knobs-facts" title="{escape(hint)}">{escape(text)}</p>'


def taste_line(bundle: Bundle, history: sp.csr_matrix) -> str:
    """A person in one line: how much they like, and what mostly."""
    active = knobs.active_knobs(bundle, bundle.nested.encode(history).code.z[0].cpu().numpy())
    names = " · ".join(plain(entry.label.label) for entry in [a for a in active if a.label.tags][:4])
    count = f"{history.nnz:,} liked {'title' if history.nnz == 1 else 'titles'}"
    return f"{count} · {names}" if names else count


def turned_line(dials: list[Dial]) -> str:
    """The dials that are turned, as Markdown: 'horror +0.30'."""
    return " · ".join(f"{plain(dial.name)} {dial.amount:+.2f}" for dial in dials)


def taste_chart(active: list[Active]) -> go.Figure:
    """Bars of a person's strongest knobs by share of their code."""
    shown = active[:12][::-1]
    figure = go.Figure(
        go.Bar(
            x=[entry.share for entry in shown],
            y=[_short(entry.label.label) for entry in shown],
            orientation="h",
            hovertext=[escape(entry.label.label) for entry in shown],
            hovertemplate="%{hovertext}: %{x:.1%} of this taste<extra></extra>",
            marker_color="#d9702f",
        )
    )
    figure.update_layout(
        height=30 * len(shown) + 50, margin={"l": 0, "r": 10, "t": 0, "b": 30}, xaxis_tickformat=".0%", bargap=0.35
    )
    figure.update_xaxes(fixedrange=True, title=None)
    figure.update_yaxes(fixedrange=True, automargin=True)
    return figure


def _short(text: str, length: int = 34) -> str:
    text = text if len(text) <= length else text[: length - 1] + "…"
    return escape(text)
