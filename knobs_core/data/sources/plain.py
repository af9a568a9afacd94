"""The plain layout for everybody's own data: interactions, items and tags, each as CSV, Parquet or JSON lines.

    interactions  user_id, item_id[, value][, timestamp]
    items         item_id, title[, year][, genres ("A|B")][, image_url][, ...]  optional
    tags          item_id, tag[, weight][, user_id]                            optional

Text files are separated by commas, semicolons, tabs or bars. Names of columns may differ in case, spaces and marks:
"User ID" is user_id. Users and items may also be called as other collections call them, such as ``user`` and
``movieId``. Where there is no value, a column whose name says that it is one is read as it. Further columns of the
items are kept under their names. Without a tags table the genres and decades of the items serve as concepts.
"""

from typing import NamedTuple

import pandas as pd

from knobs_core.base import DataError, folded, shown
from knobs_core.data.columns import NO_LOSS
from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.described import read_items
from knobs_core.data.sources.folder import Folder, refuse_columns
from knobs_core.data.values import value_column

DEFAULTS = DataConfig()
ENDINGS = (".parquet", ".csv", ".jsonl")
COLUMNS = {  # needed, and read where they are there
    "interactions": (("user_id", "item_id"), ("value",)),
    "items": (("item_id", "title"), ("year", "genres", "image_url")),
    "tags": (("item_id", "tag"), ("weight", "user_id")),
}
CALLED = {  # otherwise, as ``folded`` has it; the first that is there
    "user_id": ("user", "uid", "reviewerid", "customerid"),
    "item_id": ("item", "iid", "parentasin", "asin", "productid", "movieid", "bookid", "trackid", "songid", "artistid"),
}


class Described(NamedTuple):
    """What is known of items, as ``Tables`` has it."""

    items: pd.DataFrame | None
    tags: pd.DataFrame | None
    unused: tuple[str, ...]
    warnings: tuple[str, ...]
    items_name: str


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return _file(folder, "interactions") is not None


def read(folder: Folder) -> Tables:
    """Read the tables that are there."""
    name = _file(folder, "interactions")
    assert name is not None, "it is what this layout is recognised by"
    separator, there = folder.separated(name, COLUMNS["interactions"][0])
    known = known_columns(there, "interactions", folder.called(name))
    described = read_described(folder)
    return Tables(
        folder.table(name, known, separator, quoted=_quoted(separator, there)),
        described.items,
        described.tags,
        next((theirs for theirs, ours in known.items() if ours == "value"), "value"),
        (*unused_columns(there, known, folder.called(name)), *described.unused),
        (*_left(folder, "interactions", name), *described.warnings),
        described.items_name,
    )


def read_described(folder: Folder) -> Described:
    """Read the tables of items and tags that are there."""
    unused: list[str] = []
    odd: list[str] = []
    frames: dict[str, pd.DataFrame] = {}
    items_name = "items"
    for stem in ("items", "tags"):
        name = _file(folder, stem)
        odd += _left(folder, stem, name)
        if name is None:
            continue
        separator, there = folder.separated(name, COLUMNS[stem][0])
        known = known_columns(there, stem, name)
        quoted = _quoted(separator, there)
        if stem == "items":
            frames[stem], left = read_items(folder, name, known, separator, quoted)
            unused, items_name = unused + left, name
            continue
        unused += unused_columns(there, known, name)
        frames[stem] = folder.table(name, known, separator, quoted=quoted)
    return Described(frames.get("items"), frames.get("tags"), tuple(unused), tuple(odd), items_name)


def _quoted(separator: str, there: list[str]) -> bool:
    """Whether fields in double quotes may hold separators; in tables with tabs quotes are mostly meant as they are."""
    return separator != "\t" or '"' in "".join(there)


def unused_columns(there: list[str], known: dict[str, str], name: str) -> list[str]:
    """Columns of a table that nobody reads and somebody may miss, each as "items.csv: director"."""
    return [f"{name}: {column}" for column in there if column not in known and folded(column) not in NO_LOSS]


def _file(folder: Folder, stem: str) -> str | None:
    return next((name for name in (f"{stem}{ending}" for ending in ENDINGS) if name in folder.names), None)


def _left(folder: Folder, stem: str, name: str | None) -> list[str]:
    """What to say of files that are called like a table and are not read."""
    others = [other for other in sorted(folder.names) if other.partition(".")[0] == stem]
    left = [other for other in others if name is None or not other.startswith(name)]
    return [
        f"{shown(other)} is not read" + (f", as {name} is there" if name else f"; save it as {stem}.csv")
        for other in left
    ]


def known_columns(there: list[str], stem: str, name: str) -> dict[str, str]:
    """{theirs: ours} of the columns to read.

    Raises:
        DataError: one that is needed is missing, or there twice.
    """
    needed, optional = COLUMNS[stem]
    columns: dict[str, str] = {}
    names: dict[str, str] = {}
    for column in there:
        names.setdefault(folded(column), column)
    for ours in (*needed, *optional):
        found = list(dict.fromkeys(column for column in there if folded(column) == folded(ours)))
        if len(found) > 1:
            raise DataError(
                f"one column {ours} in {shown(name)}", shown(", ".join(found)), "rename or remove the others"
            )
        theirs = next((names[other] for other in CALLED.get(ours, ()) if other in names), None)
        if found or ours == "value":
            theirs = found[0] if found else value_column(names.values(), shown(name))
        if theirs is not None:
            columns[theirs] = ours
    if missing := tuple(ours for ours in needed if ours not in columns.values()):
        refuse_columns(there, missing, name)
    return columns
