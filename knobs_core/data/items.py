"""What is known of the items: titles, years, genres, pictures and further columns of a table, in the matrix' order."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from knobs_core.base import clean, shown
from knobs_core.data.account import unmatched
from knobs_core.data.checks import require_columns
from knobs_core.data.columns import DESCRIPTION, ITEM_COLUMNS, LONGEST_TEXT, cells, further
from knobs_core.data.metadata_tags import genre_lists, years
from knobs_core.data.spelling import Coded, matched, other_case, repair


class Described(NamedTuple):
    """What is known of the items. titled: how many have a title of their own; others: items that nobody likes.

    columns: further ones that are kept; unused: those that are not, as "director (why)"
    """

    frame: pd.DataFrame
    titled: int
    others: int
    columns: list[str]
    unused: list[str]
    repairs: list[str]
    warnings: list[str]


def describe(table: pd.DataFrame | None, item_ids: np.ndarray, met: np.ndarray) -> Described:
    """A row an item, in their order. item_ids: (n_items,) of those that are left; met: of all in the interactions."""
    frame = pd.DataFrame(index=pd.Index(item_ids, name="item_id"))
    repairs: list[str] = []
    warnings: list[str] = []
    unused: list[str] = []
    more: dict[str, str] = {}
    others = 0
    if table is not None:
        require_columns(table.columns, ("item_id", "title"), "the items")
        coded = Coded.of(table["item_id"])
        repairs += [repair("item_id", "the items")] if coded.repaired else []
        places, in_other_case = matched(item_ids, coded.ids)
        n_met = int((places >= 0).sum())
        others = len(coded.ids) - n_met
        what = "items have a row in the table of items"
        warnings.append(unmatched(item_ids, met, coded.ids, n_met, len(item_ids), what))
        ids = np.append(np.where(places < 0, "", item_ids[places]), "")[coded.codes]
        again = pd.Series(coded.codes).duplicated().to_numpy()
        warnings.append(_again(coded, again & (coded.codes >= 0)))
        more, unused = further(table.columns, ("item_id", *ITEM_COLUMNS))
        table = table.assign(item_id=ids)[["item_id", *(c for c in ITEM_COLUMNS if c in table), *more]]
        frame = frame.join(table[(ids != "") & ~again].set_index("item_id")).rename(columns=more)
        repairs.append(other_case(in_other_case, "the items"))
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
    columns = []
    for column in more.values():
        found = cells(frame[column], column)
        if found.texts is None:
            unused.append(f"{column} ({found.why})")
            continue
        frame[column] = found.texts
        columns.append(column)
        if found.cut:
            repairs.append(f"Texts of more than {LONGEST_TEXT:,} characters in {DESCRIPTION} were cut: {found.cut:,}")
    frame = frame.reset_index(drop=True)[[*ITEM_COLUMNS, *columns]].astype(ITEM_COLUMNS)
    return Described(frame, int(titled.sum()), others, columns, unused, repairs, warnings)


def _again(ids: Coded, again: np.ndarray) -> str:
    """A warning where rows (n_rows,) of the items name an item again; "" where none do."""
    if not again.any():
        return ""
    n, first = int(again.sum()), shown(ids.vocabulary[ids.codes[again.argmax()]])
    return (
        f"{n:,} row(s) of items name an item again, e.g. '{first}', and are left out: the first row of an item counts"
    )
