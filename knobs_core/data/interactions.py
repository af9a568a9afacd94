"""Interactions: who liked what, and what is known about the items. Built and validated here and nowhere else.

    Tables (as read)  --check-->  --threshold-->  --item and user minimum-->  Interactions (CSR + ids + items + tags)

Preprocessing follows the paper (section 4.1): a value of at least the threshold is a like, items with too few likes are
left out first, then users with too few.
"""

import dataclasses
from typing import Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as checked_dataclass

from knobs_core.errors import DataError

MISSING_IDS = ("", "nan", "NaN")  # what an export leaves behind where an id was missing
ITEM_COLUMNS = {"title": "string", "year": "Int64", "genres": "string", "image_url": "string"}


@checked_dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class DataConfig:
    """How a source becomes interactions."""

    threshold: float = 4.0
    """A row with a value counts as a like when its value is at least this; rows without values all count."""
    min_user_interactions: int = Field(5, ge=2)
    """Users with fewer likes are left out (two are needed: one to show the model, one to ask for)."""
    min_item_interactions: int = Field(1, ge=1)
    """Items with fewer likes are left out, before users are counted."""
    min_tag_items: int = Field(5, ge=1)
    """Tags on fewer of the remaining items are left out."""
    duplicates: Literal["refuse", "merge"] = "refuse"
    """What to do when a user and an item meet in two rows: refuse the data, or keep the last row."""


@dataclasses.dataclass(frozen=True)
class Tables:
    """What a source hands over, before any filtering.

    interactions: user_id, item_id[, value][, timestamp]
    items: item_id, title[, year][, genres ("A|B")][, image_url], or None
    tags: item_id, tag[, weight][, user_id], or None
    """

    interactions: pd.DataFrame
    items: pd.DataFrame | None = None
    tags: pd.DataFrame | None = None


@dataclasses.dataclass(frozen=True)
class Interactions:
    """A binary user x item matrix with names.

    matrix: (n_users, n_items) CSR float32, ones only, sorted indices
    user_ids: (n_users,) strings; item_ids: (n_items,) strings
    items: one row an item, in matrix order: title (str), year (Int64, missing allowed), genres ("A|B"), image_url (str)
    tags: one row a tag assignment: item (column of the matrix), tag (lower case), weight (how much it counts)
    """

    matrix: sp.csr_matrix
    user_ids: np.ndarray
    item_ids: np.ndarray
    items: pd.DataFrame
    tags: pd.DataFrame

    @property
    def n_users(self) -> int:
        return self.matrix.shape[0]

    @property
    def n_items(self) -> int:
        return self.matrix.shape[1]

    def tag_matrix(self) -> tuple[list[str], sp.csr_matrix]:
        """Sorted tag names and the (n_tags, n_items) matrix of assignment counts."""
        names, rows = np.unique(self.tags["tag"].to_numpy(dtype=object).astype(str), return_inverse=True)
        counts = sp.csr_matrix(
            (self.tags["weight"].to_numpy(np.float32), (rows, self.tags["item"].to_numpy())),
            shape=(len(names), self.n_items),
        )
        return names.tolist(), counts


def build(tables: Tables, config: DataConfig) -> Interactions:
    """Check the tables, keep the likes, drop what is too rare, and name everything.

    Raises:
        DataError: missing columns, missing ids or values, duplicate rows, or nothing left after filtering.
    """
    likes = _likes(_checked_interactions(tables.interactions, config), config)
    likes = _frequent(likes, "item_id", config.min_item_interactions)
    likes = _frequent(likes, "user_id", config.min_user_interactions)
    if likes.empty:
        raise DataError(
            f"users with at least {config.min_user_interactions} likes",
            "none",
            "lower --set data.min_user_interactions=N or data.min_item_interactions=N, or bring more data",
        )
    users, user_ids = pd.factorize(likes["user_id"], sort=True)
    cols, item_ids = pd.factorize(likes["item_id"], sort=True)
    user_ids, item_ids = _as_text(user_ids), _as_text(item_ids)
    matrix = sp.csr_matrix(
        (np.ones(len(likes), np.float32), (users, cols)), shape=(len(user_ids), len(item_ids)), dtype=np.float32
    )
    matrix.sort_indices()
    items = _item_frame(tables.items, item_ids)
    tags = _tag_frame(tables.tags, item_ids, np.asarray(matrix.sum(0)).ravel(), config.min_tag_items)
    return Interactions(matrix, user_ids, item_ids, items, tags)


