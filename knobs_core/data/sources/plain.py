"""The plain layout for everybody's own data: interactions, items and tags, each as CSV or Parquet.

    interactions  user_id, item_id[, value][, timestamp]
    items         item_id, title[, year][, genres ("A|B")][, image_url]         optional
    tags          item_id, tag[, weight][, user_id]                            optional

Text files are separated by commas, semicolons or tabs. Without a tags table the genres and decades of the items serve
as concepts.
"""

import pandas as pd

from knobs_core.data.interactions import Tables, require_columns
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.archive import Folder

FILES = "the plain layout (interactions.csv or .parquet[, items][, tags])"
DEFAULTS = DataConfig()
COLUMNS = {  # needed, and read where they are there
    "interactions": (("user_id", "item_id"), ("value",)),
    "items": (("item_id", "title"), ("year", "genres", "image_url")),
    "tags": (("item_id", "tag"), ("weight", "user_id")),
}


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return _file(folder, "interactions") is not None


def read(folder: Folder) -> Tables:
    """Read the tables that are there."""
    interactions, items, tags = (_table(folder, stem) for stem in COLUMNS)
    assert interactions is not None, "recognises has seen them"
    return Tables(interactions, items, tags)


def _file(folder: Folder, stem: str) -> str | None:
    return next((name for name in (f"{stem}.parquet", f"{stem}.csv") if name in folder.names), None)


def _table(folder: Folder, stem: str) -> pd.DataFrame | None:
    name = _file(folder, stem)
    if name is None:
        return None
    separator = max(",;\t", key=lambda mark: len(folder.header(name, mark)))
    there = folder.header(name, separator)
    needed, optional = COLUMNS[stem]
    require_columns(there, needed, name)
    columns = [*needed, *(column for column in optional if column in there)]
    return folder.table(name, dict(zip(columns, columns, strict=True)), separator)
