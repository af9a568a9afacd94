"""The paper's Figure 6 for any concepts: a crowd at rest, and steered further and further."""

import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from knobs_core.base import defused
from knobs_core.bundles import Bundle
from knobs_core.concepts import SUBTITLE
from knobs_core.maps import ALPHAS, dial_path
from knobs_core.steering import steered_embeddings
from knobs_ui import html
from knobs_ui.atlas.crowd import HUES, OPACITIES, config, crowd

N_CROSSES = 3


class Panel(NamedTuple):
    """One picture of the figure. name: of the concept; places: (4, n, 2) of the crowd for alpha .2 to .8;
    crosses: items that carry the concept most."""

    name: str
    places: np.ndarray
    crosses: tuple[int, ...]


@st.cache_data(show_spinner="Steering the crowd", max_entries=24)
def _panel(map_id: str, key: str, _bundle: Bundle) -> Panel:
    knob = _bundle.knobs[key]
    way = dial_path([knob.dial(1.0)])[1:]
    people = crowd(_bundle)
    steered = steered_embeddings(_bundle.nested, people.y, people.reach, way)
    return Panel(knob.name, np.stack([_bundle.drawn.place(y) for y in steered]), _most_tagged(_bundle, key))


def _most_tagged(bundle: Bundle, tag: str) -> tuple[int, ...]:
    """The items that carry a tag most often, of equals the most liked."""
    names, tag_items = bundle.interactions.tag_matrix()
    counts = tag_items[[names.index(tag)]].toarray()[0]
    order = np.lexsort((-bundle.interactions.matrix.getnnz(axis=0), -counts))[:N_CROSSES]
    return tuple(int(i) for i in order if counts[i] > 0)


def panels(bundle: Bundle, keys: Sequence[str]) -> list[Panel]:
    """A picture for each concept."""
    return [_panel(f"{bundle.drawn.id} {bundle.names_id}", key, bundle) for key in keys]


def first_concepts(bundle: Bundle, n: int = 3) -> list[str]:
    """Concepts to begin with: those whose neurons are surest of their names and much used."""
    concepts = [key for key, knob in bundle.knobs.items() if knob.kind != "neuron"]
    sure = {label.tags[0][0]: label.confidence * label.n_users for label in reversed(bundle.labels) if label.tags}
    return sorted(concepts, key=lambda tag: -sure.get(tag, 0))[:n]


def paper_figure(bundle: Bundle) -> None:
    """The figure for any three concepts, with the ways to save it."""
    st.subheader("A crowd under three concepts", anchor=False, help=(
        "Figure 6 of the paper: a thousand users at rest in grey, and steered towards a concept, each by 0.2 to 0.8."
    ))  # fmt: skip
    concepts = [key for key, knob in bundle.knobs.items() if knob.kind != "neuron"]
    st.session_state.setdefault("concepts", first_concepts(bundle))
    picked, kind, save = st.columns([6, 2, 2], vertical_alignment="bottom")
    keys = picked.multiselect("Concepts", concepts, key="concepts", max_selections=3, persist_state="session",
                              format_func=bundle.knobs.name_of)  # fmt: skip
    form = kind.segmented_control("Picture as", ["svg", "png"], default="svg", required=True,
                                  help="The camera above the figure saves it in this form.")  # fmt: skip
    if not keys:
        st.info("Pick one to three concepts.", icon=":material/touch_app:")
        return
    drawn = panels(bundle, keys)
    save.download_button("Places as CSV", lambda: as_csv(bundle, drawn), "crowd.csv", "text/csv", on_click="ignore")
    st.plotly_chart(figure(bundle, drawn), key="figure 6", config=config(form))


def figure(bundle: Bundle, drawn: Sequence[Panel]) -> go.Figure:
    """The figure: the crowd at rest in grey, steered in colour, the deeper the stronger; crosses mark items."""
    items, titles = bundle.drawn.items, bundle.interactions.items["title"]
    rest = crowd(bundle).rest
    plot = make_subplots(
        1, len(drawn), subplot_titles=[html.escaped(one.name) for one in drawn], horizontal_spacing=0.03
    )
    for column, panel in enumerate(drawn, start=1):
        hue = HUES[column - 1]
        plot.add_scatter(
            x=rest[:, 0], y=rest[:, 1], mode="markers", marker={"color": "#9a948c", "size": 3}, name="at rest",
            hoverinfo="skip", showlegend=column == 1, row=1, col=column,
        )  # fmt: skip
        for alpha, opacity, places in zip(ALPHAS, OPACITIES, panel.places, strict=True):
            plot.add_scatter(
                x=places[:, 0], y=places[:, 1], mode="markers", marker={"color": hue, "size": 3.4, "opacity": opacity},
                name=f"alpha {alpha:g}", hoverinfo="skip", showlegend=column == 1, row=1, col=column,
            )  # fmt: skip
        marks = list(panel.crosses)
        plot.add_scatter(
            x=items[marks, 0], y=items[marks, 1], mode="markers+text", text=[_short(titles[i]) for i in marks],
            textposition=["top center", "bottom center", "middle right"][: len(marks)],
            marker={"symbol": "x", "size": 10, "color": "#111", "line": {"width": 1.5, "color": "#fff"}},
            textfont={"size": 11}, hoverinfo="text", showlegend=False, cliponaxis=False, row=1, col=column,
        )  # fmt: skip
    plot.update_xaxes(visible=False, range=[-0.03, 1.03], fixedrange=True)
    plot.update_yaxes(visible=False, range=[1.03, -0.03], fixedrange=True)  # downwards, as on the map
    plot.update_layout(
        height=430,
        margin={"l": 5, "r": 5, "t": 35, "b": 5},
        legend={"orientation": "h", "y": -0.03, "itemsizing": "constant"},
    )
    return plot


def _short(title: str) -> str:
    main = SUBTITLE.sub("", title)
    return html.escaped(main if len(main) < 28 else f"{main[:26]}…")


def as_csv(bundle: Bundle, drawn: Sequence[Panel]) -> str:
    """Every place in the figure: kind (rest, steered, item), concept, alpha, id, x, y."""
    people, data = crowd(bundle), bundle.interactions
    users = data.user_ids[people.rows]
    parts = [_rows("rest", "", 0.0, users, people.rest)]
    for panel in drawn:
        parts += [
            _rows("steered", panel.name, alpha, users, places)
            for alpha, places in zip(ALPHAS, panel.places, strict=True)
        ]
        marks = list(panel.crosses)
        parts.append(_rows("item", panel.name, np.nan, data.item_ids[marks], bundle.drawn.items[marks]))
    out = io.StringIO()
    pd.concat(parts).to_csv(out, index=False)
    return out.getvalue()


def _rows(kind: str, concept: str, alpha: float, ids: np.ndarray, places: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": kind,
            "concept": defused(concept),
            "alpha": alpha,
            "id": [defused(one) for one in ids.tolist()],
            "x": places[:, 0].round(5),
            "y": places[:, 1].round(5),
        }
    )
