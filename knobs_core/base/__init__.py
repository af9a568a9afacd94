"""What all other packages stand on: errors, settings, progress, files, the ranking rule, text. Light to import."""

from knobs_core.base.config import Config, override
from knobs_core.base.device import has_bfloat16, threads_for, torch_device
from knobs_core.base.errors import (
    BundleError,
    ConfigError,
    DataError,
    KnobsError,
    MissingExtraError,
    StorageError,
    UnknownNameError,
)
from knobs_core.base.extras import require
from knobs_core.base.progress import Progress, ProgressCallback, Stage, silent
from knobs_core.base.ranking import first_n, ranking, top_k
from knobs_core.base.storage import exchange, home, read_once, replacing, resource, storing, to_disk, write_whole
from knobs_core.base.text import capital, clean, folded, lowered, main_title, nearest, searchable, slug, title_case

__all__ = [
    "BundleError",
    "Config",
    "ConfigError",
    "DataError",
    "KnobsError",
    "MissingExtraError",
    "Progress",
    "ProgressCallback",
    "Stage",
    "StorageError",
    "UnknownNameError",
    "capital",
    "clean",
    "exchange",
    "first_n",
    "folded",
    "has_bfloat16",
    "home",
    "lowered",
    "main_title",
    "nearest",
    "override",
    "ranking",
    "read_once",
    "replacing",
    "require",
    "resource",
    "searchable",
    "silent",
    "slug",
    "storing",
    "threads_for",
    "title_case",
    "to_disk",
    "top_k",
    "torch_device",
    "write_whole",
]
