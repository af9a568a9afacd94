"""Long work beside the app: a command of the core in a process of its own, which ends with the server."""

import atexit
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
STEP = re.compile(r"(?P<stage>.+?) (?P<done>\d+)/(?P<total>\d+)(?: (?P<words>.*))?")  # as the command line tells it


class Step(NamedTuple):
    """How far a stage is: steps done of how many, and what the last one gave."""

    done: int
    total: int
    words: str

    @property
    def share(self) -> float:
        return min(self.done / max(self.total, 1), 1.0)


class Job:
    """A command of ``knobs`` that can be started, stopped, watched and asked how it went.

    Args:
        arguments: of the command line, e.g. ``["paper", "--quick"]``.
    """

    def __init__(self, arguments: list[str]):
        self._arguments = arguments
        self._process: subprocess.Popen | None = None
        self._told = None
        self._lock = threading.Lock()
        self._stopped = False
        self.began = 0.0
        atexit.register(self.stop)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def steps(self) -> dict[str, Step]:
        """How far each stage is, in the order in which they began."""
        matches = filter(None, map(STEP.fullmatch, self._lines()))
        return {m["stage"]: Step(int(m["done"]), int(m["total"]), m["words"] or "") for m in matches}

    @property
    def step(self) -> Step:
        """The last step that was told."""
        return next(reversed(self.steps.values()), Step(0, 1, "starting"))

    @property
    def fault(self) -> str:
        """What went wrong, in one line; "" where nothing did."""
        if self._process is None or self.running or self._stopped or not self._process.returncode:
            return ""
        said = [line for line in self._lines() if not STEP.fullmatch(line)]
        return said[-1].removeprefix("knobs: ") if said else f"ended with code {self._process.returncode}"

    def _lines(self) -> list[str]:
        if self._told is None:
            return []
        # Read beside the place where the process goes on writing.
        told = os.pread(self._told.fileno(), os.fstat(self._told.fileno()).st_size, 0)
        return told.decode(errors="replace").strip().splitlines()

    def start(self) -> "Job":
        """Start the command, unless it is running already."""
        with self._lock:
            if self.running:
                return self
            self._stopped, self.began = False, time.perf_counter()
            self._told = tempfile.TemporaryFile()  # noqa: SIM115  (read as long as the job is there)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "knobs_core", *self._arguments],
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._told,
            )
        return self

    def stop(self) -> None:
        """End the command, and wait until it has."""
        with self._lock:
            if self.running:
                self._stopped = True
                self._process.terminate()
                try:
                    self._process.wait(5)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
