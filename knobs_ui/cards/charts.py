"""Charts of cards and pages: who of a group is served how well, an item's attribution, a person's taste."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import streamlit as st

from knobs_core.bundles import Active, Bundle, share_named
from knobs_core.concepts import Theme
from knobs_core.steering import Attribution, served
from knobs_ui import html


def group_served(bundle: Bundle, user_ids: Sequence[str], history: sp.csr_matrix, items: np.ndarray) -> None:
    """How well a list serves each member of a group: their own scores of it against those of their own best list."""
    st.subheader("Who is served how well", anchor=False, help="100% would be a list made for this person alone.")
    for user_id, share in zip(user_ids, served(bundle.engine, history, items), strict=True):
        st.progress(share, f"User {user_id}: {share:.0%}")


def receipt(bundle: Bundle, found: Attribution) -> str:
    """A waterfall up to the score, as HTML: the largest neurons, the others together, the dials, what no knob holds."""
    neurons = list(found.neurons.items())
    rows = [(bundle.labels[neuron].label, part) for neuron, part in neurons[:8]]
    if len(neurons) > 8:
        rows.append((f"{len(neurons) - 8} other neurons", sum(part for _, part in neurons[8:])))
    for turned in found.dials:
        rows.append((f"dial: {turned.dial.name}", turned.neurons))
        if turned.rest:
            rows.append((f"the rest of {turned.dial.name}", turned.rest))
    rows += [("bias", found.bias), ("remainder", found.remainder)]
    ends = np.cumsum([0.0, *(part for _, part in rows)])
    low, width = ends.min(), max(float(np.ptp(ends)), 1e-12)
    digits = 2 if width >= 2 else 3

    def line(name: str, part: float, start: float, kind: str) -> str:
        left, size = (min(start, start + part) - low) / width, abs(part) / width
        bar = f'<i style="margin-left: {left:.2%}; width: {size:.2%}"></i>'
        return f'<li class="{kind}"><span>{escape(name)}</span><em>{bar}</em><b>{html.signed(part, digits)}</b></li>'

    lines = [
        line(name, part, start, "up" if part > 0 else "down")
        for (name, part), start in zip(rows, ends[:-1].tolist(), strict=True)
    ]
    lines.append(line("score", found.score, 0.0, "sum"))
    return f'<ol class="knobs-receipt" aria-label="The parts of the score">{"".join(lines)}</ol>'


def taste(active: list[Active], titles: Sequence[str]) -> str:
    """Bars of a person's strongest neurons by share of their code, as HTML; typical titles stand for a name that is
    not there. titles: of all items."""
    bars = [
        _Bar(one.label.label, [] if one.label.named else one.label.typical(titles), one.share, f"{one.share:.0%}")
        for one in active[:12]
    ]
    return _bars("Strongest neurons", bars)


def themes(bundle: Bundle, found: Sequence[Theme]) -> str:
    """Bars of a taste's themes by strength, with the likes that speak for each, as HTML."""
    titles = bundle.interactions.items["title"]
    bars = [
        _Bar(
            bundle.knobs.name_of(theme.key),
            [titles[i] for i in theme.because[:2]],
            theme.strength,
            f"{theme.strength:.1f} ± {theme.error:.1f}",
        )
        for theme in found
    ]
    return _bars("Themes", bars)


class _Bar(NamedTuple):
    """A bar with its name, titles beneath it, its length against the others, and the figure beside it."""

    name: str
    titles: Sequence[str]
    length: float
    figure: str


def _bars(label: str, bars: Sequence[_Bar]) -> str:
    """Bars, the longest across the whole width, as HTML; ``label`` is their name for screen readers."""
    most = max((bar.length for bar in bars), default=1)
    lines = "".join(
        f"<li><span>{escape(bar.name)}{_beneath(bar.titles)}</span>"
        f'<i style="width: {bar.length / most:.1%}"></i><b>{escape(bar.figure)}</b></li>'
        for bar in bars
    )
    return f'<ol class="knobs-taste" aria-label="{escape(label)}">{lines}</ol>'


def _beneath(titles: Sequence[str]) -> str:
    return f"<small>{escape(', '.join(titles))}</small>" if titles else ""


def named_line(active: list[Active]) -> str:
    """How far names go in a person's code, as one sentence."""
    named = sum(one.label.named for one in active)
    return f"{share_named(active):.0%} of this taste has a name: {named} of {len(active)} active neurons."
