"""Databases that are down, locked, full, damaged or of another version: one line, and nothing lost."""

import contextlib
import multiprocessing
import os
import sqlite3
import threading
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from knobs_core.base import ConfigError, KnobsError, StorageError
from knobs_core.lists import recipe_of
from knobs_core.publishing import Counted, Database, Keys, Store, Timings
from knobs_core.publishing.tables import Table
from tests.publishing.editor import work
from tests.waiting import at_once


def recipe(**fields):
    return recipe_of({"slug": "noir", **fields})


def one_line(error):
    assert "\n" not in str(error.value)
    return str(error.value)


def test_the_migrations_make_the_tables_that_the_code_has(url):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    with Database(url) as database, database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_by_default_it_lies_at_home(tmp_path, monkeypatch):
    monkeypatch.setenv("KNOBS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with Database():
        assert (tmp_path / "home" / "studio.sqlite").is_file()


def test_the_environment_names_another_one(url, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", url)
    with Database() as database:
        Store(database).save(recipe(), "ada")
    with Database(url) as other:
        assert Store(other).version("noir").number == 1


@pytest.mark.parametrize("url", ["nonsense", "mysterious://host/name", "sqlite3"])
def test_an_address_that_is_none(url):
    with pytest.raises(ConfigError, match="set DATABASE_URL"):
        Database(url)


def test_a_server_that_is_down_and_no_password_in_the_message(tmp_path):
    with pytest.raises(StorageError) as told:
        Database(f"postgresql://ada:secret@/none?host={tmp_path}")
    assert "secret" not in one_line(told)


def test_tables_of_another_version_are_left_alone(url):
    with Database(url) as database, database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"tables of version 0004 or older .*, found version 9999"):
        Database(url)


STUDIES = ("answers", "participants", "studies")
NEWER = {  # tables that an older version does not have
    "0001": ("keys", "timings", *STUDIES),
    "0002": ("timings", *STUDIES),
    "0003": STUDIES,
}


def older(url, version="0001"):
    """A database as an older version of its tables had it, with a recipe in it."""
    with Database(url) as database:
        store = Store(database)
        store.save(recipe(headline="Kept"), "ada")
        store.publish("noir", 1, "bea", "On air.", None)
        with database.engine.begin() as connection:
            for table in NEWER[version]:
                connection.execute(sa.text(f"DROP TABLE {table}"))
            connection.execute(sa.text(f"UPDATE alembic_version SET version_num = '{version}'"))


@pytest.mark.parametrize("version", NEWER)
def test_tables_of_an_older_version_are_brought_up_to_date_in_place(url, version):
    older(url, version)
    now = datetime.now(UTC)
    with Database(url) as database:
        assert (Store(database).live("noir").recipe.headline, Keys(database).all()) == ("Kept", [])
        Keys(database).create("site")
        Timings(database).add({Counted("noir", 3): 2}, now)
        assert Timings(database).of("noir", now).n == 2
        with database.engine.connect() as connection:
            assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all() == ["0004"]
            from alembic.autogenerate import compare_metadata
            from alembic.runtime.migration import MigrationContext

            assert compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_an_update_that_fails_leaves_the_older_version_whole(url):
    older(url)
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE keys (name TEXT)"))  # stands in the way
    with pytest.raises(StorageError):
        Database(url)
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all() == ["0001"]
        connection.execute(sa.text("DROP TABLE keys"))
    engine.dispose()
    with Database(url) as database:
        assert Store(database).live("noir").number == 1


def test_of_several_that_update_one_does(url):
    older(url)
    barrier = threading.Barrier(4)

    def start(_):
        barrier.wait()
        with Database(url) as database:
            assert Keys(database).all() == []

    at_once(start, 4)


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "studio.sqlite").write_text(
        "not a database, but long enough to look at, in a hundred bytes or more" * 9
    )
    with pytest.raises(StorageError, match="not a database"):
        Database(f"sqlite:///{tmp_path / 'studio.sqlite'}")


def test_a_locked_database_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("knobs_core.publishing.database.WAIT", 0.1)
    file = tmp_path / "studio.sqlite"
    store = Store(Database(f"sqlite:///{file}"))
    store.save(recipe(), "ada")
    with sqlite3.connect(file) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="locked; nothing was saved") as told:
            store.save(recipe(length=3), "ada", 1)
        one_line(told)
        assert store.version("noir").number == 1  # reading goes on
        other.rollback()
    other.close()
    assert store.save(recipe(length=3), "ada", 1).version.number == 2
    store.database.close()


def test_a_full_database_loses_nothing(tmp_path):
    store = Store(Database(f"sqlite:///{tmp_path / 'studio.sqlite'}"))
    store.save(recipe(), "ada")

    @sa.event.listens_for(store.database.engine, "begin")
    def fill(connection):
        connection.exec_driver_sql("PRAGMA max_page_count = 1")

    with pytest.raises(StorageError, match="full"):
        store.save(recipe(notes={str(i): "x" * 200 for i in range(500)}), "ada", 1)
    assert store.version("noir").number == 1
    store.database.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(StorageError):
        Database(f"sqlite:///{tmp_path / 'shut' / 'studio.sqlite'}")


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"studio\.sqlite"):
        Database(f"sqlite:///{tmp_path / 'file' / 'studio.sqlite'}")


def test_two_first_starts_make_the_tables_once(url):
    barrier = threading.Barrier(4)

    def start(_):
        barrier.wait()
        Database(url).close()

    at_once(start, 4)


def test_a_new_database_in_which_another_one_writes_is_waited_for(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "studio.sqlite", check_same_thread=False)) as other:
        other.execute("CREATE TABLE theirs (a)")  # not yet in WAL
        other.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.3, other.rollback)
        done.start()
        Database(f"sqlite:///{tmp_path / 'studio.sqlite'}").close()
        done.join()


@pytest.mark.slow
def test_kills_at_random_moments_lose_nothing(url):
    """Whatever was reported as saved or published is there after kill -9; what was not is there whole or not at all."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.publishing.editor"])
    with Database(url) as database:
        store = Store(database)
        store.save(recipe(length=1), "ada")
        for seed in range(20):
            hears, told = processes.Pipe(duplex=False)
            editor = processes.Process(target=work, args=(url, told))
            editor.start()
            told.close()
            said = [hears.recv() for _ in range(1 + 7 * seed % 23)]
            editor.kill()
            editor.join()
            with hears, contextlib.suppress(EOFError):
                while True:
                    said.append(hears.recv())
            kept = {word: [number for what, number in said if what == word] for word in ("saved", "published")}
            versions = store.history("noir")
            assert versions[0].number == store.version("noir").number >= max(kept["saved"])
            assert [version.number for version in versions] == list(range(len(versions), 0, -1))
            if kept["published"]:
                assert store.live("noir").number >= max(kept["published"])
                assert store.acts("noir")[0].now == store.live("noir").number


def test_every_fault_is_one_of_ours(tmp_path):
    """A disk that vanishes under an open database."""
    folder = tmp_path / "disk"
    store = Store(Database(f"sqlite:///{folder / 'studio.sqlite'}"))
    store.save(recipe(), "ada")
    store.database.close()
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    with pytest.raises(KnobsError) as told:
        store.save(recipe(length=3), "ada", 1)
    one_line(told)
