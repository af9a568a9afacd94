"""A PostgreSQL server of our own, on a socket in a folder, which can be stopped and started again."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest


def _programs() -> Path | None:
    """Where PostgreSQL's programs are; Debian keeps them off the path."""
    found = shutil.which("initdb")
    places = [Path(found).resolve().parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places else None


class Server:
    """The server. address: of its first database, which is empty."""

    def __init__(self, programs, folder):
        self._programs, self._folder, self._data = programs, folder, f"{folder}/data"
        self.address = f"postgresql://knobs@/postgres?host={folder}"
        initdb = ("-U", "knobs", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self._run("initdb", "-D", self._data, *initdb)

    def start(self):
        # Who is killed here is a client: no machine loses its power, and nobody waits for the disk.
        options = f"-k {self._folder} -h '' -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", f"{self._folder}/log", "-o", options, "start")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    def _run(self, program, *arguments):
        user = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        command = [self._programs / program, *arguments]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False, **user)
        assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def running():
    """A server that runs until the block ends. Without PostgreSQL the test is skipped, unless it has to be there."""
    programs = _programs()
    if programs is None:
        if os.environ.get("KNOBS_REQUIRE_POSTGRESQL"):
            pytest.fail("KNOBS_REQUIRE_POSTGRESQL is set and there is no PostgreSQL")
        pytest.skip("PostgreSQL is not installed")
    with tempfile.TemporaryDirectory(prefix="knobs-postgresql-") as folder:  # short: a socket's path has a limit
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody", "nogroup")
        server = Server(programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
