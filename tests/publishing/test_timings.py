"""How long lists took, from counts: as exact as a step of time, by several servers, for a day."""

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from knobs_core.publishing import Counted, Database, Timings, step_of
from knobs_core.publishing.timings import HOURS, MOST, PER_DOUBLING, seconds_of
from tests.waiting import at_once

NOW = datetime(2026, 12, 24, 18, 40, tzinfo=UTC)


def counts(seconds, slug="noir"):
    return Counter(Counted(slug, step_of(one)) for one in seconds)


@pytest.fixture
def timings(store):
    return Timings(store.database)


@pytest.mark.parametrize("seed", range(3))
def test_median_and_p95_are_those_of_all_values_within_a_step(timings, seed):
    rng = np.random.default_rng(seed)
    seconds = rng.lognormal(np.log(0.003), 1.0, 5_000 + seed)
    timings.add(counts(seconds), NOW)
    took = timings.of("noir", NOW)
    assert took.n == len(seconds)
    for share, found in ((0.5, took.median), (0.95, took.p95)):
        true = np.quantile(seconds, share, method="inverted_cdf")
        assert true <= found * (1 + 1e-9)
        assert found <= true * 2 ** (1 / PER_DOUBLING)


def test_every_time_has_a_step():
    edges = [seconds_of(step) for step in range(MOST + 1)]
    assert [step_of(one) for one in edges] == list(range(MOST + 1))
    assert (step_of(0), step_of(1e-9), step_of(1e9)) == (0, 0, MOST)
    assert 90 < edges[-1] < 110


def test_recipes_are_told_apart_and_one_that_nobody_asked_for_has_none(timings):
    timings.add(counts([0.001] * 3), NOW)
    timings.add(counts([0.1], "sea"), NOW)
    assert (timings.of("noir", NOW).n, timings.of("sea", NOW).n, timings.of("war", NOW)) == (3, 1, None)


def test_several_servers_add_to_the_same_counts(url):
    with Database(url):
        pass
    barrier, slugs = threading.Barrier(4), [f"r{n}" for n in range(5)]

    def serve(number):
        with Database(url) as database:
            barrier.wait()
            for n in range(10):
                order = slugs if (number + n) % 2 else slugs[::-1]
                Timings(database).add({Counted(slug, step): 1 for slug in order for step in (8, 9)}, NOW)

    at_once(serve, 4)
    with Database(url) as database:
        assert [Timings(database).of(slug, NOW).n for slug in slugs] == [80] * 5


def test_a_day_is_kept_and_no_more(timings):
    for ago in range(3 * HOURS, -1, -1):
        timings.add(counts([0.001, 0.002]), NOW - timedelta(hours=ago))
    assert timings.of("noir", NOW).n == 2 * HOURS
    assert timings.of("noir", NOW + timedelta(hours=HOURS - 1)).n == 2
    assert timings.of("noir", NOW + timedelta(hours=HOURS)) is None
    with timings.database.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM timings")).scalar() == 2 * HOURS
