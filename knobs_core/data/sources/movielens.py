"""MovieLens as GroupLens publishes it since 2014: ratings.csv, movies.csv and, where there is one, tags.csv.

Comma-separated UTF-8 with headers; titles with commas stand in quotes. On Kaggle the same files are called rating.csv,
movie.csv and tag.csv. Columns that somebody added to the titles are kept. Harper and Konstan 2015, "The MovieLens
Datasets: History and Context".
"""

import re

import pandas as pd

from knobs_core.data.interactions import Tables
from knobs_core.data.metadata_tags import genre_lists
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.described import read_items
from knobs_core.data.sources.folder import Folder

DEFAULTS = DataConfig(
    credit="MovieLens by GroupLens (grouplens.org/datasets/movielens): no commercial use; cite Harper and Konstan 2015"
)
TRAILING_ARTICLE = re.compile(
    r"^(?P<name>.+), (?P<article>The|A|An|La|Le|Les|L'|Il|Lo|I|El|Los|Las|Der|Die|Das|Den|Det|Une?|O|As|Os)"
    r"(?P<rest>\s*\(.*\))?$"
)


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return _named(folder, "ratings") is not None and _named(folder, "movies") is not None


def read(folder: Folder) -> Tables:
    """Read the three tables; titles lose their year and get their article back to the front."""
    ratings, movies, tags = (_named(folder, stem) for stem in ("ratings", "movies", "tags"))
    assert ratings is not None, "recognises has seen them"
    assert movies is not None, "recognises has seen them"
    rated = folder.table(ratings, {"userId": "user_id", "movieId": "item_id", "rating": "value"})
    titles, unused = read_items(folder, movies, {"movieId": "item_id", "title": "title", "genres": "genres"})
    given = folder.table(tags, {"userId": "user_id", "movieId": "item_id", "tag": "tag"}) if tags else None
    return Tables(rated, tidy_items(titles), given, "rating", tuple(unused), items_name=movies)


def _named(folder: Folder, stem: str) -> str | None:
    """The name of a file, by GroupLens or on Kaggle."""
    return next((name for name in (f"{stem}.csv", f"{stem[:-1]}.csv") if name in folder.names), None)


def tidy_items(movies: pd.DataFrame) -> pd.DataFrame:
    """Items with title, year and genres apart: 'Godfather, The (1972)' becomes 'The Godfather' and 1972."""
    title = movies["title"].astype("string").str.strip()
    year = movies["year"] if "year" in movies else title.str.extract(r"\((\d{4})(?:[-\u2013]\d{0,4})?\)$")[0]
    title = title.str.replace(r"\s*\(\d{4}(?:[-\u2013]\d{0,4})?\)$", "", regex=True)
    return movies.assign(
        title=title.map(natural_title, na_action="ignore"),
        year=pd.to_numeric(year, errors="coerce"),
        genres=genre_lists(movies["genres"])[0],
    )


def natural_title(title: str) -> str:
    """'Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il)' as people say it, article first."""
    match = TRAILING_ARTICLE.match(title)
    if not match:
        return title
    article = match["article"]
    return f"{article}{'' if article.endswith(chr(39)) else ' '}{match['name']}{match['rest'] or ''}"
