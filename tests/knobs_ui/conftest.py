"""The app at its front door."""

import functools
import sys

import pytest
from streamlit.components.v2 import manifest_scanner

from tests.knobs_ui.driving import start

# For each AppTest Streamlit reads what all installed packages say of themselves, a third of a second; once will do.
manifest_scanner.scan_component_manifests = functools.cache(manifest_scanner.scan_component_manifests)


@pytest.fixture(autouse=True)
def no_work_goes_on():
    """Work that a test began, such as drawing the demo's map, ends with it: one job at a time is done by a process."""
    yield
    jobs = sys.modules.get("knobs_ui.jobs")
    if jobs and (work := jobs.Job.at_work()):
        work.stop()


@pytest.fixture
def app(demo_path, monkeypatch):
    """The app on the demo bundle, opened at its front door."""
    monkeypatch.setenv("KNOBS_BUNDLE", str(demo_path))
    return start()
