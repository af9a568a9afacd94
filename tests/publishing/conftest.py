"""A database of each kind, empty: SQLite in a file, and a PostgreSQL server of our own on a socket in a folder."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from knobs_core.publishing import Database, Store


def _programs() -> Path | None:
    """Where PostgreSQL's programs are; Debian keeps them off the path."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places else None


@pytest.fixture(scope="session")
def postgresql():
    """Address of a PostgreSQL server that ends with the tests."""
    programs = _programs()
    if programs is None:
        if os.environ.get("KNOBS_REQUIRE_POSTGRESQL"):
            pytest.fail("KNOBS_REQUIRE_POSTGRESQL is set and there is no PostgreSQL")
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="knobs-postgresql-") as folder:  # short: a socket's path has a limit
        user = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(folder, "nobody", "nogroup")
        data = f"{folder}/data"

        def run(program: str, *arguments: str) -> None:
            done = subprocess.run([programs / program, *arguments], cwd=folder, capture_output=True, text=True, **user)
            assert done.returncode == 0, done.stdout + done.stderr

        run("initdb", "-D", data, "-U", "knobs", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        # Who is killed here is a client: no machine loses its power, and nobody waits for the disk.
        options = f"-k {folder} -h '' -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            yield f"postgresql://knobs@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


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
