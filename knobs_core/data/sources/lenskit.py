"""LensKit's data sets: a folder as ``Dataset.save`` writes it.

    schema.json     the classes of entities, and which relationship between users and items is the interaction
    user.parquet    user_id
    item.parquet    item_id[, title][, year][, genres][, ...]
    NAME.parquet    user_num, item_num[, rating][, count][, timestamp], numbers of rows in the two; NAME: of that
                    relationship, such as rating

Of a ``Dataset`` in memory ``Interactions.from_frames`` takes what its ``interaction_table(format="pandas",
original_ids=True)`` gives. Ekstrand 2020, "LensKit for Python: Next-generation software for
recommender systems experiments".
"""

import json

import pandas as pd

from knobs_core.base import DataError, shown
from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.described import read_items
from knobs_core.data.sources.folder import Folder
from knobs_core.data.sources.limits import content
from knobs_core.data.values import value_column

DEFAULTS = DataConfig()
SCHEMA, USERS, ITEMS = "schema.json", "user.parquet", "item.parquet"
KNOWN = ("title", "year", "genres")  # attributes of items that mean something here


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return {SCHEMA, USERS, ITEMS} <= folder.names


def read(folder: Folder) -> Tables:
    """Read interactions and items."""
    name, users, items = _interaction(folder)
    table = f"{name}.parquet".lower()
    if table not in folder.names:
        raise DataError(f"the interactions of {SCHEMA}", f"no {shown(table)}", "save the data set again with LensKit")
    there = folder.header(table)
    value = value_column(there, shown(table))
    numbers = folder.table(table, {users: "user", items: "item"} | ({value: "value"} if value else {}))
    ids = {"user": folder.table(USERS, {"user_id": "user_id"})["user_id"]}
    columns = {"item_id": "item_id"} | {one: one for one in KNOWN if one in folder.header(ITEMS)}
    described, unused = read_items(folder, ITEMS, columns)
    ids["item"] = described["item_id"]
    likes = pd.DataFrame({f"{one}_id": _named(ids[one], numbers[one], table) for one in ids})
    if value:
        likes["value"] = numbers["value"]
    described = described if "title" in described else described.assign(title="")
    return Tables(likes, described, None, value or "value", tuple(unused), items_name=ITEMS)


def _interaction(folder: Folder) -> tuple[str, str, str]:
    """The relationship that is the interaction, and its columns with the numbers of users and items."""
    with folder.open(SCHEMA) as stream:
        schema = json.loads(content(stream))
    relations = schema["relationships"]
    name = schema.get("default_interaction") or next((one for one in relations if relations[one]["interaction"]), None)
    role_of = {} if name is None else {kind or role: role for role, kind in relations[name]["entities"].items()}
    if name is None or not {"user", "item"} <= role_of.keys():
        raise DataError(
            f"an interaction of users and items in {SCHEMA}",
            shown(", ".join(relations)) or "no relationship",
            "add one with DatasetBuilder.add_interactions",
        )
    return name, f"{role_of['user']}_num", f"{role_of['item']}_num"


def _named(ids: pd.Series, numbers: pd.Series, table: str) -> pd.Series:
    """Ids by their numbers."""
    wrong = ~numbers.between(0, len(ids) - 1)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise DataError(
            f"numbers from 0 to {len(ids) - 1:,} in {shown(table)}",
            f"{numbers[row]} in row {row + 1}",
            "save the data set again with LensKit",
        )
    return ids.take(numbers.to_numpy()).reset_index(drop=True)
