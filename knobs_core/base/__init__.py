"""What all other packages stand on: errors, settings, progress, files, the ranking rule, text. Light to import."""

from knobs_core.base.config import Config, override
from knobs_core.base.device import has_bfloat16, torch_device
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
from knobs_core.base.storage import (
    LIMIT,
    chosen_limit,
    exchange,
    home,
    read_once,
    replacing,
    resource,
    storing,
    to_disk,
    write_whole,
)
from knobs_core.base.text import (
    HIDDEN,
    armed,
    capital,
    defused,
    folded,
    main_title,
    nearest,
    quoted,
    slug,
    title_case,
    visible,
)
from knobs_core.base.threads import fit_threads, processors, threads_for

__all__ = [
    "HIDDEN",
    "LIMIT",
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
    "armed",
    "capital",
    "chosen_limit",
    "defused",
    "exchange",
    "first_n",
    "fit_threads",
    "folded",
    "has_bfloat16",
    "home",
    "main_title",
    "nearest",
    "override",
    "processors",
    "quoted",
    "ranking",
    "read_once",
    "replacing",
    "require",
    "resource",
    "silent",
    "slug",
    "storing",
    "threads_for",
    "title_case",
    "to_disk",
    "top_k",
    "torch_device",
    "visible",
    "write_whole",
]
