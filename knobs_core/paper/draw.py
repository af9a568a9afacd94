"""Figures drawn from their descriptions: interactive with Plotly, still as PNG and SVG with Matplotlib.

Plotly's own export to images drives a browser; Matplotlib needs nothing and works offline.
"""

import html
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from knobs_core.base import visible
from knobs_core.paper.figures import Chart, Panel, Series

if TYPE_CHECKING:  # imported by what draws
    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

ROW_HEIGHT, GAP = 330, 95  # pixels of a row of panels with what is written under it, and of that
TICKS = [factor * 10**power for power in range(5) for factor in (1, 2, 5)]  # of logarithmic axes
TITLE = 38  # letters of a title in figure 4, at most
MARKERS = {"circle": "o", "square": "s", "diamond": "D", "cross": "P", "x": "x"}


def plotly_figure(chart: Chart, columns: int | None = None) -> "go.Figure":
    """A chart as a Plotly figure; columns: panels in a row, by default the chart's own. Texts from data are escaped,
    and like all here made visible: XML forbids control characters."""
    import plotly.graph_objects as go
    from plotly.subplots import make_subplots

    across = min(columns or chart.columns, len(chart.panels))
    down = -(-len(chart.panels) // across)
    figure = make_subplots(
        down, across, subplot_titles=[_escaped(panel.title) for panel in chart.panels],
        horizontal_spacing=0.26 / (across + 1), vertical_spacing=GAP / (ROW_HEIGHT * down),
    )  # fmt: skip
    named: set[tuple[str, str]] = set()
    for place, panel in enumerate(chart.panels):
        row, column = place // across + 1, place % across + 1
        for series in panel.series:
            key = (series.name, series.colour)
            figure.add_trace(
                go.Scatter(
                    x=series.x,
                    y=series.y,
                    name=_escaped(series.name),
                    legendgroup=" ".join(key),
                    showlegend=series.legend and key not in named,
                    mode="+".join([*(["lines"] if series.line else []), *(["markers"] if series.symbol else [])]),
                    line={"color": series.colour, "dash": "dash" if series.dash else "solid", "width": 1.6},
                    marker={"symbol": series.symbol or None, "size": series.size, "color": series.colour},
                    opacity=series.opacity,
                    text=[_escaped(text) for text in series.hover] if series.hover else None,
                    hovertemplate=("%{text}<br>" if series.hover else "") + "%{x:.4g}, %{y:.4g}",
                ),
                row,
                column,
            )
            named.add(key)
        log = {"type": "log", "tickvals": TICKS} if panel.log_x else {}
        figure.update_xaxes(title_text=panel.x_title, visible=panel.axes, row=row, col=column, **log)
        figure.update_yaxes(title_text=panel.y_title, visible=panel.axes, row=row, col=column)
    if chart.shared:
        figure.update_xaxes(matches="x")
        figure.update_yaxes(matches="y")
    figure.update_layout(
        height=ROW_HEIGHT * down + 90, margin={"l": 60, "r": 20, "t": 50, "b": 60},
        legend={"orientation": "h", "yanchor": "top", "y": -90 / (ROW_HEIGHT * down), "x": 0},
    )  # fmt: skip
    return figure


def write_still(chart: Chart, folder: Path) -> None:
    """Write NAME.png and NAME.svg."""
    across = min(chart.columns, len(chart.panels))
    down = -(-len(chart.panels) // across)
    with _still(folder, chart.name, (4.4 * across, 3.3 * down + 0.9)) as figure:
        axes = figure.subplots(down, across, squeeze=False, sharex=chart.shared, sharey=chart.shared).ravel()
        for spare in axes[len(chart.panels) :]:
            spare.set_axis_off()
        handles: dict[str, Line2D] = {}
        for axis, panel in zip(axes, chart.panels, strict=False):
            _still_panel(axis, panel, handles)
        figure.suptitle(visible(chart.title), fontsize=11)
        figure.legend(list(handles.values()), list(handles), loc="outside lower center", ncols=4, frameon=False)


def write_lists(rows: pd.DataFrame, folder: Path) -> None:
    """Write figure4.png and .svg: one person's lists side by side, new titles in bold, the tag's with a dot."""
    groups = rows.groupby("concept", sort=False)
    with _still(folder, "figure4", (3.4 * groups.ngroups, 0.26 * rows["rank"].max() + 0.9)) as figure:
        for axis, (concept, part) in zip(figure.subplots(1, groups.ngroups, squeeze=False)[0], groups, strict=True):
            axis.set_axis_off()
            axis.set(title=visible(str(concept)) or "no boost", xlim=(0, 1), ylim=(rows["rank"].max() + 0.6, 0.4))
            for row in part.itertuples():
                title = visible(str(row.title))
                title = title if len(title) <= TITLE else title[: TITLE - 1] + "…"
                text = f"{row.rank}. {title}" + (" ●" if row.carries else "")
                axis.text(0, row.rank, text, weight="bold" if row.new else "normal", va="center")


@contextmanager
def _still(folder: Path, name: str, size: tuple[float, float]) -> Iterator["Figure"]:
    """A Matplotlib figure to draw on; afterwards it is written. Equal content gives equal files."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # Titles come from data: a dollar sign is no mathematics, and there may be letters that the font lacks.
    with (
        matplotlib.rc_context({"text.parse_math": False, "svg.hashsalt": "knobs", "font.size": 8}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = Figure(figsize=size, layout="constrained")
        FigureCanvasAgg(figure)
        yield figure
        for kind in ("png", "svg"):
            figure.savefig(folder / f"{name}.{kind}", dpi=150, metadata={"Date": None} if kind == "svg" else None)


def _escaped(text: str) -> str:
    return html.escape(visible(text))


def _still_panel(axis: "Axes", panel: Panel, handles: "dict[str, Line2D]") -> None:
    for series in panel.series:
        drawn = _still_series(axis, series)
        if series.legend:
            handles.setdefault(visible(series.name), drawn)
    axis.set(title=visible(panel.title), xlabel=panel.x_title, ylabel=panel.y_title)
    if panel.log_x:
        low, high = axis.get_xlim()
        shown = [tick for tick in TICKS if low <= tick <= high]
        axis.set_xscale("log")
        axis.set_xticks(shown, [str(tick) for tick in shown])
        axis.minorticks_off()
    if not panel.axes:
        axis.set(xticks=[], yticks=[])
    axis.grid(alpha=0.25)


def _still_series(axis: "Axes", series: Series) -> "Line2D":
    style = ("--" if series.dash else "-") if series.line else "none"
    [line] = axis.plot(
        series.x, series.y, color=series.colour, alpha=series.opacity, marker=MARKERS.get(series.symbol),
        markersize=series.size * 0.6, linestyle=style, linewidth=1.2,
    )  # fmt: skip
    return line
