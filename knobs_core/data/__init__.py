"""Data sources: a name, an archive or a folder in; checked interactions out.

A new publisher's layout is one new file with ``FILES``, ``DEFAULTS``, ``recognises`` and ``read``, and one line in
LAYOUTS.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from knobs_core import settings
from knobs_core.data import demo, movielens, plain
from knobs_core.data.files import Folder
from knobs_core.data.interactions import ITEM_COLUMNS, DataConfig, Interactions, Tables, build
from knobs_core.data.split import HeldOut, Split, split_users
from knobs_core.errors import DataError

LAYOUTS = {"movielens": movielens, "plain": plain}
NAMED = ("ml-latest-small",)  # sets known by name: an archive or folder of that name is looked for

__all__ = [
    "ITEM_COLUMNS",
    "LAYOUTS",
    "DataConfig",
    "HeldOut",
    "Interactions",
    "Source",
    "Split",
    "Tables",
    "build",
    "load",
    "split_users",
]


class Source(NamedTuple):
    """Where interactions came from: what was asked for, a checksum of the content, and the settings used."""

    name: str
    checksum: str
    config: DataConfig


def load(source: str, overrides: Mapping[str, object] | None = None) -> tuple[Interactions, Source]:
    """Read a source and build its interactions.

    Args:
        source: ``demo``, a known name, or the path of an archive or folder.
        overrides: fields of DataConfig to change from the source's own defaults.

    Raises:
        DataError: the source is not there, not recognised, or not usable.
        ConfigError: an override that does not exist or does not fit.
    """
    if source == "demo":
        tables, checksum = demo.read()
        defaults = demo.DEFAULTS
    else:
        folder = Folder(locate(source))
        layout = next((layout for layout in LAYOUTS.values() if layout.recognises(folder)), None)
        if layout is None:
            raise DataError(
                " or ".join(layout.FILES for layout in LAYOUTS.values()),
                f"{', '.join(sorted(folder.names)[:8]) or 'no files'} in {folder.path}",
                "pass a folder or archive in one of these layouts",
            )
        tables, checksum, defaults = layout.read(folder), folder.checksum(), layout.DEFAULTS
    config = settings.override(defaults, overrides or {}, section="data")
    return build(tables, config), Source(source, checksum, config)


def locate(source: str) -> Path:
    """Path of a source other than the demo: as given, or for a known name here or in the data folder of KNOBS_HOME."""
    path = Path(source).expanduser()
    if source not in NAMED or path.exists():
        if path.exists() or "/" in source or path.suffix:
            return path
        raise DataError(
            f"a source: demo, {', '.join(NAMED)}, or the path of a folder or .zip archive",
            f"'{source}'",
            "check the name or path",
        )
    home = settings.home() / "data"
    places = [Path(f"{source}.zip"), home / source, home / f"{source}.zip"]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise DataError(
            f"the archive {source}.zip",
            f"none here or in {home}",
            f"download it from the publisher (grouplens.org/datasets) into {home}, or pass its path",
        )
    return found
