"""Two reports of the paper's experiments side by side."""

from pathlib import Path

import pandas as pd
import streamlit as st

from knobs_core.paper import draw, figures, tables
from knobs_ui import html
from knobs_ui.lab.report import CAPTIONS, CHART, charts, stamp_of


def side_by_side(first: Path, second: Path) -> None:
    """What two reports say, and their figures beside each other."""
    st.dataframe(
        _difference(first, second), hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.4g") for name in ("one", "another", "difference")},
    )  # fmt: skip
    sides = [{chart.name: chart for chart in charts(str(folder), stamp_of(folder))} for folder in (first, second)]
    for name in CAPTIONS:
        drawn = [side.get(name) for side in sides]
        if any(drawn):
            st.subheader(html.plain(next(chart.title for chart in drawn if chart)), anchor=False)
            for number, (place, chart) in enumerate(zip(st.columns(2), drawn, strict=True)):
                if chart:
                    place.plotly_chart(draw.plotly_figure(chart, 1), config=CHART, key=f"{name} {number}")


def _difference(first: Path, second: Path) -> pd.DataFrame:
    """Accuracy and summary of two reports, matched by what they say."""
    sides = []
    for folder in (first, second):
        accuracy = tables.written(folder, "table3_accuracy")
        size = accuracy["dim"].map(lambda dim: "" if pd.isna(dim) else f" {dim:g}")
        parts = [
            pd.DataFrame({"what": title, "model": accuracy["model"] + size, "value": accuracy[name]})
            for name, title in (("recall", "Recall@20"), ("ndcg", "nDCG@20"))
        ]
        summary = tables.read(folder, "summary")
        if summary is not None:
            titles = [figures.MODEL_TITLES.get(model, "") for model in summary["model"]]
            parts.append(summary[["what", "value"]].assign(model=titles))
        sides.append(pd.concat(parts).set_index(["what", "model"])["value"])
    one, another = sides
    rows = one.index.append(another.index[~another.index.isin(one.index)])
    both = pd.DataFrame({"one": one.reindex(rows), "another": another.reindex(rows)})
    return both.assign(difference=both["another"] - both["one"]).reset_index()
