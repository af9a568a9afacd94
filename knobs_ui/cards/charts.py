"""Charts of cards and pages: an item's attribution, a person's taste."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from knobs_core.bundles import Active, Bundle, share_named
from knobs_core.concepts import Theme
from knobs_core.steering import Attribution
from knobs_ui import html


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
        """One part with its bar, as HTML."""
        left, size = (min(start, start + part) - low) / width, abs(part) / width
        bar = f'<i style="margin-left: {left:.2%}; width: {size:.2%}"></i>'
        named = f'<li class="{html.escaped(kind)}"><span>{html.name(name)}</span>'
        return f"{named}<em>{bar}</em><b>{html.signed(part, digits)}</b></li>"

    lines = [
        line(name, part, start, "up" if part > 0 else "down")
        for (name, part), start in zip(rows, ends[:-1].tolist(), strict=True)
    ]
    lines.append(line("score", found.score, 0.0, "sum"))
    return f'<ol class="knobs-receipt" aria-label="The parts of the score">{"".join(lines)}</ol>'


def taste(active: list[Active], titles: Sequence[str]) -> str:
    """Bars of a person's strongest neurons by share of their code, as HTML; typical titles stand for a name that is
    not there. titles: of all items."""
    found = [
        Bar(one.label.label, [] if one.label.named else one.label.typical(titles), one.share, f"{one.share:.0%}")
        for one in active[:12]
    ]
    return bars("Strongest neurons", found)


def themes(bundle: Bundle, found: Sequence[Theme]) -> str:
    """Bars of a taste's themes by strength, with the likes that speak for each, as HTML."""
    titles = bundle.interactions.items["title"]
    drawn = [
        Bar(
            bundle.knobs.title_of(theme.key),
            [titles[i] for i in theme.because[:2]],
            theme.strength,
            f"{theme.strength:.1f} ± {theme.error:.1f}",
        )
        for theme in found
    ]
    return bars("Themes", drawn)


class Bar(NamedTuple):
    """A bar with its name, titles beneath it, its length against the others, and the figure beside it."""

    name: str
    titles: Sequence[str]
    length: float
    figure: str


def bars(label: str, drawn: Sequence[Bar]) -> str:
    """Bars, the longest across the whole width, as HTML; ``label`` is their name for screen readers."""
    most = max((bar.length for bar in drawn), default=1) or 1
    lines = "".join(
        f"<li><span>{html.name(bar.name)}{_beneath(bar.titles)}</span>"
        f'<i style="width: {bar.length / most:.1%}"></i><b>{html.escaped(bar.figure)}</b></li>'
        for bar in drawn
    )
    return f'<ol class="knobs-taste" aria-label="{html.escaped(label)}">{lines}</ol>'


def _beneath(titles: Sequence[str]) -> str:
    """Titles under a bar's name, as HTML."""
    return f"<small>{', '.join(map(html.name, titles))}</small>" if titles else ""


def named_line(active: list[Active]) -> html.Markdown:
    """How far names go in a person's code, as one sentence."""
    named = sum(one.label.named for one in active)
    return html.Markdown(
        f"{share_named(active):.0%} of this taste has a name: {named:,} of {len(active):,} active neurons."
    )
