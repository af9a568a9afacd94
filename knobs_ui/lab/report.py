"""One report of the paper's experiments: its tables and figures."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from knobs_core.paper import draw, figures, tables
from knobs_ui import html

SHOWN = {"recall": "Recall@20", "recall_error": "SE of Recall", "ndcg": "nDCG@20", "ndcg_error": "SE of nDCG"}
CHART = {"displaylogo": False, "displayModeBar": False}
CAPTIONS = {
    "figure2": "Right: more active neurons. Up: more of the recommender is kept. Hover for k or λ.",
    "figure3": "Further right is more specific (for normalised entropy: further left).",
    "figure5": "Right: closer to the user's hidden likes. Up: closer to the theme. The amount grows along a line.",
    "figure6": "Deeper colour is stronger steering. Distances between far groups mean little.",
}


def show(folder: Path) -> None:
    """Tables and figures of a finished report."""
    stamp, page = stamp_of(folder), folder / "report.html"
    if page.exists():
        st.download_button(
            "The whole report as one page", page.read_bytes, f"{folder.name}.html", "text/html",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    accuracy = tables.written(folder, "table3_accuracy")[["model", "dim", *SHOWN]]
    accuracy["dim"] = accuracy["dim"].map(lambda dim: "" if pd.isna(dim) else f"{dim:g}")
    st.subheader("Accuracy of the recommenders", anchor=False, help="Means over test users with standard errors.")
    st.dataframe(
        accuracy, hide_index=True,
        column_config={
            "model": "Model",
            "dim": "Size",
            **{
                name: st.column_config.NumberColumn(title, format="%.3f")
                for name, title in SHOWN.items()
            },
        },
    )  # fmt: skip
    for chart in charts(str(folder), stamp):
        st.subheader(html.plain(chart.title), anchor=False)
        with st.container(key=f"lab-figure-{chart.name}"):
            st.plotly_chart(draw.plotly_figure(chart, 2), config=CHART, key=f"{chart.name} {stamp}")
        st.caption(CAPTIONS[chart.name])
    rows = tables.read(folder, "figure4_lists")
    if rows is not None:
        st.subheader("One person's list under several concepts", anchor=False)
        groups = rows.groupby("concept", sort=False)
        for place, (concept, part) in zip(st.columns(groups.ngroups), groups, strict=True):
            place.markdown(f"**{html.plain(str(concept)) or 'No boost'}**")
            shown = zip(part["rank"], part["title"], part.itertuples(), strict=True)
            lines = [html.Row(rank, title, _mark(row)) for rank, title, row in shown]
            place.html(html.ranked(lines, f"List under {str(concept) or 'no boost'}"))


def _mark(row: Any) -> str:
    return " · ".join(word for word, true in (("new", row.new), ("carries the tag", row.carries)) if true)


@st.cache_data(show_spinner=False, max_entries=8)
def charts(folder: str, _version: int) -> list[figures.Chart]:
    """The figures of a report; the version says when it was written."""
    return figures.charts(Path(folder))


def stamp_of(folder: Path) -> int:
    """When a report was written; the one that comes with the app has no page of its own."""
    page = folder / "report.html"
    return (page if page.exists() else folder).stat().st_mtime_ns
