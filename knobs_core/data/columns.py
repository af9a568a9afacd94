"""The columns of a table of items: those that every bundle has, and whatever else it says of them.

Further columns are kept as text, whatever they hold: "007" stays "007". "A|B" are two values, as with genres, and what
stands for nothing ("NULL", "N/A") is nothing. A column that cannot be kept is named with the reason. ``description`` is
for long texts; no list is ruled by it.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from knobs_core.base import clean, folded, shown, visible
from knobs_core.data.metadata_tags import NO_GENRES
from knobs_core.data.spelling import Coded

ITEM_COLUMNS = {"title": "string", "year": "Int64", "genres": "string", "image_url": "string"}
DESCRIPTION = "description"
NESTED = "lists or records in its cells; write several values as A|B"
MOST = 32  # further columns of a table
LONGEST_NAME = 60  # characters, as many as a quota takes
LONGEST_CELL = 1_000  # characters; of descriptions LONGEST_TEXT, behind which they are cut
LONGEST_TEXT = 5_000
VALUES = 20_000  # different ones of a column
TAKEN = frozenset(map(folded, ("item_id", *ITEM_COLUMNS, "genre", "decade", "tag")))
OWN = (DESCRIPTION, "franchise")  # names that mean something here, however they are written
# What says when a row was written, or numbers the rows; nobody misses these.
NO_LOSS = frozenset(("timestamp", "unnamed0", "index", "level0", "indexlevel0", ""))


class Further(NamedTuple):
    """Columns to keep, {theirs: ours}, and those that cannot be kept, each as "director (why)"."""

    columns: dict[str, str]
    odd: list[str]


class Cells(NamedTuple):
    """A further column as text (n_items,), or None and why it cannot be kept; cut: how many texts were too long."""

    texts: pd.Series | None
    why: str = ""
    cut: int = 0


def further(names: Iterable[str], used: Collection[str], called: Callable[[str], str] = str) -> Further:
    """Which columns of a table of items are kept beyond those that are used.

    Args:
        names: of all columns; used: those that are read as something else.
        called: the name in the heading of a column, where there is more in it.
    """
    left = [name for name in names if name not in used and folded(called(name)) not in NO_LOSS]
    count = Counter(folded(clean(called(name))) for name in left)
    columns: dict[str, str] = {}
    odd: list[str] = []
    # Descriptions come first, so that they are among those that are kept.
    for name in sorted(left, key=lambda name: folded(called(name)) != DESCRIPTION):
        ours = clean(called(name))
        if why := _fault(called(name), ours, count[folded(ours)], len(columns)):
            odd.append(f"{shown(called(name))} ({why})")
        else:
            columns[name] = folded(ours) if folded(ours) in OWN else ours
    return Further(columns, odd)


def _fault(name: str, ours: str, times: int, n_before: int) -> str:
    """Why no column is kept under a name; "" where one can be."""
    if visible(name) != name or not ours:
        return "its name holds characters that nobody sees"
    if len(ours) > LONGEST_NAME:
        return f"its name is longer than {LONGEST_NAME} characters"
    if folded(ours) in TAKEN:
        return "its name means something else here; rename it"
    if times > 1:
        return "another column is called so, in whatever case; rename one"
    return f"only {MOST} further columns are kept" if n_before >= MOST else ""


def cells(column: pd.Series, name: str) -> Cells:
    """The cells (n_items,) of a further column of our name as text, "" where there is nothing."""
    may_nest = column.dtype == object or isinstance(column.dtype, pd.ArrowDtype)
    if may_nest and not column.map(pd.api.types.is_scalar).all():
        return Cells(None, NESTED)
    coded = Coded.of(column)
    texts = pd.Series(np.append(coded.ids, "")[coded.codes], column.index, dtype=object)
    if name == DESCRIPTION:
        texts = texts.where(~texts.str.lower().isin(NO_GENRES), "")
        cut = int((texts.str.len() > LONGEST_TEXT).sum())
        texts, values = texts.str.slice(0, LONGEST_TEXT).str.strip(), set[str]()
    else:
        listed = {text: values_in(text) for text in texts.unique()}
        texts, values, cut = texts.map({text: "|".join(some) for text, some in listed.items()}), set(), 0
        values = values.union(*listed.values())
        if (texts.str.len() > LONGEST_CELL).any():
            return Cells(None, f"cells of more than {LONGEST_CELL:,} characters; long texts are kept as {DESCRIPTION}")
    if len(values) > VALUES:
        return Cells(None, f"more than {VALUES:,} different values")
    if (texts == "").all():
        return Cells(None, "nothing in it")
    return Cells(texts.astype("string"), "", cut)


def values_in(text: str) -> list[str]:
    """The values of a cell, each once."""
    parts = (part.strip() for part in text.split("|"))
    return list(dict.fromkeys(part for part in parts if part and part.lower() not in NO_GENRES))


def groups(texts: pd.Series) -> bool:
    """Whether two items share a value of a further column (n_items,)."""
    filled = texts.astype("string").fillna("").loc[lambda cells: cells != ""]
    if filled.duplicated().any():
        return True
    values = filled.str.split("|").explode()
    return bool(values[values != ""].duplicated().any())