def require_columns(frame: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    """Refuse a table that lacks a column, saying which columns it has."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise DataError(
            f"column {', '.join(missing)} in {name}",
            f"columns {', '.join(map(str, frame.columns)) or 'none'}",
            "rename or add it",
        )


def _checked_interactions(frame: pd.DataFrame, config: DataConfig) -> pd.DataFrame:
    require_columns(frame, ("user_id", "item_id"), "the interactions")
    if frame.empty:
        raise DataError("at least one interaction", "an empty table", "check the export that wrote it")
    for column in ("user_id", "item_id"):
        _refuse_rows(_missing(frame[column]), f"a {column} in every row of the interactions")
    if "value" in frame:
        frame = frame.assign(value=pd.to_numeric(frame["value"], errors="coerce"))
        _refuse_rows(~np.isfinite(frame["value"]), "a finite number as value in every row of the interactions")
    repeated = frame.duplicated(["user_id", "item_id"], keep="last")
    if repeated.any():
        if config.duplicates == "refuse":
            row = frame.loc[repeated].iloc[0]
            raise DataError(
                "each user and item together in one row",
                f"{int(repeated.sum())} duplicate row(s), the first for user '{row.user_id}' and item '{row.item_id}'",
                "remove them, or keep the last of each with --set data.duplicates=merge",
            )
        frame = frame[~repeated]
    return frame


def _likes(frame: pd.DataFrame, config: DataConfig) -> pd.DataFrame:
    if "value" not in frame:
        return frame[["user_id", "item_id"]]
    likes = frame.loc[frame["value"] >= config.threshold, ["user_id", "item_id"]]
    if likes.empty:
        raise DataError(
            f"values of at least {config.threshold:g}",
            f"values from {frame['value'].min():g} to {frame['value'].max():g}",
            "lower the threshold with --set data.threshold=VALUE",
        )
    return likes


def _frequent(likes: pd.DataFrame, column: str, least: int) -> pd.DataFrame:
    return likes[likes.groupby(column)[column].transform("size") >= least] if least > 1 else likes


def _item_frame(table: pd.DataFrame | None, item_ids: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(index=pd.Index(item_ids, name="item_id"))
    if table is not None:
        require_columns(table, ("item_id", "title"), "the items")
        table = table.assign(item_id=_as_text(table["item_id"])).drop_duplicates("item_id").set_index("item_id")
        frame = frame.join(table[[c for c in ("title", "year", "genres", "image_url") if c in table]])
    for column in ("title", "genres", "image_url"):
        frame[column] = frame[column].astype("string").fillna("") if column in frame else ""
    frame["title"] = frame["title"].mask(frame["title"].str.strip() == "", pd.Series(item_ids, frame.index))
    year = pd.to_numeric(frame["year"], errors="coerce") if "year" in frame else np.nan
    frame["year"] = pd.Series(year, index=frame.index, dtype="Float64").round()
    return frame.reset_index(drop=True).astype(ITEM_COLUMNS)[list(ITEM_COLUMNS)]


def _tag_frame(table: pd.DataFrame | None, item_ids: np.ndarray, likes: np.ndarray, min_items: int) -> pd.DataFrame:
    """Assignments with weights. A tag given by users counts once for each of them; one that comes from metadata or
    editors, without user or weight, counts once for each like of its item, as if those who like it had given it."""
    if table is None:
        return pd.DataFrame(
            {"item": np.array([], np.int64), "tag": np.array([], object), "weight": np.array([], np.float32)}
        )
    require_columns(table, ("item_id", "tag"), "the tags")
    item = pd.Index(item_ids).get_indexer(_as_text(table["item_id"]))
    tag = table["tag"].astype("string").fillna("").str.strip().str.lower().to_numpy(dtype=object, na_value="")
    if "weight" in table:
        weight = pd.to_numeric(table["weight"], errors="coerce").to_numpy(float)
    else:
        weight = np.ones(len(tag)) if "user_id" in table else likes[item].astype(float)
    _refuse_rows(pd.Series(~(np.isfinite(weight) & (weight >= 0))), "a weight of at least 0 in every row of the tags")
    frame = pd.DataFrame({"item": item, "tag": tag, "weight": weight.astype(np.float32)})
    frame = frame[(frame["item"] >= 0) & (frame["tag"] != "") & (frame["weight"] > 0)]
    frame = frame.groupby(["tag", "item"], as_index=False)["weight"].sum()
    frame = _frequent(frame, "tag", min_items)
    return frame[["item", "tag", "weight"]].reset_index(drop=True)


def _missing(ids: pd.Series) -> pd.Series:
    return ids.isna() if pd.api.types.is_numeric_dtype(ids) else ids.isna() | ids.isin(MISSING_IDS)


def _refuse_rows(bad: pd.Series, expected: str) -> None:
    if bad.any():
        first = int(np.flatnonzero(bad.to_numpy())[0]) + 1
        raise DataError(
            expected, f"none in {int(bad.sum())} row(s), the first is row {first}", "correct or remove them"
        )


def _as_text(ids) -> np.ndarray:
    """Ids as strings; whole numbers that a missing value once turned into floats lose their '.0' again."""
    ids = pd.Series(ids)
    if pd.api.types.is_float_dtype(ids) and (ids.dropna() % 1 == 0).all():
        ids = ids.astype("Int64")
    return ids.astype(str).to_numpy(dtype=object)
