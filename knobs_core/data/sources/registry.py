"""Data sets known by name: where their publishers keep them, under which terms, and how each is filtered.

A set's files are looked for in the current folder and in ``KNOBS_HOME/downloads``, else downloaded to there. With
KNOBS_MIRROR set to the address of a folder, every file is fetched from that folder by its name.
"""

import dataclasses
import os
from pathlib import Path
from typing import NamedTuple

from knobs_core.base import DataError, ProgressCallback, home, nearest
from knobs_core.data.source import DataConfig
from knobs_core.data.sources.download import fetch

MOVIELENS = "https://files.grouplens.org/datasets/movielens/"
MSD = "http://millionsongdataset.com/sites/default/files/"
GROUPLENS_CLOSED = (
    "GroupLens (grouplens.org/datasets/movielens): research use, no commercial use, no redistribution; cite Harper and "
    "Konstan 2015"
)
GROUPLENS_OPEN = GROUPLENS_CLOSED.replace("no redistribution", "redistribution under the same terms")
PAPER_TAGS = DataConfig(min_tag_assignments=100, min_tag_items=1)
"""The paper's choice of tags for ML-25M: those given at least 100 times, on any number of items."""


class Named(NamedTuple):
    """A published data set. An archive is one file; several files make a folder of the set's name."""

    files: tuple[str, ...]  # addresses
    terms: str  # the licence, in one line
    md5: bool = False  # whether each address has the file's MD5 beside it, with ".md5" at its end
    config: DataConfig | None = None  # where it differs from the layout's


NAMED = {
    "ml-latest-small": Named((f"{MOVIELENS}ml-latest-small.zip",), GROUPLENS_OPEN),
    "ml-100k": Named((f"{MOVIELENS}ml-100k.zip",), GROUPLENS_CLOSED, md5=True),
    "ml-1m": Named((f"{MOVIELENS}ml-1m.zip",), GROUPLENS_CLOSED, md5=True),
    "ml-10m": Named((f"{MOVIELENS}ml-10m.zip",), GROUPLENS_CLOSED, md5=True),
    "ml-20m": Named((f"{MOVIELENS}ml-20m.zip",), GROUPLENS_CLOSED, md5=True, config=PAPER_TAGS),
    "ml-25m": Named((f"{MOVIELENS}ml-25m.zip",), GROUPLENS_CLOSED, md5=True, config=PAPER_TAGS),
    "ml-32m": Named((f"{MOVIELENS}ml-32m.zip",), GROUPLENS_OPEN, md5=True, config=PAPER_TAGS),
    "msd": Named(
        (
            f"{MSD}challenge/train_triplets.txt.zip",
            f"{MSD}AdditionalFiles/unique_tracks.txt",
            f"{MSD}lastfm/lastfm_tags.db",
            f"{MSD}tasteprofile/sid_mismatches.txt",
        ),
        "The Echo Nest and Last.fm (millionsongdataset.com): for research; cite Bertin-Mahieux et al. 2011",
    ),
    "hetrec2011-lastfm-2k": Named(
        ("https://files.grouplens.org/datasets/hetrec2011/hetrec2011-lastfm-2k.zip",),
        "Last.fm (grouplens.org/datasets/hetrec-2011): no commercial use; cite Cantador, Brusilovsky and Kuflik 2011",
    ),
    "goodbooks-10k": Named(
        ("https://github.com/zygmuntz/goodbooks-10k/releases/download/v1.0/goodbooks-10k.zip",),
        "Zygmunt Zajac (github.com/zygmuntz/goodbooks-10k): CC BY-SA 4.0; cite Goodbooks-10k, 2017",
    ),
}


def locate(source: str, progress: ProgressCallback) -> Path:
    """Path of a source other than the demo: as given, or a set known by name, downloaded where it is not there yet.

    Raises:
        DataError: an unknown name, or a download that fails.
        StorageError: the download cannot be written.
    """
    path = Path(source).expanduser()
    if path.exists() or (source not in NAMED and ("/" in source or path.suffix)):
        return path
    if source not in NAMED:
        raise DataError(
            f"a source: demo, {', '.join(NAMED)}, or the path of a folder or archive",
            f"'{source}'",
            nearest(source, ("demo", *NAMED)),
        )
    if Path(f"{source}.zip").exists():
        return Path(f"{source}.zip")
    downloads = home() / "downloads"
    files = NAMED[source].files
    folder = downloads / source
    if len(files) == 1:
        archive = downloads / f"{source}.zip"
        if not folder.exists() and not archive.exists():
            _fetch(files[0], archive, NAMED[source].md5, progress)
        return archive if archive.exists() else folder
    for address in files:
        file = folder / address.rpartition("/")[2]
        if not file.exists() and not file.with_suffix("").is_file():  # perhaps unpacked by hand
            _fetch(address, file, NAMED[source].md5, progress)
    return folder


def terms(source: str) -> str | None:
    """One line on what the publisher of a set known by name allows; None for any other source."""
    return f"{source} is published by {NAMED[source].terms}." if source in NAMED else None


def own_config(path: Path, layout: DataConfig) -> DataConfig:
    """A layout's settings, with what is known better of the set whose name a folder or archive carries."""
    name = path.resolve().name.partition(".")[0]
    if name not in NAMED:
        return layout
    return dataclasses.replace(NAMED[name].config or layout, credit=known_credit(name))


def known_credit(name: str) -> str:
    """Who published a set known by name, and their terms; "" for any other name."""
    return f"{name} by {NAMED[name].terms}" if name in NAMED else ""


def _fetch(address: str, path: Path, md5: bool, progress: ProgressCallback) -> None:
    mirror = os.environ.get("KNOBS_MIRROR")
    url = f"{mirror.rstrip('/')}/{address.rpartition('/')[2]}" if mirror else address
    fetch(url, path, md5, progress)
