"""What the values of a table mean: which column they are, and which rows are likes.

threshold set     a value of at least the threshold is a like, whatever the column is called
0 and 1           1 is a like; so it is with -1 and 1, with true and false, and with nothing but 1
counts            a column called plays, count, ...: whoever came at least once likes it
anything else     ratings: 4 and more is a like
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from knobs_core.base import DataError, folded, shown

RATING, ONCE = 4.0, 1.0  # the least rating, and the least count, that is a like
SIGNS = (-1, 0, 1)  # values of which 1 says that somebody likes an item
SCALE = 5.0  # the highest rating that needs no questions
COUNTS = frozenset((  # columns that say how often, by their folded names
    "play", "plays", "playcount", "playcounts", "listen", "listens", "listencount", "count", "counts", "times", "view",
    "views", "viewcount", "click", "clicks", "clickcount", "purchases", "quantity", "frequency", "visits",
))  # fmt: skip
VALUES = COUNTS | frozenset((  # and all that say how much somebody likes an item
    "value", "rating", "ratings", "score", "scores", "star", "stars", "label", "labels", "like", "liked", "likes",
    "preference", "feedback", "overall", "hours",
))  # fmt: skip
WORDS = {"true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}


class Meaning(NamedTuple):
    """liked: (n_rows,) whether a row is a like; threshold: from which value on; said: that in words; warning: or ""."""

    liked: np.ndarray
    threshold: float
    said: str
    warning: str = ""


def value_column(names: Iterable[str], table: str) -> str | None:
    """The column of values among those of a table: "value", else one whose name says that it is one; or None.

    Raises:
        DataError: several could be it, and none is called value.
    """
    found = [name for name in names if folded(name) in VALUES]
    called = [name for name in found if folded(name) == "value"]
    found = called if len(called) == 1 else found
    if len(found) > 1:
        raise DataError(
            f"one column of values in {table}", shown(", ".join(found)), "call the one that says what is liked value"
        )
    return found[0] if found else None


def numbers(column: pd.Series) -> np.ndarray:
    """Values (n_rows,) as numbers; words for true and false are 1 and 0; NaN where there is neither."""
    values = pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)
    if np.isnan(values).any() and not pd.api.types.is_numeric_dtype(column):
        words = column.astype(str).str.strip().str.lower().map(WORDS).to_numpy(float)
        values = np.where(np.isnan(values), words, values)
    return values


def meaning(values: np.ndarray, name: str, threshold: float | None) -> Meaning:
    """Which rows are likes.

    Args:
        values: (n_rows,) finite numbers; name: what their column is called; threshold: None where nobody set one.

    Raises:
        DataError: none is.
    """
    low, high = float(values.min()), float(values.max())
    signs = low >= -1 and high == 1 and bool(np.isin(values, SIGNS).all())
    least, said = least_liked(high, signs, name, threshold)
    liked = values >= least
    return Meaning(liked, least, said, doubt(low, high, len(values), int(liked.sum()), least, name, threshold))


def least_liked(high: float, signs: bool, name: str, threshold: float | None) -> tuple[float, str]:
    """From which value on a row is a like, and that in words.

    Args:
        high: the highest value; signs: whether all are among SIGNS; name, threshold: as for ``meaning``.
    """
    if threshold is not None:
        return threshold, f"a {name} of at least {threshold:g} is a like"
    if signs and high == 1:
        return ONCE, f"a {name} of 1 is a like"
    if folded(name) in COUNTS:
        return ONCE, f"{name} counts how often, and once is a like"
    return RATING, f"a {name} of at least {RATING:g} is a like"


def doubt(low: float, high: float, n: int, liked: int, least: float, name: str, threshold: float | None) -> str:
    """A warning where n values from low to high, of which ``liked`` are likes, may mean something else; or "".

    Raises:
        DataError: none is.
    """
    if not liked:
        raise DataError(
            f"values of at least {least:g}",
            f"values from {low:g} to {high:g}",
            "lower the threshold with --set data.threshold=VALUE",
        )
    if threshold is not None or least != RATING or not SCALE < high > low:
        return ""
    return (
        f"{name} goes from {low:g} to {high:g}, not up to 5 as ratings do, and {liked:,} of "
        f"{n:,} rows are likes, those of at least 4; if it counts how often, keep every row with "
        "--set data.threshold=1; if it is a rating on another scale, set data.threshold to the least that is a like"
    )
