"""Lists of items as HTML. Titles are untrusted text: everything that comes from data is escaped here."""

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

import pandas as pd


class Row(NamedTuple):
    """A line of a list. mark: new, left, up, down or same; note: what the mark says in words."""

    rank: int
    title: str
    detail: str
    mark: str = "same"
    note: str = ""


SIGNS = {"new": "new", "left": "left", "up": "▲", "down": "▼", "same": ""}


def ranked(rows: Iterable[Row], label: str) -> str:
    """An ordered list, as HTML; ``label`` is its name for screen readers."""
    lines = "".join(
        f'<li class="knobs-row is-{row.mark}"><span class="rank">{row.rank}</span>'
        f'<span class="what"><b>{escape(row.title)}</b><small>{escape(row.detail)}</small></span>'
        f'<span class="mark" title="{escape(row.note)}">{SIGNS[row.mark]}'
        f"{'' if row.mark in ('new', 'left', 'same') else ' ' + escape(row.note.split()[0])}</span></li>"
        for row in rows
    )
    return f'<ol class="knobs-list" aria-label="{escape(label)}">{lines}</ol>'


def detail(items: pd.DataFrame, column: int) -> str:
    """Year and genres of an item in one short line."""
    year, genres = items["year"][column], items["genres"][column]
    parts = [] if pd.isna(year) else [str(year)]
    return " · ".join(parts + genres.split("|")[:3] if genres else parts)


def unsteered(result, items: pd.DataFrame) -> list[Row]:
    """Rows of the list with all dials at rest; the ones that leave it are marked."""
    left = set(result.left.tolist())
    return [
        Row(rank, items["title"][i], detail(items, i), *(("left", f"now at {now}") if i in left else ()))
        for rank, (i, now) in enumerate(zip(result.before, result.steered_rank, strict=True), start=1)
    ]


def steered(result, items: pd.DataFrame) -> list[Row]:
    """Rows of the list with the dials turned, each with what happened to it."""
    entered = set(result.entered.tolist())

    def mark(i: int, rank: int, old: int) -> tuple[str, str]:
        if i in entered:
            return "new", f"was at {old}"
        if rank == old:
            return "same", ""
        return ("up" if rank < old else "down"), f"{abs(old - rank)} places, was at {old}"

    return [
        Row(rank, items["title"][i], detail(items, i), *mark(i, rank, int(old)))
        for rank, (i, old) in enumerate(zip(result.items, result.unsteered_rank, strict=True), start=1)
    ]


def summary(result) -> str:
    """The change in words."""
    n = len(result.entered)
    if n == 0 and (result.items == result.before).all():
        return "Nothing has changed: both lists are the same."
    return f"{n} in, {len(result.left)} out, {len(result.items) - n} kept."
