"""Lists of items as HTML. Titles are untrusted text: everything that comes from data is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

import pandas as pd


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


def detail(items: pd.DataFrame, column: int) -> str:
    """Year and genres of an item in one short line."""
    year, genres = items["year"][column], items["genres"][column]
    parts = [] if pd.isna(year) else [str(year)]
    return " · ".join(parts + genres.split("|")[:3] if genres else parts)


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
