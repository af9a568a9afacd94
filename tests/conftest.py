"""Fixtures: planted data whose right answers are known, and bundles trained once for the whole run."""

import os
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: thread pools beside a browser wait for each other

import pytest

from knobs_core import bundles
from knobs_core.data.planted import planted

REAL_ARCHIVE = Path(__file__).parents[2] / "shared" / "data" / "ml-latest-small.zip"
os.environ.setdefault("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false")


@pytest.fixture(scope="session")
def planted_folder(tmp_path_factory):
    """Planted tables in the plain layout."""
    folder = tmp_path_factory.mktemp("planted")
    tables = planted()
    tables.interactions.to_csv(folder / "interactions.csv", index=False)
    tables.items.to_csv(folder / "items.csv", index=False)
    tables.tags.to_parquet(folder / "tags.parquet", index=False)
    return folder


SMALL = {"cfae": {"dim": 32}, "sae": {"k": 16}}


@pytest.fixture(scope="session")
def planted_bundle(planted_folder):
    """A bundle trained on the planted tables."""
    return bundles.train(str(planted_folder), overrides=SMALL, seed=3, device="cpu")


@pytest.fixture(scope="session")
def mapped_bundle(planted_bundle):
    """The same bundle with its map."""
    return bundles.draw_map(planted_bundle)


@pytest.fixture(scope="session")
def planted_path(planted_bundle, tmp_path_factory):
    """The same bundle on disk."""
    path = tmp_path_factory.mktemp("bundles") / "planted"
    bundles.save(planted_bundle, path)
    return path


@pytest.fixture(scope="session")
def demo_bundle():
    """A bundle trained on the demo with all defaults."""
    return bundles.train("demo", device="cpu")


@pytest.fixture(scope="session")
def demo_path(demo_bundle, tmp_path_factory):
    """The demo bundle on disk, where the app looks for it."""
    path = tmp_path_factory.mktemp("home") / "bundles" / "demo"
    bundles.save(demo_bundle, path)
    return path
