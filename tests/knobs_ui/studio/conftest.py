"""The app with a studio of its own: a fresh database, and a visitor who sits at the machine, so that they are chief."""

import pytest

from knobs_core.publishing import DATABASE_URL, Database, Store
from knobs_ui import owner
from knobs_ui.studio import drafts
from tests.knobs_ui.driving import start
from tests.knobs_ui.studio.editing import Editor


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Where the database lies."""
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path))
    monkeypatch.delenv(DATABASE_URL, raising=False)
    return tmp_path


@pytest.fixture
def app(demo_path, home, monkeypatch):
    """The app; this test runner has no browser, so who sits in front of it is said here."""
    monkeypatch.setenv("KNOBS_BUNDLE", str(demo_path))
    monkeypatch.setattr(owner, "is_owner", lambda: True)
    return start()


@pytest.fixture
def store(home, app):
    """The database of the app, opened beside it."""
    database = Database(f"sqlite:///{home / 'studio.sqlite'}")
    yield Store(database)
    database.close()


@pytest.fixture
def editor(store, demo_bundle):
    """An editor in front of a recipe that has just begun."""
    name = drafts.begin(demo_bundle, "Film Noir for Christmas")
    return Editor.at(name)
