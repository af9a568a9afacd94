"""How long a report takes and what it needs, measured before it begins.

One cell of each kind is made for trial: models of their real size, real batches, but two passes over at most 2,048
training users. What the second pass takes is a pass, everything else is the rest:

    seconds of a cell = rest (users + items) / (tried + items)  +  epochs pass steps(users) / steps(tried)

A training that stops early takes less, so this is the most. The trial also has the files that a report leaves, and is
what memory is measured on; of users that were not tried it knows how much their embeddings take.
"""

import dataclasses
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from knobs_core.base import Stage, duration
from knobs_core.paper.cells import Cell, Study
from knobs_core.paper.store import Store

USERS, PASSES = 2_048, 2
COPIES = 3  # of the embeddings of training users that are held at once
PAGE = 6_000_000  # bytes of the page, which brings Plotly along, and of tables and figures
MAP, LAST = 12.0, 5.0  # seconds: UMAP, which compiles itself as it starts; tables and figures
COMPILER = 200_000_000  # bytes that UMAP brings along
PRIOR = 0.1  # share of the estimate that counts as done at the estimated pace, so that a pace is not from seconds


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What is left of a report.

    seconds: {cell: seconds at most} of cells that are not finished; chain: of those that wait for each other, the most
    memory: bytes of one process; disk: bytes that are written
    """

    seconds: Mapping[str, float]
    chain: float
    memory: int
    disk: int

    def lasts(self, processes: int) -> float:
        """Seconds at most in so many processes."""
        return max(sum(self.seconds.values()) / processes, self.chain) + LAST

    def left(self, shares: Mapping[str, float], processes: int, elapsed: float) -> float:
        """Seconds that are left at the pace so far. shares: {cell: what of it is done, in [0, 1]}; elapsed: seconds."""
        whole = self.lasts(processes)
        done = sum(self.seconds[name] * share for name, share in shares.items()) / (sum(self.seconds.values()) or 1.0)
        pace = (elapsed + PRIOR * whole) / ((done + PRIOR) * whole) if whole else 0.0
        return (1 - done) * whole * pace

    def sentence(self, processes: int) -> str:
        """In words, as in: 41 min at most in 2 processes, 1.9 GB of memory, 410 MB on disk."""
        within = f" in {processes} processes" if processes > 1 else ""
        memory = f", {_size(processes * self.memory)} of memory" if self.memory else ""
        return f"{duration(self.lasts(processes))} at most{within}{memory}, {_size(self.disk)} on disk"


def estimate(study: Study, cells: Sequence[Cell], progress: Stage) -> Estimate:
    """What cells that are not finished will take, measured in this process.

    Raises:
        KnobsError: what a cell raises, such as a library that is missing.
    """
    if not cells:
        return Estimate({}, 0.0, 0, PAGE)
    kinds = {cell.kind: cell.name for cell in reversed(cells)}
    everything = {cell.name: cell for cell in study.cells()}
    wanted = _with_needs([name for kind, name in kinds.items() if kind != "map"], everything)
    took, size = {"map": MAP}, {"map": 0}
    with tempfile.TemporaryDirectory() as folder:
        trial = study.trial(Store(Path(folder)), USERS, PASSES)
        tried = [cell for cell in trial.cells() if cell.name in wanted]
        for place, cell in enumerate(tried):
            progress(place, len(tried), cell.title)
            took[cell.kind] = _seconds(study, trial, cell, everything[cell.name])
            size[cell.kind] = sum(file.stat().st_size for file in Path(folder).glob(f"{cell.name}.*"))
        progress(len(tried), len(tried))
    seconds = {cell.name: took[cell.kind] for cell in cells}
    more = len(study.split.train) - len(trial.split.train)
    return Estimate(
        seconds,
        max(_chain(cell, everything, seconds) for cell in cells),
        _peak() + COPIES * 4 * more * max(study.plan.grid_dim.values()) + (COMPILER if "map" in kinds else 0),
        sum(size[cell.kind] for cell in cells) + PAGE,
    )


def _with_needs(names: Iterable[str], cells: Mapping[str, Cell]) -> set[str]:
    """Cells by name, and all that they need."""
    return {name for one in names for name in (one, *_with_needs(cells[one].needs, cells))}


def _chain(cell: Cell, cells: Mapping[str, Cell], seconds: Mapping[str, float]) -> float:
    """Seconds until a cell is finished, when nothing but what it needs comes before."""
    before = [_chain(cells[name], cells, seconds) for name in cell.needs]
    return seconds.get(cell.name, 0.0) + max(before, default=0.0)


def _seconds(study: Study, trial: Study, cell: Cell, real: Cell) -> float:
    """Make a cell for trial: how many seconds the real one takes."""
    marks = []
    began = time.perf_counter()
    trial.make(cell, lambda _: marks.append(time.perf_counter()))
    rest, epochs = time.perf_counter() - began, 0.0
    users, tried, items = len(study.split.train), len(trial.split.train), study.data.n_items
    if real.training:
        one = marks[-1] - marks[-2]
        rest = max(rest - PASSES * one, 0.0)
        epochs = real.training.epochs * one * real.training.steps(users) / real.training.steps(tried)
    return rest * (users + items) / (tried + items) + epochs


def _peak() -> int:
    """Bytes of memory that this process had at most; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _size(n_bytes: float) -> str:
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
