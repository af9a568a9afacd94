"""Long work beside the app: a command of the core in a process of its own, one at a time on a server."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from pathlib import Path
from typing import IO, ClassVar

from knobs_core.base import Progress

ROOT = Path(__file__).parents[1]
SERVER = "the server"  # who starts what no visitor asked for
ALIVE, _HELD = os.pipe()  # nobody writes to it: the end that is held closes when this process ends, however it ends


class Job:
    """A command of ``knobs`` that can be started, stopped, watched and asked how it went. It ends with the server, and
    gives way to whoever uses the app; see leash.py.

    Args:
        arguments: of the command line, e.g. ``["paper", "--quick"]``.
        name: what is at work, in words.
    """

    _one: ClassVar[threading.Lock] = threading.Lock()
    _last: ClassVar["Job | None"] = None  # of all jobs the one that was started last

    def __init__(self, arguments: list[str], name: str = "Work"):
        self._arguments, self.name = arguments, name
        self._process: subprocess.Popen[bytes] | None = None
        self._messages: IO[bytes] | None = None
        self._stopped = False
        self.began = 0.0
        self.starter = ""

    @classmethod
    def at_work(cls) -> "Job | None":
        """The job that is at work on this server."""
        return cls._last if cls._last is not None and cls._last.running else None

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

    def start(self, starter: str = SERVER) -> "Job":
        """Start the command, unless it or another job is at work. starter: who may stop it."""
        with self._one:
            if self.at_work() is None:
                self._stopped, self.began, self.starter = False, time.perf_counter(), starter
                if self._messages is not None:
                    self._messages.close()
                self._messages = tempfile.TemporaryFile()  # noqa: SIM115  (read as long as the job is there)
                weakref.finalize(self, self._messages.close)
                self._process = subprocess.Popen(
                    [*_behind_others(), sys.executable, "-m", "knobs_ui.leash", *self._arguments],
                    env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
                    stdin=ALIVE,
                    stdout=subprocess.DEVNULL,
                    stderr=self._messages,
                )
                Job._last = self
        return self

    def stop(self) -> None:
        """End the command, and wait until it has."""
        with self._one:
            if self._process is not None and self.running:
                self._stopped = True
                self._process.terminate()
                try:
                    self._process.wait(5)
                except subprocess.TimeoutExpired:
                    self._process.kill()
                    self._process.wait()


def _behind_others() -> list[str]:
    """The command that lets others have the disk first, where the system has one."""
    ionice = shutil.which("ionice")
    return [ionice, "-t", "-c", "3"] if ionice else []
