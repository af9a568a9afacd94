"""A database of studies in a file."""

import pytest

from knobs_core.publishing import Database, Participants


@pytest.fixture
def people(tmp_path):
    with Database(f"sqlite:///{tmp_path / 'studio.sqlite'}") as database:
        yield Participants(database)
