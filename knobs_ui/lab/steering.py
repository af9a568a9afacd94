"""The Lab's tab on steering: how much of a theme each method brings, for how much of a person's own taste."""

import json
import os

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from knobs_core.base import home
from knobs_core.bundles import Bundle
from knobs_ui import html, progress, server
from knobs_ui.jobs import Job
from knobs_ui.lab import shipped

KINDS = {
    "oracle": "Themes of their hidden likes",
    "random": "Any themes",
    "absent": "Themes new to them",
}
FIRST = ["recipe", "representative", "direction", "label boost"]  # shown until somebody chooses
COLUMNS = {
    "method": st.column_config.TextColumn("Method"),
    "segment_at_95": st.column_config.NumberColumn(
        "Theme at 95%", format="%.3f", help="nDCG@20 of items nobody was told about, at 95% of the own taste."
    ),
    "interval": st.column_config.TextColumn("95% interval", help="Bootstrap over people and themes."),
    "segment_at_90": st.column_config.NumberColumn("at 90%", format="%.3f"),
    "over_representative": st.column_config.NumberColumn("Times the paper's", format="%.2f"),
    "monotone": st.column_config.NumberColumn(
        "Never falls", format="percent", help="Cases in which turning further never takes items of the theme away."
    ),
    "off_target": st.column_config.NumberColumn("Side effects", format="%.2f", help="Change of other tags' shares."),
    "popularity": st.column_config.NumberColumn("Popularity", format="%+.3f", help="Change of the mean percentile."),
}


def render(bundle: Bundle) -> None:
    """Run the measurement, watch it, and look at the curves."""
    st.markdown(
        f"Half of each theme's {html.plain(bundle.words.many)} are shown to a method, the other half is looked for in "
        "people's lists. Turned further, a dial brings more of them and keeps less of the person's own taste; the best "
        "method lies top right."
    )
    file = home() / "reports" / f"steering-{bundle.id}.json"
    offer = "" if file.exists() else "Measure the steering"
    progress.panel(_job(str(file)), offer)
    if not file.exists():
        if not shipped.comes_with(bundle):
            st.info("Curves appear here once they are measured; it takes a minute or so.", icon=":material/monitoring:")
            return
        file = shipped.STEERING
        st.caption(html.plain(shipped.measured(bundle)))
    found = json.loads(file.read_text(encoding="utf-8"))
    points, summary = pd.DataFrame(found["points"]), pd.DataFrame(found["summary"])
    names = list(dict.fromkeys(points["method"]))
    chosen = st.multiselect("Methods", names, [name for name in FIRST if name in names], key="steering methods")
    st.plotly_chart(chart(points[points["method"].isin(chosen)]), config={"displayModeBar": False})
    kind = st.segmented_control(
        "Whose themes", list(KINDS), default="oracle", format_func=KINDS.__getitem__, required=True
    )
    table = summary[summary["segments"] == kind].sort_values("segment_at_95", ascending=False, na_position="last")
    table["interval"] = [" to ".join(f"{value:.3f}" for value in pair) for pair in table["segment_at_95_interval"]]
    st.dataframe(table[list(COLUMNS)], hide_index=True, column_config=COLUMNS)
    accuracy = ", ".join(f"{name} {value:.3f}" for name, value in found["accuracy"].items())
    st.caption(f"nDCG@20 without steering: {html.plain(accuracy)}. An empty field: the method is nowhere that cheap.")


def chart(points: pd.DataFrame) -> go.Figure:
    """Personal against held-out theme nDCG, a line a method."""
    figure = go.Figure()
    for method, part in points.groupby("method", sort=False):
        name = html.escaped(str(method))
        figure.add_scatter(
            x=part["personal_ndcg@20"], y=part["heldout_segment_ndcg@20"], mode="lines+markers", name=name,
            customdata=part["alpha"],
            hovertemplate=f"{name} at %{{customdata}}<br>%{{x:.3f}}, %{{y:.3f}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        height=420, margin={"l": 0, "r": 0, "t": 10, "b": 0}, xaxis_title="own taste kept (nDCG@20)",
        yaxis_title="theme brought (nDCG@20)", legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )  # fmt: skip
    return figure


@st.cache_resource(show_spinner=False)
def _job(file: str) -> Job:
    """One run for all visitors of this server."""
    device = os.environ.get("KNOBS_DEVICE", "auto")
    arguments = ["steer-eval", str(server.bundle_path()), "--out", file, "--json", "--device", device]
    return Job(arguments, "steering everybody by every method")
