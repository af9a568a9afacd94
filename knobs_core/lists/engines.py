"""Engines that let many processes work at once: a pool on this machine, Ray, Spark.

Each takes work, a function from an Arrow table of numbers of blocks, the column id, to a table of what became of them,
and gives that table block by block, in any order. A block whose process is killed is done once more, so work must leave
the same however often it is begun. Processes that are elsewhere have to have Knobs, and to see the same files.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool

import pyarrow as pa

from knobs_core.base import ConfigError, pool, require

Work = Callable[[pa.Table], pa.Table]
TRIES = 4  # of a block; what Spark takes on a cluster


def local(work: Work, n_blocks: int, processes: int | None) -> Iterator[pa.Table]:
    """A pool of processes, one by default. One that is killed ends the pool, and another pool takes what is left.

    Raises:
        ConfigError: one was killed four times while nothing got done.
    """
    left, killed = set(range(n_blocks)), 0
    while left:
        try:
            with pool(min(processes or 1, len(left))) as executor:
                asked = {executor.submit(work, pa.table({"id": [number]})): number for number in sorted(left)}
                for done in as_completed(asked):
                    found = done.result()
                    left.remove(asked[done])
                    killed = 0
                    yield found
        except BrokenProcessPool:
            killed += 1
            if killed == TRIES:
                raise ConfigError(
                    "processes that live until their block is done",
                    f"one killed {TRIES} times in a row, as happens where memory ends",
                    "take fewer --processes",
                ) from None


def ray(work: Work, n_blocks: int, processes: int | None) -> Iterator[pa.Table]:
    """Ray Data, in the cluster that Ray is connected to or finds, else with processes on this machine."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would tell its makers
    core, data = (require(name, "rendering by Ray") for name in ("ray", "ray.data"))
    own = not core.is_initialized()
    if own:
        core.init(num_cpus=processes, include_dashboard=False, log_to_driver=False, logging_level="WARNING")
    try:
        data.DataContext.get_current().enable_progress_bars = False
        numbers = data.range(n_blocks, override_num_blocks=n_blocks)
        found = numbers.map_batches(lambda batch: work(batch), batch_size=None, batch_format="pyarrow", num_cpus=1)
        yield from found.iter_batches(batch_size=None, batch_format="pyarrow")
    finally:
        if own:
            core.shutdown()


def spark(work: Work, n_blocks: int, processes: int | None) -> Iterator[pa.Table]:
    """Spark's mapInArrow, in the session that there is, else in one as configured, or of processes on this machine."""
    sql = require("pyspark.sql", "rendering by Spark")
    own = sql.SparkSession.getActiveSession() is None
    builder = sql.SparkSession.builder.appName("knobs render")
    session = (builder.master(f"local[{processes},{TRIES}]") if own and processes else builder).getOrCreate()

    def batches(found: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in found:
            yield from work(pa.Table.from_batches([batch])).to_batches()

    try:
        numbers = session.range(0, n_blocks, 1, n_blocks)
        yield numbers.mapInArrow(batches, "id long, readers long, rows long, short long").toArrow()
    finally:
        if own:
            session.stop()


ENGINES: dict[str, Callable[[Work, int, int | None], Iterator[pa.Table]]] = {
    "local": local,
    "ray": ray,
    "spark": spark,
}
