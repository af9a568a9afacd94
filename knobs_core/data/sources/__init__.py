"""Data sources: a name, an archive or a folder in; checked interactions out.

A new publisher's layout is one new file with ``DEFAULTS``, ``recognises`` and ``read``, and one line in LAYOUTS.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from knobs_core.base import DataError, ProgressCallback, Stage, override, shown, silent
from knobs_core.data.interactions import Interactions, Tables, build
from knobs_core.data.prepared import is_prepared, open_prepared
from knobs_core.data.source import DataConfig, Source
from knobs_core.data.sources import (
    adjacency,
    demo,
    goodbooks,
    huggingface,
    lastfm,
    lenskit,
    movielens,
    movielens_100k,
    movielens_dat,
    msd,
    plain,
    recbole,
)
from knobs_core.data.sources.folder import Folder
from knobs_core.data.sources.limits import reading
from knobs_core.data.sources.nearby import refuse_folder, refuse_part
from knobs_core.data.sources.pieces import Pieces, is_table, likes_of
from knobs_core.data.sources.registry import NAMED, known_credit, locate, own_config, terms


class Layout(Protocol):
    """What a module offers that reads a publisher's layout.

    DEFAULTS: how the data are filtered where nobody says otherwise, what the items are called and whom to credit
    """

    DEFAULTS: DataConfig

    def recognises(self, folder: Folder) -> bool: ...

    def read(self, folder: Folder) -> Tables: ...


LAYOUTS: dict[str, Layout] = {
    "movielens": movielens,
    "movielens-dat": movielens_dat,
    "movielens-100k": movielens_100k,
    "msd": msd,
    "lastfm": lastfm,
    "goodbooks": goodbooks,
    "recbole": recbole,
    "lenskit": lenskit,
    "huggingface": huggingface,
    "adjacency": adjacency,
    "plain": plain,
}

__all__ = ["LAYOUTS", "NAMED", "credit", "load_data", "terms"]


def load_data(
    source: str | Path, overrides: Mapping[str, object] | None = None, progress: ProgressCallback = silent
) -> Interactions:
    """Read a source, downloading it first where that is needed, and build its interactions.

    Args:
        source: ``demo``, a name from NAMED such as ``ml-25m``, or the path of an archive or folder, also of one that
            ``knobs prepare`` wrote, or of one table of likes; see ``likes_of``.
        overrides: fields of DataConfig to change from the source's own defaults, e.g. ``{"threshold": 3.5}``.
        progress: told while files are downloaded and read.

    Raises:
        DataError: the source is not there, not recognised, or not usable.
        MissingExtraError: ``demo`` where its package is not installed.
        StorageError: a download cannot be written.
        ConfigError: an override that does not exist or does not fit.
    """
    name = str(source)
    path = None if name == "demo" else locate(name, progress)
    if path is not None and is_prepared(path):
        return open_prepared(path, overrides, progress)
    stage = Stage("Reading the data", progress)
    stage(0, 1)
    with reading(name, "check the files, or bring them as interactions.csv (user_id, item_id)"):
        if path is None:
            tables, checksum = demo.read()
            defaults = demo.DEFAULTS
        else:
            folder, layout = _recognised(_folder(path))
            tables = layout.read(folder)
            checksum, defaults = folder.checksum(), own_config(path, layout.DEFAULTS)
        config = override(defaults, overrides or {}, section="data")
        interactions = build(tables, Source(name, checksum, config))
    stage(1, 1, f"{interactions.n_users:,} people, {interactions.source.words.count(interactions.n_items)}")
    return interactions


def read_pieces(source: str | Path, progress: ProgressCallback = silent) -> tuple[Tables, Pieces, DataConfig]:
    """The tables of a source but its likes, which are too many to be read at once; where these are; how to read them.

    Args:
        source: as for ``load_data``, or a file of likes, or a folder of such files; see ``likes_of``.

    Raises:
        DataError: as ``load_data``, or a layout whose likes are not read piece by piece.
    """
    path = locate(str(source), progress)
    folder = _folder(path)
    found = find_layout(folder)
    pieces = Pieces.of(found[0]) if found else likes_of(path) or refuse_folder(folder)
    layout = found[1] if found else plain
    tables = layout.read(pieces)
    if tables.interactions is not pieces.empty:
        name = next(name for name, one in LAYOUTS.items() if one is layout)
        raise DataError(
            "a layout whose likes can be read piece by piece",
            f"{name} at {source}",
            f"knobs train --data {source} reads it directly",
        )
    return tables, pieces, own_config(path, layout.DEFAULTS)


def _folder(path: Path) -> Folder:
    """The files at a path; a table of likes stands for itself and the tables of items and tags beside it."""
    if is_table(path):
        refuse_part(path)
        if likes := likes_of(path):
            return Folder(likes.path, files=likes.files)
    return Folder(path)


def _recognised(folder: Folder) -> tuple[Folder, Layout]:
    """The folder that a layout recognises, at the top or the only one inside, and the layout.

    Raises:
        DataError: there is none, or there are two of them.
    """
    return find_layout(folder) or refuse_folder(folder)


def find_layout(folder: Folder) -> tuple[Folder, Layout] | None:
    """The same, or None where there is none.

    Raises:
        DataError: there are two of them.
    """
    found = [
        (place, next(layout for layout in LAYOUTS.values() if layout.recognises(place)))
        for place in folder.folders()
        if any(layout.recognises(place) for layout in LAYOUTS.values())
    ]
    if not found:
        return None
    first = [pair for pair in found if len(pair[0].inside.parts) == len(found[0][0].inside.parts)]
    if len(first) > 1:
        raise DataError(
            f"one data set in {folder.path}",
            ", ".join(shown(str(place.inside)) for place, _ in first[:8]),
            "pass the folder of one of them",
        )
    return found[0]


def credit(source: Source) -> str:
    """Whom to credit for a source's data, and their terms, in a line; "" where nobody has said so.

    Bundles from before this was written down are known by the names of their sources.
    """
    return source.config.credit or (demo.CREDIT if source.name == "demo" else known_credit(source.slug))
