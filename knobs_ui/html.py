"""Strangers' text on its way to a page: as Markdown for Streamlit's elements, as HTML for our own lists and tables.

Titles, tags, ids, names and links come from anybody. Whatever of them reaches a screen goes through ``plain`` where
Markdown is read and through ``name`` or ``escaped`` where HTML is; tests/knobs_ui/test_html.py walks the pages to see
that it does.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, NewType

from knobs_core.base import visible
from knobs_core.bundles import Bundle
from knobs_core.steering import Dial

MINUS = "\u2212"  # as wide as a plus, unlike a hyphen
Markdown = NewType("Markdown", str)  # a text that may be read as Markdown: ours, with what is strange in it made plain

LONGEST = 1_000  # characters of one text on a page
JOINER = "\u2060"  # takes no room and breaks no line
MARKS = re.compile(r"[\\`*_<>#|~$&]")
BRACKETS = str.maketrans({"[": "&#91;", "]": "&#93;"})  # which some elements of Streamlit escape once more
BEGINS = re.compile(r"^(\d*)([-+=.)])")  # of lists and lines
# Where Streamlit makes something of text that Markdown leaves alone: addresses, :shortcodes:, arrows, and an icon of an
# emoji that begins it.
TURNS = re.compile(
    r"(?<=:)(?!\s)|(?<=www)(?=\.)|(?=@)|(?<=[<>=~-])(?=[<>=~-])|^(?=[^\w\x00-\x7f]|\u2139|.[\ufe0f\u20e3])",
    re.IGNORECASE,
)
LEFTWARDS = frozenset(("R", "AL", "AN"))  # directions of Unicode
ISOLATED = "\u2068{}\u2069"  # so that numbers beside text from right to left stay where they are


def plain(text: str) -> Markdown:
    """A stranger's text as Markdown that shows it letter by letter, in one line."""
    seen = " ".join(_short(text).split())
    made = BEGINS.sub(r"\1\\\2", MARKS.sub(r"\\\g<0>", TURNS.sub(JOINER, seen))).translate(BRACKETS)
    leftwards = any(unicodedata.bidirectional(one) in LEFTWARDS for one in seen)
    return Markdown(ISOLATED.format(made) if leftwards else made)


def escaped(text: str) -> str:
    """A stranger's text within HTML, also within an attribute."""
    return html.escape(_short(text))


def name(text: str) -> str:
    """A stranger's text as HTML of its own, which does not turn the direction of what stands beside it."""
    return f"<bdi>{escaped(text)}</bdi>"


def _short(text: str) -> str:
    """A text as far as a page shows it."""
    return visible(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026")


class Row(NamedTuple):
    """A line of a list."""

    rank: int
    title: str
    detail: str


def ranked(rows: Iterable[Row], label: str, scrolls: bool = False) -> str:
    """An ordered list, as HTML; ``label`` is its name for screen readers.

    Args:
        scrolls: whether it stands in a place of its own, which the keyboard reaches.
    """
    lines = "".join(
        f'<li class="knobs-row"><span class="rank">{row.rank:d}</span>'
        f'<span class="what"><b>{name(row.title)}</b><small>{name(row.detail)}</small></span></li>'
        for row in rows
    )
    made = f'<ol class="knobs-list" aria-label="{escaped(label)}">{lines}</ol>'
    return f'<div class="knobs-scroll" tabindex="0">{made}</div>' if scrolls else made


def names(texts: Iterable[str]) -> str:
    """A short plain list, as HTML."""
    lines = "".join(f"<li>{name(text)}</li>" for text in texts)
    return f'<ul class="knobs-names">{lines or "<li>nothing</li>"}</ul>'


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A small table, as HTML; the first column is text, the others are numbers."""
    top = "".join(f'<th scope="col">{escaped(cell)}</th>' for cell in head)
    lines = "".join("<tr>" + "".join(f"<td>{name(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<table class="knobs-table"><caption>{escaped(caption)}</caption>'
        f"<thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table>"
    )


def note(text: str) -> str:
    """A quiet sentence, as HTML."""
    return f'<p class="knobs-note">{escaped(text)}</p>'


def signed(number: float, digits: int = 2) -> str:
    """A number with its sign as people print it: "+0.30", "−0.25" with a true minus, "0.00"."""
    text = f"{abs(number):.{digits}f}"
    return ("" if not float(text) else "+" if number > 0 else MINUS) + text


def moment(at: datetime) -> str:
    """A moment in UTC, as people write it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def turned_words(bundle: Bundle, dials: Iterable[Dial]) -> str:
    """The dials that are turned, in words: "Horror +0.30, Heist −0.20"."""
    return visible(", ".join(f"{bundle.knobs[dial.key].title} {signed(dial.amount)}" for dial in dials))
