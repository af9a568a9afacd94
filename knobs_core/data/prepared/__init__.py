"""Data as ``knobs prepare`` writes them, for more rows and users than memory holds."""

from knobs_core.data.prepared.manifest import is_prepared
from knobs_core.data.prepared.opened import open_prepared, prepared_at

__all__ = ["is_prepared", "open_prepared", "prepared_at"]
