"""What is known of the items: titles, years, genres and pictures of a table, in the order of the matrix."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from knobs_core.base import clean
from knobs_core.data.account import shown, unmatched
from knobs_core.data.checks import require_columns
from knobs_core.data.metadata_tags import genre_lists, years
from knobs_core.data.spelling import Coded, repair

ITEM_COLUMNS = {"title": "string", "year": "Int64", "genres": "string", "image_url": "string"}


class Described(NamedTuple):
    """What is known of the items. titled: how many have a title of their own."""

    frame: pd.DataFrame
    titled: int
    repairs: list[str]
    warnings: list[str]


def describe(table: pd.DataFrame | None, item_ids: np.ndarray) -> Described:
    """A row an item, in their order."""
    frame = pd.DataFrame(index=pd.Index(item_ids, name="item_id"))
    repairs, warnings = [], []
    if table is not None:
        require_columns(table.columns, ("item_id", "title"), "the items")
        coded = Coded.of(table["item_id"])
        repairs += [repair("item_id", "the items")] if coded.repaired else []
        ids = np.append(coded.ids, "")[coded.codes]
        warnings.append(unmatched(item_ids, coded.ids, int(np.isin(item_ids, coded.ids).sum()), "items"))
        table = table.assign(item_id=ids)[[c for c in ("item_id", *ITEM_COLUMNS) if c == "item_id" or c in table]]
        table = table.drop_duplicates("item_id").set_index("item_id")
        frame = frame.join(table)
    for column in ("title", "image_url"):
        texts = frame[column].astype("string").fillna("") if column in frame else pd.Series("", frame.index)
        frame[column] = texts.map(clean).astype("string")
    titled = frame["title"] != ""
    frame["title"] = frame["title"].where(titled, pd.Series(item_ids, frame.index))
    none = pd.Series(pd.NA, frame.index, dtype="object")
    frame["genres"], split = genre_lists(frame.get("genres", none))
    frame["year"], odd = years(frame.get("year", none))
    repairs.append(split)
    if odd:
        count = f"{len(odd):,} different years cannot be read" if len(odd) > 1 else "a year cannot be read"
        warnings.append(f"{count}, e.g. '{shown(odd[0])}', and count as missing; write whole numbers, as -480 or 1994")
    frame = frame.reset_index(drop=True).astype(ITEM_COLUMNS)[list(ITEM_COLUMNS)]
    return Described(frame, int(titled.sum()), repairs, warnings)
