"""A line for each person with everything they like: adjacency lists, as code of graph recommenders brings them.

    train.txt, test.txt     "user item item ...", ids between spaces, a person once in a file; read as one
    user_list.txt           org_id remap_id: the publisher's ids of those numbers       optional; item_list.txt likewise

or, from a program of one's own:

    histories.jsonl         {"user_id": "a", "items": ["x", "y"]}; also histories.parquet
    items, tags             as in ``plain.py``                                          optional

He et al. 2020, "LightGCN", and Wang et al. 2019, "Neural Graph Collaborative Filtering", for the first form.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from knobs_core.base import DataError, shown
from knobs_core.data.interactions import Tables
from knobs_core.data.source import DataConfig
from knobs_core.data.sources import plain
from knobs_core.data.sources.described import as_one
from knobs_core.data.sources.folder import Folder
from knobs_core.data.sources.limits import content
from knobs_core.data.sources.tables import as_frame
from knobs_core.data.sources.trouble import decoded, refuse_kind

DEFAULTS = DataConfig()
LISTS = ("train.txt", "valid.txt", "val.txt", "test.txt")
HISTORIES = ("histories.parquet", "histories.jsonl")
NAMES = {"user_id": "user_list.txt", "item_id": "item_list.txt"}


def recognises(folder: Folder) -> bool:
    """Whether the folder looks like this layout."""
    return LISTS[0] in folder.names or any(name in folder.names for name in HISTORIES)


def read(folder: Folder) -> Tables:
    """Read the lists, and names or descriptions where they are there."""
    histories = next((name for name in HISTORIES if name in folder.names), None)
    names = [histories] if histories else [name for name in LISTS if name in folder.names]
    parts = [_histories(folder, name) if histories else _lists(folder, name) for name in names]
    likes = pd.concat(parts, ignore_index=True)
    for column, file in NAMES.items():
        if file in folder.names:
            known = _names(folder, file)
            likes[column] = likes[column].map(known).fillna(likes[column])
    described = plain.read_described(folder)
    return Tables(
        likes, described.items, described.tags, "value", described.unused, (*as_one(names), *described.warnings),
        described.items_name,
    )  # fmt: skip


def _lists(folder: Folder, name: str) -> pd.DataFrame:
    """user_id and item_id of a file of lists.

    Raises:
        DataError: a person has two lines, or nobody has an item.
    """
    words, starts = _words(folder, name)
    users = words.take(pa.array(starts[:-1]))
    firsts, again = np.unique(users.to_numpy(zero_copy_only=False), return_counts=True)
    if (again > 1).any():
        raise DataError(
            f"a line for each person in {shown(name)}",
            f"{again.max()} lines that begin with {shown(str(firsts[again.argmax()]))}",
            "put everything that a person likes into one line: user item item ...",
        )
    counts = np.diff(starts) - 1
    if not counts.sum():
        raise DataError(f"lines of a user and items in {shown(name)}", "no items", "check the export that wrote it")
    others = np.ones(len(words), bool)
    others[starts[:-1]] = False
    return pd.DataFrame(
        {
            "user_id": np.repeat(users.to_numpy(zero_copy_only=False), counts),
            "item_id": words.filter(pa.array(others)).to_numpy(zero_copy_only=False),
        }
    )


def _names(folder: Folder, name: str) -> dict[str, str]:
    """{number: the publisher's id} of a list that begins with a header."""
    words, starts = _words(folder, name)
    if (np.diff(starts) < 2).any():
        raise DataError(f"two ids in each line of {shown(name)}, org_id and remap_id", "one", "repair the line")
    texts = words.to_numpy(zero_copy_only=False)
    return dict(zip(texts[starts[1:-1] + 1], texts[starts[1:-1]], strict=True))


def _words(folder: Folder, name: str) -> tuple[pa.Array, np.ndarray]:
    """Words of a text one after the other, and where each line with words begins, and the last ends."""
    with folder.open(name, text=True) as stream:
        data = content(stream)
    refuse_kind(data[:4096], name)
    lines = pa.array([line for line in decoded(data, name).splitlines() if line.strip()], pa.large_string())
    parts = pc.utf8_split_whitespace(pc.utf8_trim_whitespace(lines))
    return parts.values, parts.offsets.to_numpy()


def _histories(folder: Folder, name: str) -> pd.DataFrame:
    """user_id and item_id of a table of lists."""
    table = folder.arrow(name, ["user_id", "items"])
    lists = table["items"].combine_chunks()
    if not (pa.types.is_list(lists.type) or pa.types.is_large_list(lists.type)):
        raise DataError(f"lists of ids as items in {shown(name)}", f"{lists.type}", 'write "items": ["a", "b"]')
    rows = pc.list_parent_indices(lists)
    pairs = pa.table({"user_id": table["user_id"].take(rows), "item_id": lists.flatten()})
    with folder.open(name):
        return as_frame(pairs, {"user_id": "user_id", "item_id": "item_id"}, name)
