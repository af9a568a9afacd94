"""Where recipes are kept: SQLite under the home folder by default, PostgreSQL where DATABASE_URL says so.

SQLite writes ahead (WAL) and waits for the disk at every commit, and whoever writes takes the lock as the transaction
begins, so that two writers wait for each other instead of failing. It overwrites what is deleted. Whatever a database
may answer becomes one line.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.orm import Session

from knobs_core.base import ConfigError, StorageError, home, reason

DATABASE_URL = "DATABASE_URL"
WAIT = 10  # seconds that a writer waits for another one
# Ends a connection over which nothing comes back, as from a machine that is gone, in half a minute instead of hours.
GONE = {"keepalives_idle": WAIT, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 2_500 * WAIT}
MIGRATING = 7_236_221  # names the lock that those who migrate one PostgreSQL database share


class Database:
    """A database with the tables of recipes, keys and studies, made where there are none yet, and brought up to date
    where an older version of Knobs made them.

    Args:
        url: as SQLAlchemy writes it; by default what DATABASE_URL says, else ``studio.sqlite`` under ``home()``.

    Raises:
        ConfigError: no address of a database.
        StorageError: it cannot be reached, or its tables are those of a later version.
    """

    def __init__(self, url: str | None = None):
        given = url or os.environ.get(DATABASE_URL)
        try:
            self.url = _with_driver(sa.make_url(given or f"sqlite:///{home() / 'studio.sqlite'}"))
            if self.url.get_backend_name() == "sqlite" and self.url.database:
                Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
            self.engine = _engine(self.url)
        except (ArgumentError, NoSuchModuleError):
            remedy = f"set {DATABASE_URL} to sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
            raise ConfigError("the address of a database", "one that is none", remedy) from None
        except OSError as error:
            raise self._fault(reason(error)) from None
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database. Raises: StorageError: it cannot be read."""
        with self._told(), Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are kept all together at the end, or none. Raises: StorageError: none were kept."""
        writer = self.engine.execution_options(writes=True)
        with self._told(), Session(writer) as session, session.begin():
            yield session

    def close(self) -> None:
        """Let go of all connections; leaving a ``with`` block does so too."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _migrate(self) -> None:
        """Make the tables in an empty database, bring those of an older version up to date, refuse others.

        All under one lock and in one transaction: of several who start at once one does it, and a fault undoes it all.
        """
        scripts = Config()
        scripts.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
        known = [script.revision for script in ScriptDirectory.from_config(scripts).walk_revisions()]  # newest first
        with self._told(), self.engine.execution_options(writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
            found = MigrationContext.configure(connection).get_current_revision()
            if found is not None and found not in known:
                where = self.url.render_as_string(hide_password=True)
                expected = f"tables of version {known[0]} or older in {where}"
                remedy = "use the version of Knobs that wrote them, or another database"
                raise StorageError(expected, f"version {found}", remedy)
            if found != known[0]:
                scripts.attributes["connection"] = connection
                command.upgrade(scripts, "head")

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:  # of two who ask for one number; see store.py
            raise
        except DBAPIError as error:
            raise self._fault(reason(error.orig or error)) from None

    def _fault(self, found: str) -> StorageError:
        where = self.url.render_as_string(hide_password=True)
        return StorageError(f"the database of recipes at {where}", found, "nothing was saved; see to it and try again")


def _with_driver(url: sa.URL) -> sa.URL:
    """postgres://... and postgresql://... mean psycopg, which is the driver that comes along."""
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url


def _engine(url: sa.URL) -> sa.Engine:
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": WAIT, **GONE})
    engine = sa.create_engine(url, connect_args={"timeout": WAIT})

    @sa.event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say so, not where sqlite3 thinks they should
        _write_ahead(connection)
        for setting in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON"):
            connection.execute(f"PRAGMA {setting}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Ask for WAL until those who open a new database at the same moment have written: SQLite waits for every other
    lock by itself, but refuses this change at once."""
    end = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
