"""The card of a knob: what activates it, what it brings, what was measured of it, and which knobs are similar."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from knobs_core.base import KnobsError, capital, first_n
from knobs_core.bundles import Bundle, Knob
from knobs_core.concepts import Label, similarity
from knobs_ui import board, evidence, heard, html, state
from knobs_ui.board import View

N_TITLES, N_ALIKE = 8, 4


def knob_card(bundle: Bundle, shown: View, knob: Knob) -> None:
    """The knob itself, what activates it, what it brings, who activates it, and which knobs are similar."""
    active = {f"#{one.label.neuron}": one for one in shown.active}
    themes = {theme.key: theme for theme in shown.at_rest.themes}
    on = board.OnBoard(knob, False, themes.get(knob.key), active.get(knob.key))
    board.single(board.knob_data(bundle, shown, on), lambda: _on_turned(bundle))
    titles, many = bundle.interactions.items["title"], html.plain(bundle.words.many)
    main = bundle.labels[max(knob.recipe, key=knob.recipe.__getitem__)]
    if knob.former:
        st.caption(f"Its owner gave it this name; before, it was called {html.plain(knob.former)}.")
    if knob.effect:
        evidence.verdict_line(knob.effect, bundle.knobs.name_of(knob.effect.tag), bundle.words)
    if bundle.engine.linear:
        effect = bundle.engine.dial_vectors([knob.dial(1.0)])[0].cpu().numpy()
        st.markdown("**What it brings**", help=f"{capital(many)} whose score rises most when it is turned up.")
        st.html(html.names(titles[i] for i in first_n(effect, N_TITLES)))
    st.markdown("**What activates it**", help=f"{capital(many)} that activate it most when shown to the model alone.")
    st.html(html.names(titles[i] for i in main.top_items[:N_TITLES]))
    others = [other for other in bundle.knobs.values() if other.key != knob.key]
    alike = similarity(bundle.nested, knob.recipe, [other.recipe for other in others])
    order = np.argsort(-alike, kind="stable")
    st.markdown("**Moves the list the same way**")
    st.html(html.names(f"{others[i].title} ({alike[i]:+.2f})" for i in order[:N_ALIKE]))
    st.markdown("**Moves it the opposite way**")
    st.html(html.names(f"{others[i].title} ({alike[i]:+.2f})" for i in order[::-1][:N_ALIKE]))
    with st.expander("In numbers"):
        _numbers(bundle, knob, main)


def _numbers(bundle: Bundle, knob: Knob, main: Label) -> None:
    """What the knob is made of, what was measured of it, and how strongly people activate it."""
    many = html.plain(bundle.words.many)
    if knob.label is None:
        parts = [f"{bundle.labels[j].label} {knob.explained * weight:.0%}" for j, weight in knob.recipe.items()]
        if knob.rest is not None:
            parts.append(f"the rest of the theme {1 - knob.explained:.0%}")
        st.caption(f"Turns together: {html.plain(', '.join(parts))}", help=(
            "Its neurons explain the first shares of what it does to scores; the rest has no name of its own."
        ))  # fmt: skip
    else:
        st.caption(
            f"Neuron {html.plain(knob.key)} · {main.n_users:,} people activate it · {html.plain(_earned(main))}",
            help=f"Held out: how well {many} are found that the name was not found by, from 0 (as by chance) to 1.",
        )
    if knob.effect:
        evidence.picture(knob.effect, bundle.words)
    st.markdown("**How strongly people activate it**", help="Users of the data set who activate it, by activation.")
    st.plotly_chart(_histogram(main), config={"displayModeBar": False})
    if main.tags:
        tags = ", ".join(f"{tag} {share:.0%}" for tag, share in main.tags)
        st.caption(f"Tags of the 20 {many} that activate it most: {html.plain(tags)}")


def _on_turned(bundle: Bundle) -> None:
    """The knob was turned where no board has it; what is said comes from a browser."""
    told = heard.table(heard.said(state.key("single")).get("turned"))
    if told:
        try:
            state.turn(bundle, {heard.text(told.get("key")) or "": told.get("amount")})
        except KnobsError as error:
            st.toast(html.plain(str(error)), icon=":material/error:")


def _earned(label: Label) -> str:
    """How a neuron's name was earned, what was held out first."""
    if not label.tags:
        return "no tag fits it for sure"
    holds = ", found again" if label.holds else ""
    better = f"better than {label.confidence:.1%} of names by chance"
    return f"{label.tags[0][0]}: held out {label.held_out:.2f}{holds}, {better}"


def _histogram(label: Label) -> go.Figure:
    width = label.peak / len(label.histogram) if label.peak else 1
    centres = [(i + 0.5) * width for i in range(len(label.histogram))]
    figure = go.Figure(
        go.Bar(
            x=centres, y=label.histogram, marker_color="#d9702f",
            hovertemplate="activation about %{x:.2f}: %{y} people<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(height=180, margin={"l": 0, "r": 0, "t": 5, "b": 0}, bargap=0.1, yaxis_title="people")
    return figure
