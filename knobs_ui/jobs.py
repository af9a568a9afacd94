"""Long work beside the app: a command of the core in a process of its own, which ends with the server."""

import atexit
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).parents[1]


class Job:
    """A command of ``knobs`` that can be started, stopped and asked how it went.

    Args:
        arguments: of the command line, e.g. ``["paper", "--quick"]``.
    """

    def __init__(self, arguments: list[str]):
        self._arguments = arguments
        self._process: subprocess.Popen | None = None
        self._errors = None
        self._lock = threading.Lock()
        self._stopped = False
        atexit.register(self.stop)

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def fault(self) -> str:
        """The last line of what went wrong, "" where nothing did."""
        if self._process is None or self.running or self._stopped or not self._process.returncode:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"ended with code {self._process.returncode}"

    def start(self) -> None:
        """Start the command, unless it is running already."""
        with self._lock:
            if self.running:
                return
            self._stopped = False
            self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (read when the process has ended)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "knobs_core", *self._arguments],
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
            )

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
