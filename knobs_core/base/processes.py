"""A standard pool of processes, started anew and not forked, for work that takes cores of its own.

This process holds one end of a pipe and never writes to it; the others wait at the other end. However this process
ends, kill -9 included, the system closes its end, and they hear it.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, get_context
from typing import Any


@contextmanager
def pool(processes: int, begin: Callable[..., None] | None = None, *given: Any) -> Iterator[ProcessPoolExecutor]:
    """So many processes, which end with this one. Ctrl-C is not for them.

    Where the block is left by an error, Ctrl-C too, they end in the middle of their work, else when it is done.

    Args:
        begin: called in each of them before anything else, with what is given.
    """
    context = get_context("spawn")
    alive, held = context.Pipe(duplex=False)
    executor = ProcessPoolExecutor(processes, context, _begin, (alive, begin, given))
    try:
        yield executor
    except BaseException:
        held.close()
        raise
    finally:
        executor.shutdown(cancel_futures=True)
        held.close()
        alive.close()


def _begin(alive: connection.Connection, begin: Callable[..., None] | None, given: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(alive,), daemon=True).start()
    if begin is not None:
        begin(*given)


def _end_with(alive: connection.Connection) -> None:
    connection.wait([alive])
    os._exit(1)
