"""goodbooks-10k, release 1.0: ratings of ten thousand books, and the shelves readers of Goodreads put them on.

    ratings.csv    user_id, book_id, rating
    books.csv      book_id, goodreads_book_id, title, original_publication_year, image_url, ...
    book_tags.csv  goodreads_book_id, tag_id, count
    tags.csv       tag_id, tag_name

Comma-separated UTF-8 with headers; titles with commas stand in quotes. Shelves are the tags, each weighing as much as
people used it for the book. Zajac 2017, "Goodbooks-10k: a new dataset for book recommendations".
"""

from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.archive import Folder

FILES = "goodbooks-10k (ratings.csv, books.csv[, book_tags.csv, tags.csv])"
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


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return {"ratings.csv", "books.csv"} <= folder.names


def read(folder: Folder) -> Tables:
    """Read the four tables; shelves are known by the edition on Goodreads, ratings by the number of the book."""
    ratings = folder.table("ratings.csv", {"user_id": "user_id", "book_id": "item_id", "rating": "value"})
    books = folder.table("books.csv", BOOKS)
    if not {"book_tags.csv", "tags.csv"} <= folder.names:
        return Tables(ratings, books)
    shelves = folder.table(
        "book_tags.csv", {"goodreads_book_id": "edition", "tag_id": "tag_id", "count": "weight"}
    ).merge(books[["edition", "item_id"]], on="edition")
    words = folder.table("tags.csv", {"tag_id": "tag_id", "tag_name": "tag"})
    shelves["tag"] = shelves["tag_id"].map(dict(words.astype("str").to_numpy()))
    return Tables(ratings, books, shelves[(shelves["weight"] > 0) & ~shelves["tag"].isin(STATES)])
