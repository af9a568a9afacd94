"""The plain layout for everybody's own data: interactions, items and tags, each as CSV or Parquet.

    interactions  user_id, item_id[, value][, timestamp]
    items         item_id, title[, year][, genres ("A|B")][, image_url]         optional
    tags          item_id, tag[, weight][, user_id]                            optional

Without a tags table the genres and decades of the items serve as concepts.
"""

from knobs_core.data.concepts import metadata_tags
from knobs_core.data.files import Folder
from knobs_core.data.interactions import DataConfig, Tables

FILES = "the plain layout (interactions.csv or .parquet[, items][, tags])"
DEFAULTS = DataConfig()


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return folder.table_name("interactions") is not None


def read(folder: Folder) -> Tables:
    """Read the tables that are there."""
    interactions, items, tags = (folder.table(stem) for stem in ("interactions", "items", "tags"))
    if tags is None and items is not None and "item_id" in items:
        tags = metadata_tags(items)
    return Tables(interactions, items, tags)
