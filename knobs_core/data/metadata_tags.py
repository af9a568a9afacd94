"""What item metadata says in many spellings: genres and years, and the concepts that they give away for free."""

import ast
import re
from collections.abc import Hashable

import numpy as np
import pandas as pd

from knobs_core.base import clean

DECADE = re.compile(r"['\u2019]?-?\d{0,3}0['\u2019]?s(?: bc)?")
NO_GENRES = frozenset(("(no genres listed)", "no genres listed", "nan", "none", "null", "n/a", "<na>", "\\n"))
SEPARATORS = "|;,"  # of genres; the first of them that a table uses, it uses everywhere
FIRST_YEAR, LAST_YEAR = -9999, 9999
MISSING = ("", "nan", "na", "n/a", "none", "null", "<na>", "\\n", "-", "?", "unknown")  # what stands for no year


def is_decade(tag: str) -> bool:
    """Whether a tag says nothing but a decade: "1990s", "90s", "80's". Decades can be turned, but name no neuron."""
    return DECADE.fullmatch(tag) is not None


def metadata_tags(items: pd.DataFrame) -> pd.DataFrame:
    """Tag rows (item_id, tag) for every genre ("drama") and decade ("1990s") of an item table."""
    rows = []
    if "genres" in items:
        listed = items[["item_id"]].assign(tag=genre_lists(items["genres"])[0].str.split("|")).explode("tag")
        rows.append(listed[listed["tag"] != ""])
    if "year" in items:
        dated = items[["item_id"]].assign(year=years(items["year"])[0]).dropna()
        decades = dated["year"].astype(float).map(_decade)
        rows.append(dated[["item_id"]].assign(tag=decades)[decades != ""])
    if not rows:
        return pd.DataFrame(columns=["item_id", "tag"])
    return pd.concat(rows, ignore_index=True).drop_duplicates()


def genre_lists(genres: pd.Series) -> tuple[pd.Series, str]:
    """Genres as "A|B", "" where there are none, and which other way of listing them was met, in words.

    Cells are lists, lists as Python or JSON write them, or text with "|" between genres. Where no cell has a "|",
    semicolons or else commas are taken for what separates them.
    """
    codes, cells = pd.factorize(genres.map(_hashable))
    texts = [cell for cell in cells if isinstance(cell, str)]
    plain = [text for text in texts if not _bracketed(text)]
    mark = next((mark for mark in SEPARATORS if any(mark in text for text in plain)), "|")
    lists = ["|".join(_parts(cell, mark)) for cell in cells]
    said = f"genres were split at '{mark}', as none has a '|'" if mark != "|" else ""
    return pd.Series(np.array([*lists, ""], dtype=object)[codes], genres.index, dtype="string"), said


def years(column: pd.Series) -> tuple[pd.Series, list[str]]:
    """Years as Float64 whole numbers, missing where there is none, and the different cells that could not be read."""
    read = pd.to_numeric(column, errors="coerce").astype("Float64").round()
    fits = read.between(FIRST_YEAR, LAST_YEAR).fillna(False).astype(bool)
    odd = column[~fits & column.notna()].astype(str).str.strip()
    return read.where(fits), [text for text in odd.unique() if text.lower() not in MISSING]


def _decade(year: float) -> str:
    """1994 is of the "1990s", -480 of the "480s bc"; "" for the year 0, which there is not."""
    tens = int(abs(year) // 10 * 10)
    return f"{tens}s" + (" bc" if year < 0 else "") if year else ""


def _hashable(cell: object) -> object:
    if isinstance(cell, list | tuple | set | np.ndarray):
        return tuple(map(str, cell))
    return cell if isinstance(cell, Hashable) else str(cell)


def _bracketed(text: str) -> bool:
    return text.strip().startswith("[") and text.strip().endswith("]")


def _parts(cell: object, mark: str) -> list[str]:
    """The genres of a cell, each once."""
    if isinstance(cell, str):
        parts = _written(cell) if _bracketed(cell) else cell.split(mark)
    else:
        parts = list(cell) if isinstance(cell, tuple) else [cell]
    genres = (clean(str(part)).replace("|", "/") for part in parts)
    return list(dict.fromkeys(genre for genre in genres if genre and genre.lower() not in NO_GENRES))


def _written(text: str) -> list[object]:
    """What a list holds as Python or JSON write it; of records what they call "name"."""
    try:
        cell = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return [part.strip(" '\"[]") for part in text.split(",")]
    return [one.get("name", "") if isinstance(one, dict) else one for one in cell]
