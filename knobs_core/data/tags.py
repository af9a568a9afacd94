"""Tags as assignments to items, each with how much it counts."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from knobs_core.data.account import unmatched
from knobs_core.data.checks import refuse_rows, require_columns
from knobs_core.data.source import DataConfig
from knobs_core.data.spelling import Coded, exploded, one_spelling, repair


class Tagged(NamedTuple):
    """Assignments of tags. rows: of the table; used: those that give a tag to one of the items."""

    frame: pd.DataFrame
    rows: int
    used: int
    repairs: list[str]
    warnings: list[str]


def tagging(table: pd.DataFrame | None, item_ids: np.ndarray, likes: np.ndarray, config: DataConfig) -> Tagged:
    """Assignments with weights. A tag given by users counts once for each of them; one that comes from metadata or
    editors, without user or weight, counts once for each like of its item, as if those who like it had given it.
    Spellings of a word are one tag, and give it only once."""
    if table is None:
        table = pd.DataFrame({"item_id": [], "tag": []}, dtype=object)
    require_columns(table.columns, ("item_id", "tag"), "the tags")
    table = exploded(table, "tag")
    items, tags = Coded.of(table["item_id"]), Coded.of(table["tag"])
    column_of = pd.Index(item_ids).get_indexer(items.ids)
    item = np.append(column_of, -1)[items.codes]
    names, spelled = one_spelling(tags)
    tag = spelled[tags.codes]
    if "weight" in table:
        weight = pd.to_numeric(table["weight"], errors="coerce").to_numpy(float, na_value=np.nan)
    else:
        weight = np.ones(len(tag)) if "user_id" in table else likes[item].astype(float)
    refuse_rows(~(np.isfinite(weight) & (weight >= 0)), "a weight of at least 0 in every row of the tags")
    once = np.ones(len(tag), bool) if "weight" in table else _once(items.codes, tag, table.get("user_id"))
    given = np.bincount(tag, once, minlength=len(names))[tag]
    used = (item >= 0) & (tag > 0)
    counts = used & once & (weight > 0) & (given >= config.min_tag_assignments)
    pairs, place = np.unique(tag[counts] * len(item_ids) + item[counts], return_inverse=True)
    weight = np.bincount(place, weight[counts], minlength=len(pairs)).astype(np.float32)
    n_used, n_met = int(used.sum()), int((column_of >= 0).sum())
    tag, item = np.divmod(pairs, len(item_ids))
    wide = np.bincount(tag, minlength=len(names))[tag] >= config.min_tag_items
    frame = pd.DataFrame({"item": item[wide], "tag": names[tag[wide]], "weight": weight[wide]})
    warnings = [] if n_met else [unmatched(item_ids, items.ids, 0, "tags")]
    if n_used and frame.empty:
        warnings.append(
            f"no tag is on {config.min_tag_items} items and given {config.min_tag_assignments} times, so there are no "
            "themes; lower data.min_tag_items or data.min_tag_assignments with --set"
        )
    return Tagged(frame, len(table), n_used, [repair("item_id", "the tags")] if items.repaired else [], warnings)


def _once(items: np.ndarray, tag: np.ndarray, user: pd.Series | None) -> np.ndarray:
    """(n_rows,) whether nobody has given the row's item its tag in a row before; rows without a user all count."""
    rows = pd.DataFrame({"item": items, "tag": tag})
    if user is None:
        return ~rows.duplicated().to_numpy()
    rows["user"] = Coded.of(user).codes
    return (~rows.duplicated() | (rows["user"] < 0)).to_numpy()
