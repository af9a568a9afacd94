"""Cells made one after the other, or several at once in processes of their own, each once what it needs is finished.

A cell starts from the seed alone and finds everything else in the store. So it gives the same in whichever process and
order it is made, as long as equally many threads work on it.
"""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any, Protocol

from knobs_core.base import ConfigError, KnobsError, Progress, ProgressCallback, pool, threads_limited
from knobs_core.paper.cells import Cell, Study

TELL_EVERY = 0.5  # seconds between two messages from within a cell


class Listener(Protocol):
    """Who hears how cells are getting on."""

    def begins(self, cell: Cell) -> None:
        """A process takes it."""

    def within(self, name: str, step: Progress) -> None:
        """How far a cell of that name is."""

    def ends(self, cell: Cell) -> None:
        """It is finished and in the store."""


def work(study: Study, cells: Sequence[Cell], processes: int, threads: int, listener: Listener) -> None:
    """Make cells, each after what it needs of them, in so many processes of so many threads; one is this process.

    Raises:
        KnobsError: a cell cannot be made, which its title says, or a process was killed.
    """
    if processes > 1:
        _at_once(study, cells, processes, threads, listener)
        return
    with threads_limited(threads):
        for cell in cells:
            listener.begins(cell)
            with _said_of(cell):
                study.make(cell, _sparing(partial(listener.within, cell.name)))
            listener.ends(cell)


def _at_once(study: Study, cells: Sequence[Cell], processes: int, threads: int, listener: Listener) -> None:
    waiting, running = {cell.name: cell for cell in cells}, dict[Future[None], Cell]()
    messages = get_context("spawn").SimpleQueue()
    try:
        with pool(processes, _begin, study, threads, messages) as executor:
            while waiting or running:
                unfinished = {*waiting, *(cell.name for cell in running.values())}
                ready = [cell for cell in waiting.values() if unfinished.isdisjoint(cell.needs)]
                for cell in ready[: processes - len(running)]:
                    running[executor.submit(_make, cell.name)] = waiting.pop(cell.name)
                    listener.begins(cell)
                finished, _ = wait(running, TELL_EVERY, FIRST_COMPLETED)
                while not messages.empty():
                    listener.within(*messages.get())
                for future in finished:
                    cell = running.pop(future)
                    with _said_of(cell):
                        future.result()
                    listener.ends(cell)
    except BrokenProcessPool:
        raise ConfigError(
            "processes that live until their part is done",
            "one that was killed, as happens where memory ends",
            "take fewer --processes; the same command goes on from here",
        ) from None


_given: list[Any] = []  # to a process of the pool, as it begins: the study, threads, and where messages go


def _begin(*given: Any) -> None:
    _given[:] = given


def _make(name: str) -> None:
    """Make a cell in a process of the pool."""
    study, threads, messages = _given
    cell = next(cell for cell in study.cells() if cell.name == name)
    with threads_limited(threads):
        study.make(cell, _sparing(lambda step: messages.put((name, step))))


@contextmanager
def _said_of(cell: Cell) -> Iterator[None]:
    """Let what goes wrong say in which cell."""
    try:
        yield
    except KnobsError as error:
        error.args = (f"{cell.title}: {error}",)
        raise
    except Exception as error:
        error.add_note(f"This happened in the part '{cell.title}'.")
        raise


def _sparing(listen: ProgressCallback) -> ProgressCallback:
    """The same listener, told of a step only where the last one was told some time ago."""
    last = 0.0

    def tell(step: Progress) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_EVERY:
            last = time.monotonic()
            listen(step)

    return tell
