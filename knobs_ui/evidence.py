"""What was measured of a knob when the bundle was built, in plain words and one picture."""

from typing import Literal, NamedTuple

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from knobs_core.base import capital
from knobs_core.data import Words
from knobs_core.evaluation import AMOUNTS, Effect
from knobs_ui import html

THEME, KEPT = "#d9702f", "#808080"


class Verdict(NamedTuple):
    """A judgement in a few words, the reason in a sentence, and how its badge looks."""

    title: str
    reason: str
    icon: str
    colour: Literal["green", "red", "gray"]


BADGES: dict[str, tuple[str, Literal["green", "red", "gray"]]] = {
    "finds others strongly": (":material/verified:", "green"),
    "finds others": (":material/check:", "green"),
    "brings what it was told": (":material/help:", "gray"),
    "cannot tell": (":material/help:", "gray"),
}


def verdict(effect: Effect, name: str, words: Words) -> Verdict:
    """Whether a knob does what it says. name: of its theme, as people read it; words: what the items are called."""
    reason = effect.sentence(name, words)
    if effect.weak:
        return Verdict("Weak, so the search leaves it out", effect.weak, ":material/visibility_off:", "red")
    if effect.tested and not effect.finds:
        reason += ", not clearly more than others as popular"
    return Verdict(effect.grade.capitalize(), reason, *BADGES[effect.grade])


def verdict_line(effect: Effect, name: str, words: Words) -> None:
    """The badge with the reason behind it; arguments as for ``verdict``."""
    judged, many = verdict(effect, name, words), html.plain(words.many)
    st.badge(html.plain(judged.title), icon=judged.icon, color=judged.colour)
    how = (
        f"the {many} that named it were put aside, and places are those of the theme's other {many}"
        if effect.key.startswith("#")
        else f"a quarter of the theme's {many} at a time was put aside, and the knob made from the others"
    )
    luck = f" By luck {many} climb as far in {effect.p:.1%} of all trials." if effect.tested else ""
    st.caption(
        f"{html.plain(judged.reason[0].upper() + judged.reason[1:])}.",
        help=(
            f"Tried on {effect.n_people:,} people the models have not learned from: {how}. Places are the middle ones "
            f"over {many} and people, before and with the knob at 0.3.{luck}"
        ),
    )


def picture(effect: Effect, words: Words) -> None:
    """What was measured, drawn and in a line of words; words: what the items are called."""
    many = html.plain(words.many)
    st.plotly_chart(_picture(effect), config={"displayModeBar": False})
    was, now = effect.popularity[0], effect.popularity[-1]
    moved = f"{capital(many)} stay about as popular" if abs(now - was) < 0.02 else (
        f"{capital(many)} become {'more' if now > was else 'less'} popular"
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
    figure = make_subplots(1, 2, column_widths=[0.5, 0.5], horizontal_spacing=0.12)
    figure.add_bar(
        x=where, y=effect.theme, name="its theme's share of the list", marker_color=THEME,
        text=[f"{share:.1%}" for share in effect.theme], textposition="outside", cliponaxis=False,
        hovertemplate="turned to %{x}: %{y:.1%}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=where, y=effect.kept, name="the person's own taste still met", mode="lines+markers+text",
        text=[f"{share:.0%}" for share in effect.kept], textposition="top center", cliponaxis=False,
        line={"color": KEPT, "dash": "dot"}, hovertemplate="turned to %{x}: %{y:.0%}<extra></extra>", row=1, col=2,
    )  # fmt: skip
    figure.update_layout(
        height=250, margin={"l": 0, "r": 0, "t": 25, "b": 0}, bargap=0.3,
        legend={"orientation": "h", "y": -0.28, "yanchor": "top"},
    )  # fmt: skip
    figure.update_xaxes(type="category", title="turned to", title_standoff=4, fixedrange=True)
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", nticks=4, fixedrange=True)
    figure.update_yaxes(range=[0, 1.15 * max(1, *effect.kept)], tickvals=[0, 0.5, 1], side="right", col=2)
    return figure
