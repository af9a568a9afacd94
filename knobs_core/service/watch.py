"""What is live, looked at every second by a thread of its own, so that no request ever waits for the database.

While the database cannot be read, what was read last holds on: lists go on being served, and answers say how old that
is. Times are asked of the clock at every request, so a recipe ends when it ends all the same.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_core.publishing import Database, Keys, Live
from knobs_core.service.offer import Offer

LOG = logging.getLogger("knobs")
EVERY = 1.0  # seconds between two looks
PATIENCE = 5.0  # seconds after a look from which on it is an old one
COUNTED = 60.0  # seconds between two times that calls are written down


class Watch:
    """The last look at a database.

    Args:
        database: of recipes; bundle: that the recipes are offered with.

    Raises:
        StorageError: the first look fails.
    """

    def __init__(self, database: Database, bundle: Bundle):
        self._database, self._bundle = database, bundle
        self._calls, self._lock, self._ended = Counter[str](), threading.Lock(), threading.Event()
        self._fault = ""
        self._take(Live.look(database))
        self._thread = threading.Thread(target=self._run, name="knobs-watch", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Write down what calls there were, and look no more."""
        self._ended.set()
        self._thread.join(EVERY)

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
                self._try(self._write)
                written = time.monotonic()
        self._try(self._write)

    def _look(self) -> None:
        self._take(Live.look(self._database, self.live))
        if self._fault:
            LOG.warning("the database of recipes is there again")
        self._fault = ""

    def _write(self) -> None:
        with self._lock:
            calls, self._calls = self._calls, Counter()
        if not calls:
            return
        try:
            Keys(self._database).count(calls, datetime.now(UTC))
        except BaseException:
            with self._lock:
                self._calls += calls
            raise

    def _try(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # whatever it is, looking must go on
            said = str(error) if isinstance(error, KnobsError) else f"{type(error).__name__}: {error}"
            if said != self._fault:
                LOG.warning("lists are served from what was read last: %s", said)
            self._fault = said
