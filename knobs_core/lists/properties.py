"""What items share, for quotas: a genre, a decade, a tag, a franchise, or whatever a column of the items says."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from knobs_core.base import UnknownNameError, folded, nearest, searchable
from knobs_core.data import DESCRIPTION, Interactions, franchises, metadata_tags, year_text

FRANCHISE = "franchise"
OF_METADATA = {"genre": "genres", "decade": "year"}  # the columns that these are read from
PROPERTIES = (*OF_METADATA, "tag", FRANCHISE)


def properties_of(data: Interactions) -> list[str]:
    """What a list can be ruled by: what every bundle has, and further columns of the items whose values group them."""
    return [*PROPERTIES, *(name for name in data.grouping if name != FRANCHISE)]


def values_of(data: Interactions, of: str, value: str = "") -> list[frozenset[str]]:
    """For each item the values of a property; an item without any has none.

    Args:
        of: "genre", "decade", "tag", "franchise", or a column of the items, whose cells hold several values where "|"
            stands between them. The franchise comes from the titles where the items have no such column.
        value: only this one, in whatever spelling; all of them where it is "".

    Raises:
        UnknownNameError: no such property, or no item has the value; names those that there are.
    """
    rows = _rows(data, of, "quotas")
    rows = _of_values(rows, of, [value], "quotas") if value else rows
    found = dict(rows.groupby("item")["value"].agg(frozenset).items())
    return [found.get(item, frozenset()) for item in range(data.n_items)]


def having(data: Interactions, of: str, values: Sequence[str]) -> np.ndarray:
    """(n_items,) which items have one of some values of a property, in whatever spelling.

    Raises:
        UnknownNameError: see ``values_of``.
    """
    return np.isin(np.arange(data.n_items), _of_values(_rows(data, of, "pool"), of, values, "pool")["item"])


def _of_values(rows: pd.DataFrame, of: str, values: Sequence[str], field: str) -> pd.DataFrame:
    """The rows with one of some values. field: of the recipe that asks, for errors."""
    known, found = {one: _spellings(one) for one in rows["value"].unique()}, set[str]()
    for value in values:
        wanted = _spellings(value)
        spelled = [one for one, spellings in known.items() if not wanted.isdisjoint(spellings)]
        if not spelled:
            said = f"'{value}', which no item has"
            raise UnknownNameError(f"{field}: a {of} of this bundle", said, nearest(value, known))
        found.update(spelled)
    return rows[rows["value"].isin(found)]


def _rows(data: Interactions, of: str, field: str) -> pd.DataFrame:
    """A row for each value of each item: item, value."""
    items = data.items
    if of == "tag":
        return data.tags[["item", "tag"]].rename(columns={"tag": "value"})
    if of in OF_METADATA:
        listed = metadata_tags(items[[OF_METADATA[of]]].assign(item_id=np.arange(data.n_items)))
        return listed.set_axis(["item", "value"], axis=1).query("value != ''")
    if of in items:
        cells = items[of].map(year_text) if of == "year" else items[of].astype("string").fillna("").str.split("|")
    elif of == FRANCHISE:
        cells = pd.Series(franchises(items["title"].tolist()))
    else:
        others = [str(name) for name in items if name not in (*PROPERTIES, DESCRIPTION)]
        remedy = f"choose one of {', '.join([*PROPERTIES, *others])}"
        raise UnknownNameError(f"{field}: a property of the items under of", f"'{of}'", remedy)
    values = cells.rename("value").rename_axis("item").reset_index().explode("value")
    return values.assign(value=values["value"].str.strip()).query("value != ''")


def _spellings(value: str) -> set[str]:
    """What a value is compared by: with and without an article before it."""
    return {folded(value), folded(searchable(value))} if value else set()
