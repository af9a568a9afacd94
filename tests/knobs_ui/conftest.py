"""The app at its front door."""

import pytest

from tests.knobs_ui.driving import start


@pytest.fixture
def app(demo_path, monkeypatch):
    """The app on the demo bundle, opened at its front door."""
    monkeypatch.setenv("KNOBS_BUNDLE", str(demo_path))
    return start()
