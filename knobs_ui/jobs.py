"""Long work beside the app: a command of the core in a process of its own, which ends with the server."""

import atexit
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO

from knobs_core.base import Progress

NICE = 15  # of 0 to 19, the most patient
ROOT = Path(__file__).parents[1]


class Job:
    """A command of ``knobs`` that can be started, stopped, watched and asked how it went.

    Args:
        arguments: of the command line, e.g. ``["paper", "--quick"]``.
        gently: let whoever uses the app have the processor first, where the system can do that.
    """

    def __init__(self, arguments: list[str], gently: bool = False):
        self._arguments, self._gently = arguments, gently
        self._process: subprocess.Popen[bytes] | None = None
        self._messages: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._stopped = False
        self.began = 0.0
        atexit.register(self.stop)

    @property
    def running(self) -> bool:
        """Whether the command is at work."""
        return self._process is not None and self._process.poll() is None

    @property
    def stages(self) -> dict[str, Progress]:
        """How far each stage is, in the order in which they began."""
        return {one.stage: one for one in map(Progress.of_line, self._lines()) if one}

    @property
    def progress(self) -> Progress:
        """The last message."""
        return next(reversed(self.stages.values()), Progress("", 0, 1, "starting"))

    @property
    def fault(self) -> str:
        """What went wrong, in one line; "" where nothing did."""
        if self._process is None or self.running or self._stopped or not self._process.returncode:
            return ""
        others = [line for line in self._lines() if not Progress.of_line(line)]
        return others[-1].removeprefix("knobs: ") if others else f"ended with code {self._process.returncode}"

    def _lines(self) -> list[str]:
        if self._messages is None:
            return []
        # Read beside the place where the process goes on writing.
        text = os.pread(self._messages.fileno(), os.fstat(self._messages.fileno()).st_size, 0)
        return text.decode(errors="replace").strip().splitlines()

    def start(self) -> "Job":
        """Start the command, unless it is running already."""
        with self._lock:
            if self.running:
                return self
            self._stopped, self.began = False, time.perf_counter()
            self._messages = tempfile.TemporaryFile()  # noqa: SIM115  (read as long as the job is there)
            self._process = subprocess.Popen(
                [sys.executable, "-m", "knobs_core", *self._arguments],
                env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._messages,
            )
            if self._gently and hasattr(os, "setpriority"):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
        return self

    def stop(self) -> None:
        """End the command, and wait until it has."""
        with self._lock:
            if self._process is not None and self.running:
                self._stopped = True
                self._process.terminate()
                try:
                    self._process.wait(5)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()
