"""The card of a knob: what activates it, what it brings, what was measured of it, and which knobs are similar."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from knobs_core.base import capital, first_n
from knobs_core.bundles import Bundle, Knob
from knobs_core.concepts import Label, similarity
from knobs_ui import evidence, html


def knob_card(bundle: Bundle, knob: Knob) -> None:
    """What a knob is: what activates it, what it brings, who activates it, and which knobs are similar."""
    titles, many = bundle.interactions.items["title"], bundle.words.many
    main = bundle.labels[max(knob.recipe, key=knob.recipe.__getitem__)]
    if knob.label is None:
        parts = [f"{bundle.labels[j].label} {knob.explained * weight:.0%}" for j, weight in knob.recipe.items()]
        if knob.rest is not None:
            parts.append(f"the rest of the theme {1 - knob.explained:.0%}")
        st.caption(f"Turns together: {html.plain(', '.join(parts))}", help=(
            "Its neurons explain the first shares of what it does to scores; the rest has no name of its own."
        ))  # fmt: skip
    else:
        st.caption(
            f"Neuron {knob.key} · {main.n_users:,} people activate it · {html.plain(_earned(main))}",
            help=f"Held out: how well {many} are found that the name was not found by, from 0 (as by chance) to 1.",
        )
    if knob.former:
        st.caption(f"Its owner gave it this name; before, it was called {html.plain(knob.former)}.")
    if knob.effect:
        evidence.show(knob.effect, bundle.knobs.name_of(knob.effect.tag), bundle.words)
    activates, brings = st.columns(2, gap="large")
    activates.markdown(
        "**What activates it**", help=f"{capital(many)} that activate it most when shown to the model alone."
    )
    activates.html(html.names(titles[i] for i in main.top_items))
    if bundle.engine.linear:
        effect = bundle.engine.dial_vectors([knob.dial(1.0)])[0].cpu().numpy()
        brings.markdown("**What it brings**", help=f"{capital(many)} whose score rises most when it is turned up.")
        brings.html(html.names(titles[i] for i in first_n(effect, 10)))
    st.markdown("**How strongly people activate it**", help="Users of the data set who activate it, by activation.")
    st.plotly_chart(_histogram(main), config={"displayModeBar": False})
    others = [other for other in bundle.knobs.values() if other.key != knob.key]
    alike = similarity(bundle.nested, knob.recipe, [other.recipe for other in others])
    order = np.argsort(-alike, kind="stable")
    near, far = st.columns(2, gap="large")
    near.markdown("**Moves the list the same way**")
    near.html(html.names(f"{others[i].name} ({html.signed(alike[i])})" for i in order[:6]))
    far.markdown("**Moves it the opposite way**")
    far.html(html.names(f"{others[i].name} ({html.signed(alike[i])})" for i in order[::-1][:6]))
    if main.tags:
        tags = ", ".join(f"{tag} {share:.0%}" for tag, share in main.tags)
        st.caption(f"Tags of the 20 {many} that activate it most: {html.plain(tags)}")


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
