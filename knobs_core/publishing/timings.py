"""How long the lists of each recipe took: servers add to counts, and whoever asks gets a median and a 95th percentile.

What is kept is how many lists of a recipe took how long in which hour, in steps of 19%, for a day: at most so many rows
however many lists there are, and several servers add to the same ones.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from knobs_core.publishing.database import Database
from knobs_core.publishing.tables import TimingRow

HOURS = 24  # that are kept, the present one among them
FASTEST, PER_DOUBLING, MOST = (
    1e-4,
    4,
    80,
)  # seconds of step 0; steps until it is twice as long; the last, of 100 s and more


class Counted(NamedTuple):
    """What is counted: lists of a recipe that took a step of time."""

    slug: str
    step: int


class Took(NamedTuple):
    """How many lists there were, and how many seconds half of them and 95 in 100 took at most."""

    n: int
    median: float
    p95: float


def step_of(seconds: float) -> int:
    """The step of time that some seconds belong to."""
    return min(MOST, max(0, math.ceil(PER_DOUBLING * math.log2(max(seconds, FASTEST) / FASTEST))))


def seconds_of(step: int) -> float:
    """The longest time of a step; the last one has none, and there it is the shortest."""
    return FASTEST * 2.0 ** (step / PER_DOUBLING)


class Timings:
    """The counts in a database.

    Every method raises StorageError where the database cannot be reached or written, and then nothing was changed.
    """

    def __init__(self, database: Database):
        self.database = database

    def add(self, counts: Mapping[Counted, int], at: datetime) -> None:
        """Add to the counts of this hour, and forget those that are older than is kept. at: the present."""
        insert = postgresql.insert if self.database.engine.dialect.name == "postgresql" else sqlite.insert
        adding = insert(TimingRow)
        adding = adding.on_conflict_do_update(
            index_elements=[TimingRow.slug, TimingRow.hour, TimingRow.step],
            set_={"lists": TimingRow.lists + adding.excluded.lists},
        )
        with self.database.writing() as session:
            session.execute(sa.delete(TimingRow).where(TimingRow.hour < _first(at)))
            if counts:  # in one order, so that no two servers wait for each other
                rows = [{**one._asdict(), "hour": _hour(at), "lists": n} for one, n in sorted(counts.items())]
                session.execute(adding, rows)

    def of(self, slug: str, at: datetime) -> Took | None:
        """How long the lists of a recipe took in the hours that are kept, None where there were none. at: now."""
        wanted = (TimingRow.slug == slug) & (TimingRow.hour >= _first(at))
        asked = sa.select(TimingRow.step, sa.func.sum(TimingRow.lists)).where(wanted)
        with self.database.reading() as session:
            found = session.execute(asked.group_by(TimingRow.step).order_by(TimingRow.step)).all()
        if not found:
            return None
        steps, numbers = zip(*found, strict=True)
        until = [int(n) for n in accumulate(numbers)]

        def at_most(share: float) -> float:
            return seconds_of(next(step for step, n in zip(steps, until, strict=True) if n >= share * until[-1]))

        return Took(until[-1], at_most(0.5), at_most(0.95))


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _first(at: datetime) -> datetime:
    """The first hour that is kept."""
    return _hour(at) - timedelta(hours=HOURS - 1)
