"""What fires a neuron only together, two to four titles at a time: a tab for the Lab."""

import json
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from knobs_core.base import home
from knobs_core.bundles import Bundle
from knobs_ui import html, progress, server
from knobs_ui.jobs import Job


def render(bundle: Bundle) -> None:
    """Look for the sets, watch it, and see what they are and how many there are by luck."""
    many = html.plain(bundle.words.many)
    st.markdown(
        f"Some neurons are active for several {many} together and for none of them alone. The search tries the pairs "
        "that most people like together, for every neuron those that come closest to it, and the likes of real people."
    )
    file = home() / "reports" / f"sets-{bundle.id}.json"
    progress.panel(_job(str(file)), "" if file.exists() else "Look for sets")
    if not file.exists():
        st.info("Sets appear here once they are found; it takes half a minute or so.", icon=":material/join_inner:")
        return
    found = json.loads(file.read_text(encoding="utf-8"))
    summary = found["summary"]
    neurons = [
        {**row, "label": bundle.labels[row["neuron"]].label} for row in found["neurons"]
    ]  # as its owner calls it
    tiles = (
        (f"Need two {many}", f"{summary['needs']:.1%}", f"with others as popular {summary['needs_blind']:.1%}",
         "Of all activations of neurons by people's likes: those that no like fires alone."),
        ("New to a pair", f"{summary['frequent']:.2%}", f"paired blindly {summary['blind']:.2%}",
         f"How often a pair that people like together fires a neuron that neither fires alone; below, the same {many} "
         "paired blindly. What is not above that is no relation, it is how likes add up."),
        ("Names of sets that hold", f"{summary['holding']} of {summary['named']}",
         f"names by luck about {summary['by_luck']}",
         f"A tag that all {many} of a neuron's sets share, tested like the names of neurons."),
    )  # fmt: skip
    for column, (name, value, below, meaning) in zip(st.columns(len(tiles)), tiles, strict=True):
        column.metric(html.plain(name), html.plain(value), help=html.plain(meaning))
        column.html(html.note(below))
    st.plotly_chart(_against_luck(neurons), config={"displayModeBar": False})
    st.html(html.note("A dot a neuron. On the line, pairs that people like together do no more than pairs by luck."))
    _choose(neurons, bundle)


def _choose(neurons: list[dict[str, Any]], bundle: Bundle) -> None:
    """A table of all neurons; a chosen row shows its sets."""
    many = bundle.words.many
    rows = [
        {
            "neuron": f"#{row['neuron']}",
            "name": row["label"],
            "its sets share": row["shared"]["tag"] if row["shared"]["holds"] else "",
            "need two": row["needs"],
            "active for": row["people"],
            "best set": " + ".join(row["sets"][0]["titles"]) if row["sets"] else "",
            "like it": row["sets"][0]["people"] if row["sets"] else None,
        }
        for row in neurons
    ]
    form = {
        "need two": st.column_config.NumberColumn(
            format="percent", help="Of the people for whom it is active: those of whom no like fires it alone."
        ),
        "active for": st.column_config.NumberColumn(help="People."),
        "like it": st.column_config.NumberColumn(help=html.plain(f"People who like all {many} of the best set.")),
    }
    picked = st.dataframe(
        pd.DataFrame(rows), hide_index=True, height=320, column_config=form, key="lab sets", on_select="rerun",
        selection_mode="single-row",
    )  # fmt: skip
    places = picked.selection.rows
    row = neurons[places[0] if places and places[0] < len(neurons) else 0]
    st.subheader(html.plain(f"What fires {row['label']} together"), anchor=False)
    st.caption(html.plain(f"{row['n_sets']:,} sets found. Choose a row above for another neuron."))
    sets = [
        {many: " + ".join(one["titles"]), "like it": one["people"], "fires": one["of_reach"]} for one in row["sets"]
    ]
    share = st.column_config.NumberColumn(format="percent", help="How strongly, of what the neuron usually reaches.")
    st.dataframe(pd.DataFrame(sets), hide_index=True, column_config={"fires": share})


def _against_luck(neurons: list[dict[str, Any]]) -> go.Figure:
    """How often pairs that people like fire a neuron, against pairs by luck."""
    frequent, blind = [row["frequent"] for row in neurons], [row["blind"] for row in neurons]
    end = max([*frequent, *blind, 0.001])
    figure = go.Figure(
        go.Scatter(x=[0, end], y=[0, end], mode="lines", line={"dash": "dot", "color": "#8a8a8a"}, hoverinfo="skip")
    )
    figure.add_scatter(
        x=blind, y=frequent, mode="markers", marker={"size": 7, "opacity": 0.6, "color": "#2f7d4f"},
        text=[html.escaped(row["label"]) for row in neurons],
        hovertemplate="%{text}<br>liked together %{y:.2%}, by luck %{x:.2%}<extra></extra>",
    )  # fmt: skip
    figure.update_layout(
        height=320, margin={"l": 0, "r": 0, "t": 10, "b": 0}, showlegend=False,
        xaxis_title="pairs by luck that fire it", yaxis_title="pairs liked together that do",
        xaxis_tickformat=".0%", yaxis_tickformat=".0%",
    )  # fmt: skip
    return figure


@st.cache_resource(show_spinner=False)
def _job(file: str) -> Job:
    """One run for all visitors of this server."""
    arguments = ["labels", str(server.bundle_path()), "--pairs", "--out", file, "--json"]
    return Job(arguments, "looking for sets of titles")
