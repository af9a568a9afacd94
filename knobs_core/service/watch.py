"""What is live, looked at every second by a thread of its own, so that no request ever waits for the database.

While the database cannot be read, what was read last holds on: lists go on being served, and answers say how old that
is. Times are asked of the clock at every request, so a recipe ends when it ends all the same.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_core.publishing import Counted, Database, Keys, Live, Timings, step_of
from knobs_core.service.offer import Offer

T = TypeVar("T", str, Counted)
LOG = logging.getLogger("knobs")
EVERY = 1.0  # seconds between two looks
PATIENCE = 5.0  # seconds after a look from which on it is an old one, and that the end waits for what is to be written
COUNTED = 60.0  # seconds between two times that counts are written down


class Watch:
    """The last look at a database.

    Args:
        database: of recipes; bundle: that the recipes are offered with.

    Raises:
        StorageError: the first look fails.
    """

    def __init__(self, database: Database, bundle: Bundle):
        self._database, self._bundle = database, bundle
        self._calls, self._took = Counter[str](), Counter[Counted]()
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._fault = ""
        self._take(Live.look(database))
        self._thread = threading.Thread(target=self._run, name="knobs-watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Write down what was counted, and look no more."""
        self._ended.set()
        self._thread.join(PATIENCE)

    @property
    def live(self) -> Live:
        """What was live at the last look."""
        return self._seen[0]

    @property
    def offers(self) -> Mapping[str, Offer]:
        """{slug: recipe in front of the bundle} of that look."""
        return self._seen[1]

    @property
    def age(self) -> float:
        """Seconds since the last look."""
        return time.monotonic() - self._at

    @property
    def stale(self) -> bool:
        """Whether the database cannot be read now, as far as anybody knows."""
        return bool(self._fault) or self.age > PATIENCE

    def count(self, key: str) -> None:
        """Remember that a key was used."""
        with self._lock:
            self._calls[key] += 1

    @contextmanager
    def timing(self, slug: str) -> Iterator[None]:
        """Remember how long a list of a recipe takes, if it comes about."""
        began = time.perf_counter()
        yield
        took = Counted(slug, step_of(time.perf_counter() - began))
        with self._lock:
            self._took[took] += 1

    def _take(self, live: Live) -> None:
        before = getattr(self, "_seen", None)
        same = before is not None and before[0].house == live.house
        offers = {}
        for slug, version in live.versions.items():
            kept = before[1].get(slug) if same and before is not None else None
            offers[slug] = kept if kept and kept.version is version else Offer(self._bundle, version, live.house)
        self._seen, self._at = (live, offers), time.monotonic()

    def _run(self) -> None:
        written = time.monotonic()
        while not self._ended.wait(EVERY):
            self._try(self._look)
            if time.monotonic() - written > COUNTED:
                self._write()
                written = time.monotonic()
        self._write()

    def _look(self) -> None:
        self._take(Live.look(self._database, self.live))
        if self._fault:
            LOG.warning("the database of recipes is there again")
        self._fault = ""

    def _write(self) -> None:
        self._try(lambda: self._flush(self._calls, Keys(self._database).count))
        self._try(lambda: self._flush(self._took, Timings(self._database).add))

    def _flush(self, counts: Counter[T], write: Callable[[Mapping[T, int], datetime], None]) -> None:
        """Write counts down, and begin anew; what cannot be written is kept for the next time."""
        with self._lock:
            taken = counts.copy()
            counts.clear()
        try:
            if taken:
                write(taken, datetime.now(UTC))
        except BaseException:
            with self._lock:
                counts.update(taken)
            raise

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # whatever it is, looking must go on
            said = str(error) if isinstance(error, KnobsError) else f"{type(error).__name__}: {error}"
            if said != self._fault:
                LOG.warning("lists are served from what was read last: %s", said)
            self._fault = said
