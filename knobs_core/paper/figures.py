"""The figures as plain descriptions made from a report's CSV tables; ``draw.py`` draws them by Plotly or Matplotlib."""

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from knobs_core.paper import tables
from knobs_core.paper.cells import title_of

ORANGE, GREEN, BLUE, VIOLET, GREY, RED = "#d9702f", "#2f7d4f", "#3b6fb6", "#8251a8", "#b9b2a8", "#b3372b"
KIND_COLOURS = {
    ("topk", "l2"): ORANGE, ("topk", "cosine"): GREEN, ("basic", "l2"): BLUE, ("basic", "cosine"): VIOLET,
}  # fmt: skip
MODEL_COLOURS = {"elsa-l2": ORANGE, "multvae-l2": BLUE, "elsa-cosine": GREEN}
MODEL_TITLES = {"elsa-l2": "ELSA+L2", "multvae-l2": "MultVAE+L2", "elsa-cosine": "ELSA+Cosine"}
SYMBOLS = ("circle", "square", "diamond", "cross")
CONCEPT_COLOURS = (RED, BLUE, GREEN)
BINS = 30


@dataclasses.dataclass(frozen=True)
class Series:
    """Points of one kind. symbol "" is a line without points; line False are points alone; hover: a text a point;
    legend: whether it is named there."""

    name: str
    x: list[float]
    y: list[float]
    colour: str
    symbol: str = "circle"
    line: bool = True
    dash: bool = False
    size: float = 7
    opacity: float = 1.0
    hover: list[str] | None = None
    legend: bool = True


@dataclasses.dataclass(frozen=True)
class Panel:
    """One pair of axes."""

    title: str
    x_title: str
    y_title: str
    series: list[Series]
    log_x: bool = False
    axes: bool = True


@dataclasses.dataclass(frozen=True)
class Chart:
    """A figure of panels, so many in a row. name: of its files; shared: all panels have the same scale."""

    name: str
    title: str
    panels: list[Panel]
    columns: int
    shared: bool = False


def charts(folder: Path) -> list[Chart]:
    """Every figure that a report's tables allow."""
    makers = {
        "figure2_reconstruction": reconstruction,
        "table2_tags": lambda tags: specificity(tags, tables.written(folder, "figure3_neurons")),
        "figure5_steering": steering,
        "figure6_map": on_a_map,
    }
    found = {name: tables.read(folder, name) for name in makers}
    made = [makers[name](frame) for name, frame in found.items() if frame is not None]
    return [chart for chart in made if chart.panels]


def reconstruction(grid: pd.DataFrame) -> Chart:
    """Figure 2: active neurons against what the SAE keeps; a column a recommender, a row a measure."""
    panels = []
    widths = sorted(grid["width_ratio"].unique())
    for column, y_title in (
        ("cosine", "cosine"),
        ("ndcg_kept", "nDCG@20, share kept"),
        ("recall_kept", "Recall@20, share kept"),
    ):
        for cfae, models in grid.groupby("cfae"):
            series = []
            for (sae, loss, width), rows in models.groupby(["sae", "loss", "width_ratio"]):
                rows = rows.sort_values("l0")
                limit = [
                    f"k {k}" if sae == "topk" else f"λ {l1:g}" for k, l1 in zip(rows["k"], rows["l1"], strict=True)
                ]
                series.append(
                    Series(
                        f"{title_of(str(sae))}, {loss}, {width:g}x",
                        rows["l0"].tolist(),
                        rows[column].tolist(),
                        KIND_COLOURS[str(sae), str(loss)],
                        SYMBOLS[widths.index(width) % len(SYMBOLS)],
                        hover=limit,
                    )
                )
            panels.append(Panel(title_of(str(cfae)), "active neurons (L0)", y_title, series, log_x=True))
    return Chart("figure2", "What the sparse code keeps of the recommender", panels, grid["cfae"].nunique())


def specificity(tags: pd.DataFrame, neurons: pd.DataFrame) -> Chart:
    """Figure 3: how tags and neurons spread over KL divergence, entropy decrease and their better-behaved relatives."""
    panels = []
    for frame, what in ((tags, "tags"), (neurons, "neurons")):
        for column, x_title in (
            ("kl_paper", "KL(average | own), as the paper's code"),
            ("entropy_decrease", "entropy decrease, relative"),
            ("entropy_share", "entropy / ln(alive)"),
            ("jsd", "Jensen-Shannon divergence"),
        ):
            values = frame[column].dropna()
            edges = np.linspace(values.min(), values.max(), BINS + 1) if len(values) else np.linspace(0, 1, BINS + 1)
            series = []
            for model, rows in frame.groupby("model", sort=False):
                measured = rows[column].dropna()
                share = np.histogram(measured, edges)[0] / max(len(measured), 1)
                middle = (edges[:-1] + edges[1:]) / 2
                series.append(
                    Series(MODEL_TITLES[str(model)], middle.tolist(), share.tolist(), MODEL_COLOURS[str(model)], "")
                )
            panels.append(Panel(what, x_title, f"share of {what}", series))
    return Chart("figure3", "How specific tags and neurons are", panels, 4)


def steering(points: pd.DataFrame) -> Chart:
    """Figure 5: own taste against the segment, along the amount of steering; the paper's curves dashed."""
    panels = []
    colours = {"representative": ORANGE, "unique": BLUE}
    for model, rows in points.groupby("model", sort=False):
        series = []
        for mapping, line in rows.groupby("mapping", sort=False):
            amounts = [f"α = {alpha:g}" for alpha in line["alpha"]]
            series.append(
                Series(
                    str(mapping),
                    line["personal"].tolist(),
                    line["segment"].tolist(),
                    colours[str(mapping)],
                    hover=amounts,
                )
            )
            if line["paper_personal"].notna().any():
                series.append(
                    Series(
                        f"{mapping}, paper", line["paper_personal"].tolist(), line["paper_segment"].tolist(),
                        colours[str(mapping)], "diamond", dash=True, opacity=0.6, hover=amounts,
                    )
                )  # fmt: skip
        panels.append(
            Panel(MODEL_TITLES[str(model)], "nDCG@20 on the user's own targets", "nDCG@20 on the segment", series)
        )
    return Chart("figure5", "Steering towards the segment that stands out in a user's targets", panels, 2, shared=True)


def on_a_map(points: pd.DataFrame) -> Chart:
    """Figure 6: users in grey, steered ones in colour, deeper with the amount; the concept's most tagged items."""
    users = points[points["kind"] == "user"]
    panels = []
    for (concept, rows), colour in zip(
        points[points["kind"] == "steered"].groupby("concept", sort=False), CONCEPT_COLOURS, strict=False
    ):
        items = points[(points["kind"] == "item") & (points["concept"] == concept)]
        alphas = sorted(rows["alpha"].unique())
        series = [Series("unsteered", users["x"].tolist(), users["y"].tolist(), GREY, line=False, size=4)]
        for place, alpha in enumerate(alphas, start=1):
            part = rows[rows["alpha"] == alpha]
            series.append(
                Series(f"α = {alpha:g}", part["x"].tolist(), part["y"].tolist(), colour, line=False, size=4,
                       opacity=place / len(alphas), legend=False)
            )  # fmt: skip
        series.append(
            Series("most tagged items", items["x"].tolist(), items["y"].tolist(), VIOLET, "x", line=False, size=11,
                   hover=items["title"].tolist())
        )  # fmt: skip
        panels.append(Panel(str(concept), "", "", series, axes=False))
    return Chart("figure6", "Users on a map while they are steered", panels, max(len(panels), 1), shared=True)
