"""Pictures of whatever titles there are: well-formed, and nothing in them does anything."""

from xml.etree import ElementTree

import pandas as pd
import pytest

from knobs_core.paper.draw import plotly_figure, write_lists, write_still
from knobs_core.paper.figures import Chart, Panel, Series

NASTY = [
    "\x00\x01\x1b[31mred\x07",
    "\u202ekcab\u2066",
    "\ufffe\uffff",
    "</svg><script>alert(1)</script>",
    "]]><a xlink:href='javascript:alert(1)'>",
    "$\\frac{$ & &amp; &#0; <b>",
    "\u05e9\u05dc\u05d5\u05dd 300",
    300 * "x",
]


def sound(file):
    """Whether a picture can be parsed, and runs nothing."""
    return not [one for one in ElementTree.parse(file).iter() if one.tag.endswith(("}script", "}a", "}foreignObject"))]


def test_lists_of_any_titles_are_well_formed(tmp_path):
    rows = pd.DataFrame(
        [
            {"concept": concept, "rank": rank, "title": title, "carries": rank % 2 == 0, "new": rank == 1}
            for concept in ("", *NASTY[:3])
            for rank, title in enumerate(NASTY, start=1)
        ]
    )
    write_lists(rows, tmp_path)
    assert sound(tmp_path / "figure4.svg")


@pytest.mark.parametrize("name", NASTY[:7], ids=range(7))
def test_charts_of_any_names_are_well_formed(tmp_path, name):
    series = Series(name, [0, 1], [0, 1], "#111111", hover=[name, name])
    chart = Chart("figure", name, [Panel(name, "x", "y", [series])], columns=1)
    write_still(chart, tmp_path)
    assert sound(tmp_path / "figure.svg")
    drawn = plotly_figure(chart).to_html(full_html=False, include_plotlyjs=False)
    assert "<script>alert" not in drawn
    assert "\x1b" not in drawn
