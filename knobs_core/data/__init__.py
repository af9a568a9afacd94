"""Data sources: a name, an archive or a folder in; checked interactions out.

A new publisher's layout is one new file with ``FILES``, ``DEFAULTS``, ``recognises`` and ``read``, and one line in
LAYOUTS.
"""

from collections.abc import Mapping
from typing import NamedTuple

from knobs_core import settings
from knobs_core.data import (
    demo,
    goodbooks,
    lastfm,
    movielens,
    movielens_100k,
    movielens_dat,
    msd,
    plain,
    recbole,
)
from knobs_core.data.download import Report
from knobs_core.data.files import Folder
from knobs_core.data.interactions import ITEM_COLUMNS, DataConfig, Interactions, Tables, build
from knobs_core.data.sources import NAMED, locate, own_config, terms
from knobs_core.data.split import HeldOut, Split, split_users
from knobs_core.errors import DataError

LAYOUTS = {
    "movielens": movielens,
    "movielens-dat": movielens_dat,
    "movielens-100k": movielens_100k,
    "msd": msd,
    "lastfm": lastfm,
    "goodbooks": goodbooks,
    "recbole": recbole,
    "plain": plain,
}

__all__ = [
    "ITEM_COLUMNS",
    "LAYOUTS",
    "NAMED",
    "DataConfig",
    "HeldOut",
    "Interactions",
    "Source",
    "Split",
    "Tables",
    "build",
    "load",
    "split_users",
    "terms",
]


class Source(NamedTuple):
    """Where interactions came from: what was asked for, a checksum of the content, and the settings used."""

    name: str
    checksum: str
    config: DataConfig


def load(
    source: str,
    overrides: Mapping[str, object] | None = None,
    report: Report = lambda stage, done, total, detail: None,
) -> tuple[Interactions, Source]:
    """Read a source, downloading it first where that is needed, and build its interactions.

    Args:
        source: ``demo``, a name from NAMED, or the path of an archive or folder.
        overrides: fields of DataConfig to change from the source's own defaults.
        report: called while files are downloaded and read.

    Raises:
        DataError: the source is not there, not recognised, or not usable.
        StorageError: a download cannot be written.
        ConfigError: an override that does not exist or does not fit.
    """
    folder = None if source == "demo" else Folder(locate(source, report))
    report("Reading the data", 0, 1, "")
    if folder is None:
        tables, checksum = demo.read()
        defaults = demo.DEFAULTS
    else:
        layout = next((layout for layout in LAYOUTS.values() if layout.recognises(folder)), None)
        if layout is None:
            raise DataError(
                " or ".join(layout.FILES for layout in LAYOUTS.values()),
                f"{', '.join(sorted(folder.names)[:8]) or 'no files'} in {folder.path}",
                "pass a folder or archive in one of these layouts",
            )
        tables = layout.read(folder)
        checksum, defaults = folder.checksum(), own_config(folder.path) or layout.DEFAULTS
    config = settings.override(defaults, overrides or {}, section="data")
    interactions = build(tables, config)
    report("Reading the data", 1, 1, f"{interactions.n_users:,} users, {interactions.n_items:,} items")
    return interactions, Source(source, checksum, config)
