"""Lists and lines of text for the pages. Titles are untrusted text: everything that comes from data is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from knobs_core.bundles import Bundle
from knobs_core.steering import Dial

MINUS = "\u2212"  # as wide as a plus, unlike a hyphen


class Row(NamedTuple):
    """A line of a list."""

    rank: int
    title: str
    detail: str


def ranked(rows: Iterable[Row], label: str) -> str:
    """An ordered list, as HTML; ``label`` is its name for screen readers."""
    lines = "".join(
        f'<li class="knobs-row"><span class="rank">{row.rank}</span>'
        f'<span class="what"><b>{escape(row.title)}</b><small>{escape(row.detail)}</small></span></li>'
        for row in rows
    )
    return f'<ol class="knobs-list" aria-label="{escape(label)}">{lines}</ol>'


def names(texts: Iterable[str]) -> str:
    """A short plain list, as HTML."""
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f'<ul class="knobs-names">{lines or "<li>nothing</li>"}</ul>'


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A small table, as HTML; the first column is text, the others are numbers."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<table class="knobs-table"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    )


def note(text: str) -> str:
    """A quiet sentence, as HTML."""
    return f'<p class="knobs-note">{escape(text)}</p>'


MARKDOWN = str.maketrans({character: f"\\{character}" for character in "\\`*_[]<>#|~:$"})


def plain(text: str) -> str:
    """Text from data made safe for places that read Markdown."""
    return text.translate(MARKDOWN)


def signed(number: float, digits: int = 2) -> str:
    """A number with its sign as people print it: "+0.30", "−0.25" with a true minus, "0.00"."""
    text = f"{abs(number):.{digits}f}"
    return ("" if not float(text) else "+" if number > 0 else MINUS) + text


def turned_words(bundle: Bundle, dials: Iterable[Dial]) -> str:
    """The dials that are turned, in words: "Horror +0.30, Heist −0.20"."""
    return ", ".join(f"{bundle.knobs[dial.key].title} {signed(dial.amount)}" for dial in dials)
