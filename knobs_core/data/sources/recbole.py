"""RecBole's atomic files: NAME.inter and, where there is one, NAME.item.

    NAME.inter  user_id:token, item_id:token[, rating:float][, ...]
    NAME.item   item_id:token[, movie_title:token_seq][, release_year:token][, class:token_seq][, ...]

Separated by tabs, or commas where the header is, without quotes, headers of name:type. NAME.train.inter,
NAME.valid.inter and NAME.test.inter are read as one. Data sets name their columns as they like; user and item are
``user_id`` and ``item_id``, else the first two columns. The value is ``rating``, else a column whose name says that it
is one; without any every row is a like. Genres, which spaces or commas separate, and decades serve as concepts. Further
columns of the items are kept as they are: the words of a token_seq may be one name, and are not taken apart. Zhao et
al. 2021, "RecBole: Towards a Unified, Comprehensive and Efficient Framework for Recommendation Algorithms".
"""

import re
from typing import NamedTuple

import pandas as pd

from knobs_core.base import DataError, folded, shown
from knobs_core.data.columns import NO_LOSS
from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.described import as_one, read_items
from knobs_core.data.sources.folder import Folder
from knobs_core.data.values import value_column

DEFAULTS = DataConfig()
GENRES = ("genres", "genre", "class", "categories", "category", "tags")


class _Table(NamedTuple):
    """A table of interactions. columns: {the file's name: ours}; unused: fields that nobody reads."""

    frame: pd.DataFrame
    columns: dict[str, str]
    unused: list[str]


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return any(name.endswith(".inter") for name in folder.names)


def read(folder: Folder) -> Tables:
    """Read interactions and items."""
    names = sorted(name for name in folder.names if name.endswith(".inter"))
    stems = {re.sub(r"(\.(train|valid|test))?\.inter$", "", name) for name in names}
    if len(stems) > 1 or (len(names) > 1 and f"{min(stems)}.inter" in names):
        raise DataError(
            "one .inter file", shown(", ".join(names)), "keep the one to learn from; Knobs splits users itself"
        )
    parts = [_interactions(folder, name) for name in names]
    item = f"{min(stems)}.item"
    items, unused = _items(folder, item) if item in folder.names else (None, [])
    frames = [part.frame for part in parts]
    if len(parts) > 1:  # their dictionaries differ
        frames = [frame.astype({"user_id": "str", "item_id": "str"}) for frame in frames]
    fields = {ours: theirs for theirs, ours in parts[0].columns.items()}
    return Tables(
        pd.concat(frames, ignore_index=True),
        items,
        None,
        fields.get("value", "value").partition(":")[0],
        (*parts[0].unused, *unused),
        as_one(names),
        item,
    )


def _interactions(folder: Folder, name: str) -> _Table:
    separator, fields = _fields(folder, name)
    if len(fields) < 2:
        raise DataError(
            f"user_id:token and item_id:token in {shown(name)}",
            shown(", ".join(fields.values())) or "none",
            "check the export, whose columns are separated by tabs",
        )
    user, thing = (fields.get(name, list(fields.values())[at]) for at, name in enumerate(("user_id", "item_id")))
    if user == thing:
        raise DataError(
            f"two columns for users and items in {shown(name)}", shown(user), "name them user_id and item_id"
        )
    columns = {user: "user_id", thing: "item_id"}
    others = {field: theirs for field, theirs in fields.items() if theirs not in columns}
    value = fields.get("rating") or others.get(value_column(others, shown(name)) or "")
    if value is not None and value not in columns:
        columns[value] = "value"
    frame = folder.table(name, columns, separator, quoted=False)
    unused = [field for field, theirs in fields.items() if theirs not in columns and folded(field) not in NO_LOSS]
    return _Table(frame, columns, [f"{name}: {field}" for field in unused])


def _items(folder: Folder, name: str) -> tuple[pd.DataFrame, list[str]]:
    separator, fields = _fields(folder, name)
    columns = {fields.get("item_id", next(iter(fields.values()))): "item_id"}
    for ours, fits in (
        ("title", lambda field: "title" in field or field.endswith("name")),
        ("year", lambda field: "year" in field),
        ("genres", lambda field: field in GENRES),
    ):
        found = next((theirs for field, theirs in fields.items() if fits(field) and theirs not in columns), None)
        if found:
            columns[found] = ours
    frame, unused = read_items(folder, name, columns, separator, False, lambda header: header.partition(":")[0])
    frame = frame if "title" in frame else frame.assign(title="")
    return (frame.assign(genres=frame["genres"].map(_listed)) if "genres" in frame else frame), unused


def _listed(text: str) -> str:
    """'Action Sci-Fi' or 'Action, Science Fiction' as "A|B"."""
    return "|".join(part.strip(" '\"[]") for part in text.split("," if "," in text else None))


def _fields(folder: Folder, name: str) -> tuple[str, dict[str, str]]:
    """The separator, and {field: its whole header, with the type}."""
    headers = {mark: folder.header(name, mark) for mark in "\t,"}
    mark = max(headers, key=lambda mark: len(headers[mark]))  # the tab where both have as many
    return mark, {header.partition(":")[0]: header for header in headers[mark]}
