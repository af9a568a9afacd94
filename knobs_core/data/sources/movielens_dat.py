"""MovieLens 1M and 10M as GroupLens published them in 2003 and 2009: ratings.dat, movies.dat and, in 10M, tags.dat.

    ratings.dat  UserID::MovieID::Rating::Timestamp
    movies.dat   MovieID::Title::Genres                 Latin-1 in 1M, UTF-8 in 10M
    tags.dat     UserID::MovieID::Tag::Timestamp

No headers, no quotes. 1M has no tags: there, genres and decades serve as concepts.
"""

from knobs_core.data.interactions import Tables
from knobs_core.data.sources.folder import Folder
from knobs_core.data.sources.movielens import DEFAULTS, tidy_items

__all__ = ["DEFAULTS", "read", "recognises"]
# Arrow separates by one character; to it, "::" is an empty column between two colons.
RATINGS = ["user_id", "", "item_id", " ", "value", "  ", "timestamp"]


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return {"ratings.dat", "movies.dat"} <= folder.names


def read(folder: Folder) -> Tables:
    """Read the tables; titles are tidied as in the later releases."""
    wanted = {name: name for name in ("user_id", "item_id", "value")}
    ratings = folder.table("ratings.dat", wanted, ":", header=RATINGS, quoted=False)
    items = tidy_items(folder.rows("movies.dat", "::", ("item_id", "title", "genres"), free="title"))
    if "tags.dat" not in folder.names:
        return Tables(ratings, items, value_name="rating")
    tags = folder.rows("tags.dat", "::", ("user_id", "item_id", "tag", "_timestamp"), free="tag")
    return Tables(ratings, items, tags, "rating")
