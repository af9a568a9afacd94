"""Figures show what the tables say."""

from xml.etree import ElementTree

import pytest

from knobs_core.paper import figures, tables


def test_figures_show_what_the_tables_say(folder):
    charts = {chart.name: chart for chart in figures.charts(folder)}
    assert sorted(charts) == ["figure2", "figure3", "figure5", "figure6"]
    points = tables.read(folder, "figure5_steering")
    line = points[(points["model"] == "elsa-l2") & (points["mapping"] == "unique")]
    drawn = next(series for series in charts["figure5"].panels[0].series if series.name == "unique")
    assert (drawn.x, drawn.y) == (line["personal"].tolist(), line["segment"].tolist())
    grid = tables.read(folder, "figure2_reconstruction")
    shares = [y for panel in charts["figure2"].panels for series in panel.series for y in series.y]
    assert sorted(shares) == sorted([*grid["cosine"], *grid["ndcg_kept"], *grid["recall_kept"]])
    for panel in charts["figure3"].panels:
        assert all(sum(series.y) == pytest.approx(1) for series in panel.series)
    assert len(charts["figure6"].panels) == 3
    for name in [*charts, "figure4"]:
        assert (folder / "figures" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
        assert ElementTree.parse(folder / "figures" / f"{name}.svg").getroot().tag.endswith("svg")
