"""Concepts that item metadata gives away for free: genres and decades, as tag assignments."""

import re

import pandas as pd

DECADE = re.compile(r"['\u2019]?-?\d{0,3}0['\u2019]?s(?: bc)?")


def is_decade(tag: str) -> bool:
    """Whether a tag says nothing but a decade: "1990s", "90s", "80's". Decades can be turned, but name no neuron."""
    return DECADE.fullmatch(tag) is not None


def _decade(year: float) -> str:
    """1994 is of the "1990s", -480 of the "480s bc"; "" for the year 0, which there is not."""
    tens = int(abs(year) // 10 * 10)
    return f"{tens}s" + (" bc" if year < 0 else "") if year else ""


def metadata_tags(items: pd.DataFrame) -> pd.DataFrame:
    """Tag rows (item_id, tag) for every genre ("drama") and decade ("1990s") of an item table."""
    rows = []
    if "genres" in items:
        genres = items[["item_id", "genres"]].astype({"genres": "string"}).dropna()
        genres = genres.assign(tag=genres["genres"].str.split("|")).explode("tag")
        rows.append(genres[["item_id", "tag"]])
    if "year" in items:
        dated = items[["item_id"]].assign(year=pd.to_numeric(items["year"], errors="coerce")).dropna()
        decades = dated["year"].astype(float).map(_decade)
        rows.append(dated[["item_id"]].assign(tag=decades)[decades != ""])
    if not rows:
        return pd.DataFrame(columns=["item_id", "tag"])
    return pd.concat(rows, ignore_index=True).drop_duplicates()
