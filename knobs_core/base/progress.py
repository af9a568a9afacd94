"""How long work says how far it is: one kind of message, one kind of listener, and one form as a line of text."""

import re
from collections.abc import Callable
from typing import NamedTuple

LINE = re.compile(r"(?P<stage>.+?) (?P<done>\d+)/(?P<total>\d+)(?: (?P<detail>.*))?")


class Progress(NamedTuple):
    """How far a long piece of work is.

    stage: in words; done, total: steps done of how many; detail: what the last step gave, or ""
    """

    stage: str
    done: int
    total: int
    detail: str = ""

    @property
    def share(self) -> float:
        """How much of the stage is done, in [0, 1]."""
        return min(self.done / max(self.total, 1), 1.0)

    def line(self) -> str:
        """The message as one line of text, as the command line writes it where there is no terminal."""
        return f"{self.stage} {self.done}/{self.total} {self.detail}".rstrip()

    @classmethod
    def of_line(cls, line: str) -> "Progress | None":
        """The message that a line holds, None for any other line."""
        found = LINE.fullmatch(line)
        return found and cls(found["stage"], int(found["done"]), int(found["total"]), found["detail"] or "")


def duration(seconds: float) -> str:
    """A time that something takes, in words: 40 s, 12 min, 3 h 05 min, 2 days 4 h."""
    if seconds < 90:
        return f"{max(round(seconds), 1)} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    hours = round(minutes / 60)
    return f"{hours // 24} days {hours % 24} h" if hours >= 48 else f"{hours} h"


ProgressCallback = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """The listener that shows nothing; the default everywhere."""


class Stage:
    """One stage of a long piece of work, told to a listener step by step.

    Args:
        name: the stage in words.
        listen: whom to tell.
    """

    def __init__(self, name: str, listen: ProgressCallback):
        self.name, self._listen = name, listen

    def __call__(self, done: int, total: int, detail: str = "") -> None:
        """Tell that ``done`` of ``total`` steps are done."""
        self._listen(Progress(self.name, done, total, detail))
