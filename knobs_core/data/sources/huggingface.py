"""Parquet in numbered pieces, as data sets on the Hugging Face Hub lie.

    train-00000-of-00002.parquet    user_id, item_id[, rating][, timestamp]
    test-00000-of-00001.parquet     another split, read as one with it
    items, tags                     in pieces as well, or as in ``plain.py``        optional

Pieces may lie in a folder ``data`` beside a README. Of a ``datasets.Dataset`` in memory ``Interactions.from_frames``
takes what its ``to_pandas`` gives.
"""

import re

import pandas as pd

from knobs_core.base import DataError, shown
from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources import plain
from knobs_core.data.sources.described import as_one, read_items
from knobs_core.data.sources.folder import Folder

DEFAULTS = DataConfig()
PIECE = re.compile(r"(?P<stem>.+)-\d{5}-of-(?P<count>\d{5})\.parquet")


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return any(map(PIECE.fullmatch, folder.names)) and folder.inside.name != "interactions"


def read(folder: Folder) -> Tables:
    """Read all splits as one, and the tables of items and tags that are there."""
    pieces = _pieces(folder)
    splits = [stem for stem in pieces if stem not in ("items", "tags")]
    names = [name for stem in splits for name in pieces[stem]]
    if not names:
        raise DataError("pieces with likes, such as train-00000-of-00001.parquet", ", ".join(pieces), "add them")
    there = folder.header(names[0])
    columns = plain.known_columns(there, "interactions", names[0])
    unused = plain.unused_columns(there, columns, names[0])
    described = plain.read_described(folder)
    items, tags = described.items, described.tags
    if "items" in pieces:
        parts = []
        for name in pieces["items"]:
            frame, left = read_items(folder, name, plain.known_columns(folder.header(name), "items", name))
            parts.append(frame)
            unused += left
        items = _joined(parts)
    if "tags" in pieces:
        first = pieces["tags"][0]
        tags = folder.tables(pieces["tags"], plain.known_columns(folder.header(first), "tags", first))
    return Tables(
        folder.tables(names, columns),
        items,
        tags,
        next((theirs for theirs, ours in columns.items() if ours == "value"), "value"),
        (*unused, *described.unused),
        (*as_one(splits), *described.warnings),
        described.items_name,
    )


def _pieces(folder: Folder) -> dict[str, list[str]]:
    """Names of the pieces by what they are pieces of, in their order.

    Raises:
        DataError: one is missing.
    """
    pieces: dict[str, list[str]] = {}
    counts: dict[str, int] = {}
    for name in sorted(folder.names):
        if found := PIECE.fullmatch(name):
            pieces.setdefault(found["stem"], []).append(name)
            counts[found["stem"]] = int(found["count"])
    for stem, names in pieces.items():
        if len(names) != counts[stem]:
            raise DataError(
                f"{counts[stem]} pieces {shown(stem)}-*-of-{counts[stem]:05}.parquet",
                f"{len(names)}",
                "fetch the others, too",
            )
    return pieces


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    if len(parts) == 1:
        return parts[0]
    texts = {name for part in parts for name, kind in part.dtypes.items() if isinstance(kind, pd.CategoricalDtype)}
    return pd.concat([part.astype(dict.fromkeys(texts & {*part}, "str")) for part in parts], ignore_index=True)
