"""A database of each kind, empty: SQLite in a file, and a PostgreSQL server of our own on a socket in a folder."""

import os

import pytest

from knobs_core.publishing import Database, Store
from tests.postgresql import running


@pytest.fixture(scope="session")
def postgresql():
    """Address of a PostgreSQL server that ends with the tests."""
    with running() as server:
        yield server.address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'studio.sqlite'}"
        return
    import psycopg

    address = request.getfixturevalue("postgresql")
    name = f"knobs_{os.urandom(4).hex()}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield address.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(url):
    database = Database(url)
    yield Store(database)
    database.close()
