"""How far the names of a bundle's neurons go, and how each was earned: a tab for the Lab."""

import pandas as pd
import streamlit as st

from knobs_core.bundles import Bundle, OpenName, best_by_neuron, share_named
from knobs_core.concepts import Naming
from knobs_ui import html, state
from knobs_ui.board import view


def render(bundle: Bundle) -> None:
    """How many names hold, how many there are, how many there would be by luck, and how each was earned."""
    many, naming, active = html.plain(bundle.words.many), Naming.of(bundle.labels), view(bundle).active
    who = state.current(bundle).name(bundle.interactions)
    tiles: tuple[tuple[str, str, str, str], ...] = (
        ("Names that hold", f"{naming.holding} of {naming.named}",
         f"found again without the {many} that speak for them",
         f"One half of the tags' {many} alone suggests the same name, and the other half confirms it."),
        ("Neurons with a name", f"{naming.named} of {naming.alive}", f"by luck about {naming.by_luck}",
         f"A tag passes the test on {many} held out, better than 98% of made-up tags."),
        ("Named part of a taste", f"{share_named(active):.0%}",
         f"{who}: {sum(one.label.named for one in active)} of {len(active)} active neurons",
         "Share of the code of whoever the Panel is open for that lies on neurons with a name."),
    )  # fmt: skip
    offered = best_by_neuron(bundle.open_names)
    if offered:
        tiles += ((
            "Open names that hold", f"{sum(one.holds for one in offered.values())} of {len(offered)}",
            f"for neurons without a name that holds, judged on {many} that had no say",
            "Words chosen by one half of a neuron's items and judged by the other. Nothing is called so by itself.",
        ),)  # fmt: skip
    for column, (name, value, below, meaning) in zip(st.columns(len(tiles)), tiles, strict=True):
        column.metric(html.plain(name), html.plain(value), help=html.plain(meaning))
        column.html(html.note(below))
    titles = bundle.interactions.items["title"].tolist()
    rows = [
        {
            "neuron": f"#{label.neuron}",
            "name": label.label,
            "held out": label.held_out,
            "holds": label.holds,
            "confidence": label.confidence,
            "tag": label.tags[0][0] if label.tags else "",
            "of its first 20": label.support if label.tags else None,
            **({"open name": _earned(offered.get(label.neuron))} if offered else {}),
            "people": label.n_users,
            f"typical {many}": "like " + " and ".join(label.typical(titles)),
        }
        for label in sorted(bundle.labels, key=lambda label: (not label.tags, -label.held_out))
        if label.alive
    ]
    form = {
        "held out": st.column_config.NumberColumn(
            format="%.2f", help=f"How well {many} are found that the name was not found by: 0 as by chance, 1 at best."
        ),
        "confidence": st.column_config.NumberColumn(format="percent", help="Share of made-up names that do worse."),
    }
    st.dataframe(pd.DataFrame(rows), hide_index=True, height=320, column_config=form)


def _earned(one: OpenName | None) -> str:
    """An open name and how it was earned: "western: by words, held out 0.71, holds"."""
    if one is None:
        return ""
    held = "holds" if one.holds else "does not hold"
    return f"{one.name}: by {one.by}, held out {one.held_out:.2f}, {held}"
