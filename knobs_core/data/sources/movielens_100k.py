"""MovieLens 100K as GroupLens published it in 1998: u.data, u.item and u.genre, without headers.

    u.data   user, item, rating, timestamp, separated by tabs
    u.item   item|title|release date|video release date|IMDb address|0|1|0|...   Latin-1, a flag for each genre
    u.genre  name|number of the flag

It has no tags: genres and decades serve as concepts.
"""

import pandas as pd

from knobs_core.base import DataError
from knobs_core.data.interactions import Tables
from knobs_core.data.sources.folder import Folder
from knobs_core.data.sources.movielens import DEFAULTS, tidy_items

__all__ = ["DEFAULTS", "read", "recognises"]
UNKNOWN = "unknown"  # the genre of those without one


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return {"u.data", "u.item", "u.genre"} <= folder.names


def read(folder: Folder) -> Tables:
    """Read the three tables; the genre flags become one column "A|B"."""
    wanted = {name: name for name in ("user_id", "item_id", "value")}
    ratings = folder.table("u.data", wanted, "\t", header=[*wanted, "timestamp"], quoted=False)
    named = folder.rows("u.genre", "|", ("name", "flag"))
    flags = pd.to_numeric(named["flag"], errors="coerce")
    if flags.isna().any() or named["name"].duplicated().any() or named.empty:
        raise DataError("a name and the number of its flag in every row of u.genre", "others", "fetch the set again")
    genres = named["name"].iloc[flags.argsort(kind="stable")].tolist()
    movies = folder.rows("u.item", "|", ("item_id", "title", "_date", "_video", "_imdb", *genres), free="title")
    flagged = movies[genres] == "1"
    listed = ["|".join(name for name in flagged.columns[row] if name != UNKNOWN) for row in flagged.to_numpy()]
    items = tidy_items(movies[["item_id", "title"]].assign(genres=listed))
    return Tables(ratings, items, value_name="rating")
