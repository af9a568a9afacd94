"""Concepts that item metadata gives away for free: genres and decades, as tag assignments."""

import re

import pandas as pd

DECADE = re.compile(r"['\u2019]?-?\d{0,3}0['\u2019]?s")


def is_decade(tag: str) -> bool:
    """Whether a tag says nothing but a decade: "1990s", "90s", "80's". Decades can be turned, but name no neuron."""
    return DECADE.fullmatch(tag) is not None


def metadata_tags(items: pd.DataFrame) -> pd.DataFrame:
    """Tag rows (item_id, tag) for every genre ("film-noir") and decade ("1990s") of an item table."""
    rows = []
    if "genres" in items:
        genres = items[["item_id", "genres"]].astype({"genres": "string"}).dropna()
        genres = genres.assign(tag=genres["genres"].str.split("|")).explode("tag")
        rows.append(genres[["item_id", "tag"]])
    if "year" in items:
        dated = items[["item_id"]].assign(year=pd.to_numeric(items["year"], errors="coerce")).dropna()
        decade = (dated["year"] // 10 * 10).astype(int).astype(str) + "s"
        rows.append(dated[["item_id"]].assign(tag=decade))
    if not rows:
        return pd.DataFrame(columns=["item_id", "tag"])
    return pd.concat(rows, ignore_index=True).drop_duplicates()
