"""The paper's experiments on the loaded data: a tab for the Lab."""

import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from knobs_core import paper
from knobs_core.base import home
from knobs_core.bundles import Bundle
from knobs_core.paper import draw, figures, tables
from knobs_ui import html, progress, server
from knobs_ui.html import plain
from knobs_ui.jobs import Job

SHOWN = {"recall": "Recall@20", "recall_error": "SE of Recall", "ndcg": "nDCG@20", "ndcg_error": "SE of nDCG"}
CHART = {"displaylogo": False, "displayModeBar": False}
CAPTIONS = {
    "figure2": "Right: more active neurons. Up: more of the recommender is kept. Hover for k or λ.",
    "figure3": "Further right is more specific (for normalised entropy: further left).",
    "figure5": "Right: closer to the user's hidden likes. Up: closer to the theme. The amount grows along a line.",
    "figure6": "Deeper colour is stronger steering. Distances between far groups mean little.",
}


def render(bundle: Bundle) -> None:
    """The paper's experiments on the loaded data: run them, watch them, look at the figures."""
    source = bundle.manifest.origin
    st.markdown(
        f"All tables and figures of *From Knots to Knobs* on **{plain(source.slug)}**, on a small grid of models. It "
        "takes minutes, goes on while you use other pages, and a run that was stopped goes on where it was."
    )
    out = home() / "reports" / f"{source.slug}-{source.checksum[:8]}-quick"
    offer = "Go on" if paper.read_progress(out) else "Run the report"
    progress.panel(_job(str(out)), "The paper's experiments", "" if (out / "report.html").exists() else offer)
    found = finished()
    if not found:
        st.info("Figures appear here once a report is finished.", icon=":material/lab_research:")
        return
    own = str(out)
    chosen = st.selectbox(
        "Report", list(found), index=list(found).index(own) if own in found else 0, key="lab report",
        format_func=lambda folder: found.get(folder, folder), help="Reports lie in KNOBS_HOME/reports.",
    )  # fmt: skip
    _show(Path(chosen))


def _show(folder: Path) -> None:
    stamp = stamp_of(folder)
    st.download_button(
        "The whole report as one page", (folder / "report.html").read_bytes, f"{folder.name}.html", "text/html",
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
        st.subheader(chart.title, anchor=False)
        with st.container(key=f"lab-figure-{chart.name}"):
            st.plotly_chart(draw.plotly_figure(chart, 2), config=CHART, key=f"{chart.name} {stamp}")
        st.caption(CAPTIONS[chart.name])
    rows = tables.read(folder, "figure4_lists")
    if rows is not None:
        st.subheader("One person's list under several concepts", anchor=False)
        groups = rows.groupby("concept", sort=False)
        for place, (concept, part) in zip(st.columns(groups.ngroups), groups, strict=True):
            place.markdown(f"**{plain(str(concept)) or 'No boost'}**")
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
    """When a report was written."""
    return (folder / "report.html").stat().st_mtime_ns


def finished() -> dict[str, str]:
    """Finished reports {folder: name}, the newest first."""
    found = sorted((home() / "reports").glob("*/report.html"), key=lambda file: -file.stat().st_mtime)
    return {str(file.parent): _title(file.parent) for file in found}


def _title(folder: Path) -> str:
    try:
        asked = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return f"{folder.name} · seed {asked['seed']}" + (" · quick" if asked["quick"] else "")
    except (OSError, ValueError, KeyError):
        return folder.name


@st.cache_resource(show_spinner=False)
def _job(out: str) -> Job:
    """One run for all visitors of this server."""
    arguments = ["paper", "--quick", "--data", str(server.bundle_path()), "--out", out, "--json"]
    device = os.environ.get("KNOBS_DEVICE", "auto")
    return Job([*arguments, "--device", device])
