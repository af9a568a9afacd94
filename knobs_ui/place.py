"""The bundle of a server: read once for everybody, and exchanged when another one lies at its place.

A bundle in memory was proved when it was read, so it is served on while what lies at its place is damaged, half copied
or gone; a line in the log says so. What could not be read is read again once it has changed, and now and then in case
the machine was short of memory or files.
"""

import logging
import math
import os
import shlex
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from knobs_core import bundles
from knobs_core.base import BundleError, KnobsError, torch_device
from knobs_core.bundles import Bundle

LOG = logging.getLogger("knobs")
PATIENCE = 2.0  # seconds before a place whose bundle could not be read is looked at again: it may be copied just now
AGAIN = 60.0  # seconds before what could not be read, and has not changed, is read once more


class Place:
    """Where the bundle of this server lies.

    Args:
        path: of the bundle's folder; device: as for ``torch_device``.
    """

    def __init__(self, path: Path, device: str):
        self.path, self._device = path, device
        self._lock = threading.Lock()
        self._bundle: Bundle | None = None
        self._fault: KnobsError | None = None
        self._read_at: tuple[object, ...] | None = None  # what lay there when it was read last
        self._failed_at = -math.inf

    @property
    def empty(self) -> bool:
        """Whether no bundle was read yet."""
        return self._bundle is None

    def bundle(self, reading: Callable[[], AbstractContextManager[object]] = nullcontext) -> Bundle:
        """The bundle that lies there, or, where none can be read, the last one that could.

        While somebody reads another one, all others go on with the last.

        Args:
            reading: surrounds the time that reading takes.

        Raises:
            KnobsError: none can be read, and none ever could.
        """
        here = facts(self.path)
        if self._due(here) and self._lock.acquire(blocking=self._bundle is None):
            try:
                if self._due(here):
                    with reading():
                        self._read(here)
            finally:
                self._lock.release()
        if self._bundle is not None:
            return self._bundle
        assert self._fault is not None, "what was read is a bundle or a fault"
        raise self._fault.with_traceback(None)

    def _due(self, here: tuple[object, ...]) -> bool:
        """Whether what lies there is to be read now."""
        since = time.monotonic() - self._failed_at
        if here == self._read_at:
            return self._fault is not None and since > AGAIN
        return self._bundle is None or since > PATIENCE

    def _read(self, here: tuple[object, ...]) -> None:
        last, before = self._bundle, str(self._fault)
        try:
            found = bundles.load(self.path, torch_device(self._device))
        except (KnobsError, OSError, MemoryError) as error:
            self._fault = error if isinstance(error, KnobsError) else _unreadable(self.path)
            self._failed_at = time.monotonic()
            if last is not None and str(self._fault) != before:
                LOG.warning("bundle %s is served on from memory: %s", last.id, self._fault)
        else:
            self._fault = None
            if last is None or _seen(found) != _seen(last):  # else all that was worked out from it stays
                self._bundle = found
                LOG.info("bundle %s is served", found.id)
        self._read_at = here


def facts(path: Path) -> tuple[object, ...]:
    """What lies at a place, as far as the file system knows: other files have other facts, whatever their time says."""
    try:
        with os.scandir(path) as entries:
            files = sorted(
                (entry.name, entry.stat(follow_symlinks=False)) for entry in entries if not entry.name.startswith(".")
            )
    except OSError as error:
        return (error.errno,)
    return tuple((name, one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns) for name, one in files)


def _seen(bundle: Bundle) -> tuple[object, ...]:
    """All in which two bundles can differ."""
    return bundle.id, bundle.names_id, bundle.open_names, bundle.projection.id if bundle.projection else ""


def _unreadable(path: Path) -> BundleError:
    return BundleError(
        f"a bundle at {path}", "none that can be read", f"make one with: knobs train --out {shlex.quote(str(path))}"
    )
