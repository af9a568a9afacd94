"""RecBole's atomic files: NAME.inter and, where there is one, NAME.item.

    NAME.inter  user_id:token, item_id:token[, rating:float][, ...]
    NAME.item   item_id:token[, movie_title:token_seq][, release_year:token][, class:token_seq][, ...]

Separated by tabs, without quotes, headers of name:type. Data sets name their columns as they like; user and item are
``user_id`` and ``item_id``, else the first two columns. Without a rating every row is a like. Genres, which spaces or
commas separate, and decades serve as concepts. Zhao et al. 2021, "RecBole: Towards a Unified, Comprehensive and
Efficient Framework for Recommendation Algorithms".
"""

import pandas as pd

from knobs_core.base import DataError
from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.archive import Folder

FILES = "RecBole's atomic files (one NAME.inter[, NAME.item])"
DEFAULTS = DataConfig()
GENRES = ("genres", "genre", "class", "categories", "category", "tags")


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return any(name.endswith(".inter") for name in folder.names)


def read(folder: Folder) -> Tables:
    """Read interactions and items."""
    names = sorted(name for name in folder.names if name.endswith(".inter"))
    if len(names) > 1:
        raise DataError("one .inter file", ", ".join(names), "keep the one to learn from; Knobs splits users itself")
    inter, item = names[0], names[0].removesuffix(".inter") + ".item"
    fields = _fields(folder, inter)
    if len(fields) < 2:
        raise DataError(
            f"user_id:token and item_id:token in {inter}", ", ".join(fields.values()) or "none", "check the export"
        )
    user, thing = (fields.get(name, list(fields.values())[at]) for at, name in enumerate(("user_id", "item_id")))
    columns = {user: "user_id", thing: "item_id"} | ({fields["rating"]: "value"} if "rating" in fields else {})
    interactions = folder.table(inter, columns, "\t", quoted=False)
    items = _items(folder, item) if item in folder.names else None
    return Tables(interactions, items)


def _items(folder: Folder, name: str) -> pd.DataFrame:
    fields = _fields(folder, name)
    columns = {fields.get("item_id", next(iter(fields.values()))): "item_id"}
    for ours, fits in (
        ("title", lambda field: "title" in field or field.endswith("name")),
        ("year", lambda field: "year" in field),
        ("genres", lambda field: field in GENRES),
    ):
        found = next((theirs for field, theirs in fields.items() if fits(field) and theirs not in columns), None)
        if found:
            columns[found] = ours
    items = folder.table(name, columns, "\t", quoted=False)
    if "title" not in items:
        items = items.assign(title="")
    return items.assign(genres=items["genres"].map(_listed)) if "genres" in items else items


def _listed(text: str) -> str:
    """'Action Sci-Fi' or 'Action, Science Fiction' as "A|B"."""
    return "|".join(part.strip(" '\"[]") for part in text.split("," if "," in text else None))


def _fields(folder: Folder, name: str) -> dict[str, str]:
    """{field: its whole header, with the type}."""
    return {header.partition(":")[0]: header for header in folder.header(name, "\t")}
