"""What was measured of a knob when the bundle was built, in plain words and one picture."""

from typing import Literal, NamedTuple

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from knobs_core.evaluation import AMOUNTS, Effect
from knobs_ui import html

THEME, UNSEEN, KEPT = "#d9702f", "#3f7fb0", "#808080"


class Verdict(NamedTuple):
    """A judgement in a few words, the reason in a sentence, and how its badge looks."""

    title: str
    reason: str
    icon: str
    colour: Literal["green", "red", "gray"]


def verdict(effect: Effect) -> Verdict:
    """Whether a knob does what it says."""
    rest, turned = effect.held_out[0], effect.held_out[-1]
    if effect.proven:
        return Verdict(
            "Does what it says",
            f"turned to 0.3 it brings titles of its theme that it was not made from: {rest:.1%} of the list before, "
            f"{turned:.1%} after",
            ":material/verified:",
            "green",
        )
    if effect.weak:
        return Verdict("Weak, so the search leaves it out", effect.weak, ":material/visibility_off:", "red")
    return Verdict(
        "Brings the titles it was made from",
        "that it brings others of its theme as well has not been shown",
        ":material/help:",
        "gray",
    )


def show(effect: Effect) -> None:
    """The badge with the evidence behind it."""
    judged = verdict(effect)
    st.badge(judged.title, icon=judged.icon, color=judged.colour)
    st.caption(
        f"{judged.reason[0].upper()}{judged.reason[1:]}.",
        help=(
            f"Tried on {effect.n_people} people the models have not learned from. For this, half of a theme's titles "
            "were put aside, the knob was made from the other half, and only the titles put aside were counted."
        ),
    )
    st.plotly_chart(_picture(effect), config={"displayModeBar": False})
    was, now = effect.popularity[0], effect.popularity[-1]
    moved = "Titles stay about as popular" if abs(now - was) < 0.02 else (
        f"Titles become {'more' if now > was else 'less'} popular"
    )  # fmt: skip
    others = ", ".join(f"{tag} by {points * 100:.0f} points" for tag, points in effect.rises)
    st.caption(
        f"Turned to 0.3 · What else rises: {html.plain(others) or 'nothing by 3 points or more'} · "
        f"{moved}: more liked than {was:.0%} of all before, than {now:.0%} after · "
        f"The mix of other themes shifts by {effect.off_target[-1] / 2:.0%}",
        help="Points are hundredths of the list. The shift is 0% when other themes keep their shares among each other.",
    )


def _picture(effect: Effect) -> go.Figure:
    """Bars for the theme's share of the list, beside them a line for how well the list still fits the person."""
    where = [f"{amount:g}" for amount in AMOUNTS]
    figure = make_subplots(1, 2, column_widths=[0.62, 0.38], horizontal_spacing=0.12)
    for name, shares, colour in (
        ("titles it was not made from, share of the list", effect.held_out, UNSEEN),
        ("all titles of its theme", effect.theme, THEME),
    ):
        figure.add_bar(
            x=where, y=shares, name=name, marker_color=colour, text=[f"{share:.1%}" for share in shares],
            textposition="outside", cliponaxis=False, hovertemplate="turned to %{x}: %{y:.1%}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=where, y=effect.kept, name="the person's own taste still met", mode="lines+markers+text",
        text=[f"{share:.0%}" for share in effect.kept], textposition="top center", cliponaxis=False,
        line={"color": KEPT, "dash": "dot"}, hovertemplate="turned to %{x}: %{y:.0%}<extra></extra>", row=1, col=2,
    )  # fmt: skip
    figure.update_layout(
        height=250, margin={"l": 0, "r": 10, "t": 25, "b": 0}, bargap=0.3,
        legend={"orientation": "h", "y": -0.28, "yanchor": "top"},
    )  # fmt: skip
    figure.update_xaxes(type="category", title="turned to", title_standoff=4, fixedrange=True)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", nticks=4, fixedrange=True)
    figure.update_yaxes(range=[0, 1.15 * max(1, *effect.kept)], tickvals=[0, 0.5, 1], col=2)
    return figure
