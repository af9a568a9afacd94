"""How good the knobs of a bundle are: a tab for the Lab. ``render(bundle)`` draws it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from knobs_core.bundles import Bundle, Knob, evaluate
from knobs_core.evaluation import MIN_ITEMS, Interpretability

KINDS = ("does what it says", "brings what it was made from", "weak")
COLOURS = ("#2f7d4f", "#8a8a8a", "#b3372b")


@st.cache_data(show_spinner="Judging every neuron against every tag", max_entries=2)
def _interpreted(bundle_id: str, _bundle: Bundle) -> Interpretability:
    return evaluate.interpretability(_bundle)


def render(bundle: Bundle) -> None:
    """What the knobs do, what the neurons stand for, and how far both are better than chance."""
    knobs = list(bundle.knobs.values())
    st.subheader("What turning a knob does", anchor=False)
    st.plotly_chart(_verdicts(knobs), config={"displayModeBar": False})
    table = _effects(knobs)
    form = {str(name): st.column_config.NumberColumn(format="%.1f%%") for name in table.select_dtypes("number")}
    st.dataframe(table, hide_index=True, height=320, column_config=form)
    found = _interpreted(bundle.id, bundle)
    summary = found.summary
    st.subheader("What the neurons stand for", anchor=False)
    if not len(found.tags):
        st.info(f"No tag is on {MIN_ITEMS} or more items, so there is nothing to judge the neurons by.")
        return
    tenfold, ap, auroc, alive = (summary[name] for name in ("tenfold", "ap", "auroc", "alive"))
    tiles = (
        ("Average precision", f"{ap['mean']:.3f}", f"{ap['null']:.3f}",
         "How far up a tag's neuron ranks the tag's items; chosen by half of them and judged by the other half."),
        ("AUROC", f"{auroc['mean']:.3f}", f"{auroc['null']:.3f}",
         "Chance that an item with the tag activates the tag's neuron more than one without."),
        ("Tenfold, held out", *(f"{tenfold[name]['either']:.0%}" for name in ("held_out", "held_out_null")),
         "Some knob's top 20 titles carry the tag ten times as often as titles do on the whole. The knob is chosen by "
         "half of the tag's items and counted on the other half."),
        ("Tenfold, all items", *(f"{tenfold[name]['either']:.0%}" for name in ("all_pairs", "null")),
         "The same, chosen and counted by all items of the tag: flattering."),
    )  # fmt: skip
    for column, (name, value, luck, meaning) in zip(st.columns(len(tiles)), tiles, strict=True):
        column.metric(name, value, help=meaning)
        column.caption(f"by chance {luck}")
    st.caption(
        f"{len(found.tags):,} tags on {MIN_ITEMS} or more items · neurons alive on whole histories "
        f"{alive['users']:.1%}, on shortened ones {alive['fold_ins']:.1%}, on single items {alive['single_items']:.1%}",
        help="By chance: the same with permuted tags, whose items are exchanged for others as popular.",
    )
    st.plotly_chart(_coverage(summary["coverage"]), config={"displayModeBar": False})
    table = found.tags.sort_values("ap", ascending=False)
    names = [bundle.labels[neuron].label for neuron in table["neuron"]]
    table = table.assign(neuron=[f"#{j}" for j in table["neuron"]], name=names)
    st.dataframe(table, hide_index=True, height=320)


def _verdicts(knobs: Sequence[Knob]) -> go.Figure:
    counts = {"concepts": [0, 0, 0], "neurons": [0, 0, 0]}
    for knob in knobs:
        if knob.effect:
            place = 0 if knob.effect.proven else 2 if knob.weak else 1
            counts["neurons" if knob.label else "concepts"][place] += 1
    figure = go.Figure()
    for place, (kind, colour) in enumerate(zip(KINDS, COLOURS, strict=True)):
        values = [count[place] for count in counts.values()]
        figure.add_bar(
            y=list(counts), x=values, name=kind, orientation="h", marker_color=colour,
            hovertemplate="%{y}: %{x}<extra>" + kind + "</extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="stack", height=210, margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "traceorder": "normal"},
    )  # fmt: skip
    return figure


def _effects(knobs: Sequence[Knob]) -> pd.DataFrame:
    """What each knob does; shares in hundredths."""
    rows = [
        {
            "knob": knob.name,
            "kind": knob.kind,
            "verdict": KINDS[0] if knob.effect.proven else KINDS[2] if knob.weak else KINDS[1],
            "held out at rest": knob.effect.held_out[0],
            "held out at 0.3": knob.effect.held_out[-1],
            "theme at rest": knob.effect.theme[0],
            "theme at 0.3": knob.effect.theme[-1],
            "taste kept at 0.3": knob.effect.kept[-1],
            "other themes shift": knob.effect.off_target[-1] / 2,
            "popularity shift": knob.effect.popularity[-1] - knob.effect.popularity[0],
        }
        for knob in knobs
        if knob.effect
    ]
    table = pd.DataFrame(rows)
    shares = table.select_dtypes("number").columns
    return table.assign(**(100 * table[shares]))


def _coverage(coverage: dict[str, dict[str, float]]) -> go.Figure:
    sizes = [int(size) for size in coverage]
    figure = go.Figure(
        go.Scatter(x=sizes, y=[part["share"] for part in coverage.values()], mode="lines+markers", name="covered")
    )
    figure.add_scatter(x=sizes, y=np.full(len(sizes), 0.05), mode="lines", line_dash="dot", name="by chance")
    figure.update_layout(height=220, margin={"l": 0, "r": 0, "t": 10, "b": 0}, yaxis_tickformat=".0%")
    figure.update_xaxes(title="neurons", type="log", tickvals=sizes)
    figure.update_yaxes(title="tags with a good neuron", rangemode="tozero")
    return figure
