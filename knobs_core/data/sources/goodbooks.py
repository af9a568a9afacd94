"""goodbooks-10k, release 1.0: ratings of ten thousand books, and the shelves readers of Goodreads put them on.

    ratings.csv    user_id, book_id, rating
    books.csv      book_id, goodreads_book_id, title, original_publication_year, image_url, ...
    book_tags.csv  goodreads_book_id, tag_id, count
    tags.csv       tag_id, tag_name

Comma-separated UTF-8 with headers; titles with commas stand in quotes. Shelves are the tags, each weighing as much as
people used it for the book; where there are none, decades serve. Authors, between whom commas
stand, and languages are further columns. Zajac 2017, "Goodbooks-10k: a new dataset for book recommendations".
"""

import pandas as pd

from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.folder import Folder

DEFAULTS = DataConfig(
    item="book", credit="goodbooks-10k by Zygmunt Zajac (github.com/zygmuntz/goodbooks-10k): CC BY-SA 4.0"
)
STATES = ("to-read", "currently-reading", "read")  # shelves that everybody has and that say nothing about a book
BOOKS = {
    "book_id": "item_id",
    "goodreads_book_id": "edition",
    "title": "title",
    "original_publication_year": "year",
    "image_url": "image_url",
}
FURTHER = {"authors": "author", "language_code": "language"}


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return {"ratings.csv", "books.csv"} <= folder.names


def read(folder: Folder) -> Tables:
    """Read the four tables; shelves are known by the edition on Goodreads, ratings by the number of the book."""
    ratings = folder.table("ratings.csv", {"user_id": "user_id", "book_id": "item_id", "rating": "value"})
    there = folder.header("books.csv")
    further = {theirs: ours for theirs, ours in FURTHER.items() if theirs in there}
    books = folder.table("books.csv", BOOKS | further, further=further)
    if "author" in books:
        books["author"] = books["author"].astype("string").str.replace(r"\s*,\s*", "|", regex=True)
    items = books.drop(columns="edition")
    if not {"book_tags.csv", "tags.csv"} <= folder.names:
        return Tables(ratings, items, value_name="rating")
    shelves = folder.table("book_tags.csv", {"goodreads_book_id": "edition", "tag_id": "tag_id", "count": "weight"})
    words = folder.table("tags.csv", {"tag_id": "tag_id", "tag_name": "tag"}).astype("str")
    item_of = books.astype({"edition": "str"}).drop_duplicates("edition").set_index("edition")["item_id"]
    shelves = shelves.assign(
        item_id=shelves["edition"].astype("str").map(item_of),
        tag=shelves["tag_id"].astype("str").map(words.drop_duplicates("tag_id").set_index("tag_id")["tag"]),
        weight=pd.to_numeric(shelves["weight"], errors="coerce"),
    ).dropna(subset="item_id")
    kept = ~(shelves["weight"] <= 0) & ~shelves["tag"].isin(STATES)  # a weight that is no number is refused later
    return Tables(ratings, items, shelves.loc[kept, ["item_id", "tag", "weight"]], "rating")
