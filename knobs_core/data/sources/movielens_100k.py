"""MovieLens 100K as GroupLens published it in 1998: u.data, u.item and u.genre, without headers.

    u.data   user, item, rating, timestamp, separated by tabs
    u.item   item|title|release date|video release date|IMDb address|0|1|0|...   Latin-1, a flag for each genre
    u.genre  name|number of the flag

It has no tags: genres and decades serve as concepts.
"""

from knobs_core.data.interactions import Tables
from knobs_core.data.sources.archive import Folder
from knobs_core.data.sources.movielens import DEFAULTS, tidy_items

__all__ = ["DEFAULTS", "FILES", "read", "recognises"]
FILES = "MovieLens 100K (u.data, u.item, u.genre)"
UNKNOWN = "unknown"  # the genre of those without one


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return {"u.data", "u.item", "u.genre"} <= folder.names


def read(folder: Folder) -> Tables:
    """Read the three tables; the genre flags become one column "A|B"."""
    wanted = {name: name for name in ("user_id", "item_id", "value")}
    ratings = folder.table("u.data", wanted, "\t", header=[*wanted, "timestamp"], quoted=False)
    named = folder.rows("u.genre", "|", ("name", "flag"))
    genres = [name for _, name in sorted(zip(named["flag"].astype(int), named["name"], strict=True))]
    movies = folder.rows("u.item", "|", ("item_id", "title", "_date", "_video", "_imdb", *genres), free="title")
    flags = movies[genres] == "1"
    listed = ["|".join(name for name in flags.columns[row] if name != UNKNOWN) for row in flags.to_numpy()]
    items = tidy_items(movies[["item_id", "title"]].assign(genres=listed))
    return Tables(ratings, items)
