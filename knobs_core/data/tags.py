"""Tags as assignments to items, each with how much it counts."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from knobs_core.base import shown
from knobs_core.data.account import FEW, unmatched
from knobs_core.data.checks import refuse_rows, require_columns
from knobs_core.data.metadata_tags import SEPARATORS
from knobs_core.data.source import DataConfig
from knobs_core.data.spelling import Coded, exploded, matched, one_spelling, other_case, repair


class Tagged(NamedTuple):
    """Assignments of tags. rows: of the table; used: those that give a tag to one of the items.

    unmet: a warning where few rows are about items that somebody has met, or ""
    """

    frame: pd.DataFrame
    rows: int
    used: int
    unmet: str
    repairs: list[str]
    warnings: list[str]


def tagging(
    table: pd.DataFrame | None, item_ids: np.ndarray, likes: np.ndarray, config: DataConfig, met: np.ndarray
) -> Tagged:
    """Assignments with weights. A tag given by users counts once for each of them; one that comes from metadata or
    editors, without user or weight, counts once for each like of its item, as if those who like it had given it.
    Spellings of a word are one tag, and give it only once.

    Args:
        table: item_id, tag[, weight][, user_id]
        item_ids, likes: (n_items,) of the items that are left; met: (n,) ids of all that are in the interactions.
    """
    if table is None:
        table = pd.DataFrame({"item_id": [], "tag": []}, dtype=object)
    require_columns(table.columns, ("item_id", "tag"), "the tags")
    table = exploded(table, "tag")
    items, tags = Coded.of(table["item_id"]), Coded.of(table["tag"])
    column_of, in_other_case = matched(item_ids, items.ids)
    item = np.append(column_of, -1)[items.codes]
    names, spelled = one_spelling(tags)
    tag = spelled[tags.codes]
    if "weight" in table:
        weight = pd.to_numeric(table["weight"], errors="coerce").to_numpy(float, na_value=np.nan)
    else:
        weight = np.ones(len(tag)) if "user_id" in table else likes[item].astype(float)
    expected = "a weight of at least 0 in every row of the tags"
    refuse_rows(~(np.isfinite(weight) & (weight >= 0)), expected, table.get("weight"))
    once = np.ones(len(tag), bool) if "weight" in table else _once(items.codes, tag, table.get("user_id"))
    given = np.bincount(tag, once, minlength=len(names))[tag]
    used = (item >= 0) & (tag > 0)
    counts = used & once & (weight > 0) & (given >= config.min_tag_assignments)
    pairs, place = np.unique(tag[counts] * len(item_ids) + item[counts], return_inverse=True)
    weight = np.bincount(place, weight[counts], minlength=len(pairs)).astype(np.float32)
    n_used = int(used.sum())
    tag, item = np.divmod(pairs, len(item_ids))
    wide = np.bincount(tag, minlength=len(names))[tag] >= config.min_tag_items
    frame = pd.DataFrame({"item": item[wide], "tag": names[tag[wide]], "weight": weight[wide]})
    known = np.append((column_of >= 0) | (matched(met, items.ids)[0] >= 0), False)
    what, n_known = "rows of tags are about items of the interactions", int(known[items.codes].sum())
    unmet = unmatched(item_ids, met, items.ids, n_known, len(table), what)
    repairs = [repair("item_id", "the tags")] if items.repaired else []
    repairs.append(other_case(in_other_case, "the tags"))
    return Tagged(frame, len(table), n_used, unmet, repairs, [_listed(tags), _rare(n_used, frame, config)])


def _rare(used: int, frame: pd.DataFrame, config: DataConfig) -> str:
    """A warning where no tag is on enough items; "" where one is, or there are none."""
    if not used or len(frame):
        return ""
    least = {"min_tag_items": config.min_tag_items, "min_tag_assignments": config.min_tag_assignments}
    lower = " or ".join(f"data.{name}=N" for name, n in least.items() if n > 1)
    often = f" and given {config.min_tag_assignments:,} times" if config.min_tag_assignments > 1 else ""
    return f"no tag is on {config.min_tag_items} items{often}, so there are no themes; lower --set {lower}"


def _listed(tags: Coded) -> str:
    """A warning where most rows seem to list several tags; "" where they do not."""
    rows = np.bincount(tags.codes[tags.codes >= 0], minlength=len(tags.vocabulary))
    for mark in SEPARATORS:
        lists = np.array([mark in tag for tag in tags.ids], bool)
        if rows[lists].sum() > FEW * rows.sum():
            example = tags.ids[lists.argmax()]
            return (
                f"most rows of tags hold a '{mark}', e.g. '{shown(example)}', and each such text is one tag; if they "
                "list several, give each tag a row of its own"
            )
    return ""


def _once(items: np.ndarray, tag: np.ndarray, user: pd.Series | None) -> np.ndarray:
    """(n_rows,) whether nobody has given the row's item its tag in a row before; rows without a user all count."""
    rows = pd.DataFrame({"item": items, "tag": tag})
    if user is None:
        return ~rows.duplicated().to_numpy()
    rows["user"] = Coded.of(user).codes
    return (~rows.duplicated() | (rows["user"] < 0)).to_numpy()
