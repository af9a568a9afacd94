"""How good the knobs of a bundle are: a tab for the Lab. ``render(bundle)`` draws it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from knobs_core.bundles import Bundle, Knob, evaluate
from knobs_core.evaluation import GRADES, MIN_ITEMS, Interpretability
from knobs_ui import html

FORMATS = {"bits": "%.2f", "place at rest": "localized", "place at 0.3": "localized", "p": "%.3f"}
COLOURS = ("#2f7d4f", "#74ad84", "#8a8a8a", "#c9c9c9")  # of the grades


@st.cache_data(show_spinner="Judging every neuron against every tag", max_entries=2)
def _interpreted(bundle_id: str, _bundle: Bundle) -> Interpretability:
    return evaluate.interpretability(_bundle)


def render(bundle: Bundle) -> None:
    """What the knobs do, what the neurons stand for, and how far both are better than chance."""
    knobs, many = list(bundle.knobs.values()), html.plain(bundle.words.many)
    st.subheader("What turning a knob does", anchor=False)
    st.plotly_chart(_verdicts(knobs), config={"displayModeBar": False})
    table = _effects(knobs)
    form = {str(name): st.column_config.NumberColumn(format="%.1f%%") for name in table.columns[7:]}
    form |= {name: st.column_config.NumberColumn(format=one) for name, one in FORMATS.items()}
    st.dataframe(table, hide_index=True, height=320, column_config=form)
    found = _interpreted(bundle.id, bundle)
    summary = found.summary
    st.subheader("What the neurons stand for", anchor=False)
    if not len(found.tags):
        st.info(f"No tag is on {MIN_ITEMS} or more {many}, so there is nothing to judge the neurons by.")
        return
    tenfold, ap, auroc, alive = (summary[name] for name in ("tenfold", "ap", "auroc", "alive"))
    tiles = (
        ("Average precision", f"{ap['mean']:.3f}", f"{ap['null']:.3f}",
         f"How far up a tag's neuron ranks the tag's {many}; chosen by half of them and judged by the other half."),
        ("AUROC", f"{auroc['mean']:.3f}", f"{auroc['null']:.3f}",
         f"Chance that {html.plain(bundle.words.a)} with the tag activates the tag's neuron more than one without."),
        ("Tenfold, held out", *(f"{tenfold[name]['either']:.0%}" for name in ("held_out", "held_out_null")),
         f"Some knob's top 20 {many} carry the tag ten times as often as {many} do on the whole. The knob is chosen "
         f"by half of the tag's {many} and counted on the other half."),
        (f"Tenfold, all {many}", *(f"{tenfold[name]['either']:.0%}" for name in ("all_pairs", "null")),
         f"The same, chosen and counted by all {many} of the tag: flattering."),
    )  # fmt: skip
    for column, (name, value, luck, meaning) in zip(st.columns(len(tiles)), tiles, strict=True):
        column.metric(html.plain(name), html.plain(value), help=html.plain(meaning))
        column.caption(f"by chance {html.plain(luck)}")
    st.caption(
        f"{len(found.tags):,} tags on {MIN_ITEMS} or more {many} · neurons alive on whole histories "
        f"{alive['users']:.1%}, on shortened ones {alive['fold_ins']:.1%}, "
        f"on single {many} {alive['single_items']:.1%}",
        help=f"By chance: the same with permuted tags, whose {many} are exchanged for others as popular.",
    )
    st.plotly_chart(_coverage(summary["coverage"]), config={"displayModeBar": False})
    table = found.tags.sort_values("ap", ascending=False)
    names = [bundle.labels[neuron].label for neuron in table["neuron"]]
    table = table.assign(neuron=[f"#{j}" for j in table["neuron"]], name=names)
    st.dataframe(table, hide_index=True, height=320)


def _verdicts(knobs: Sequence[Knob]) -> go.Figure:
    kinds = {"concepts": False, "neurons with a name": True}
    figure = go.Figure()
    for grade, colour in zip(GRADES, COLOURS, strict=True):
        values = [
            sum(knob.verdict == grade and bool(knob.label) == is_neuron for knob in knobs)
            for is_neuron in kinds.values()
        ]
        figure.add_bar(
            y=list(kinds), x=values, name=grade, orientation="h", marker_color=colour,
            hovertemplate="%{y}: %{x}<extra>" + grade + "</extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="stack", height=210, margin={"l": 0, "r": 0, "t": 0, "b": 0},
        legend={"orientation": "h", "y": -0.2, "yanchor": "top", "traceorder": "normal"},
    )  # fmt: skip
    return figure


def _effects(knobs: Sequence[Knob]) -> pd.DataFrame:
    """What each knob does; shares in hundredths, bits and places of titles that it was not told about."""
    rows = [
        {
            "knob": knob.name,
            "kind": knob.kind,
            "grade": knob.verdict,
            "weak": bool(knob.weak),
            "bits": effect.bits if effect.tested else None,
            "place at rest": round(effect.rest) if effect.tested else None,
            "place at 0.3": round(effect.turned) if effect.tested else None,
            "p": effect.p if effect.tested else None,
            "theme at rest": 100 * effect.theme[0],
            "theme at 0.3": 100 * effect.theme[-1],
            "taste kept at 0.3": 100 * effect.kept[-1],
            "other themes shift": 100 * effect.off_target[-1] / 2,
            "popularity shift": 100 * (effect.popularity[-1] - effect.popularity[0]),
        }
        for knob in knobs
        if (effect := knob.effect)
    ]
    return pd.DataFrame(rows)


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
