"""The paper's experiments on any data set: every table and figure, and one HTML report.

    run.json                 what was asked for; another run in the same folder must ask for the same
    progress.json            how far it is
    cells/                   finished pieces; a run that was killed goes on after the last one
    csv/  figures/           tables, and figures as PNG and SVG
    report.html              all of it

Spisak et al. 2026, "From Knots to Knobs". docs/faithfulness.md says where text and code of the authors differ.
"""

import dataclasses
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from knobs_core import bundles
from knobs_core.base import (
    ConfigError,
    Progress,
    ProgressCallback,
    Stage,
    duration,
    fit_threads,
    home,
    processors,
    silent,
    slug,
    threads_limited,
    torch_device,
    write_whole,
)
from knobs_core.data import SAID, Interactions, load_data
from knobs_core.paper import draw, figures, reference, report, tables
from knobs_core.paper.cells import Cell, Study
from knobs_core.paper.estimate import Estimate, estimate
from knobs_core.paper.plan import FULL, QUICK, Plan
from knobs_core.paper.store import Store
from knobs_core.paper.work import work

FORMAT = 1
STAGE, MEASURING = "The paper's experiments", "Measuring what it takes"
LARGE = 2**25  # weights from which a model is worth more than one thread


class Prospect(NamedTuple):
    """What is left of a report, before any of it is made.

    parts: of the report in all; left: cells that are not finished
    processes: how many work at once; threads: of each of them
    """

    parts: int
    left: list[Cell]
    processes: int
    threads: int
    estimate: Estimate

    def sentence(self) -> str:
        """In words, for whoever waits."""
        return f"{len(self.left)} of {self.parts} parts are left: about {self.estimate.sentence(self.processes)}"

    def document(self) -> dict[str, int | float]:
        """The same as JSON: seconds at most, memory of all processes, and disk in bytes."""
        found, n = self.estimate, self.processes
        return {
            "parts": self.parts, "left": len(self.left), "processes": n, "threads": self.threads,
            "seconds": round(found.lasts(n), 1), "memory": n * found.memory, "disk": found.disk,
        }  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Report:
    """A report, whether or not any of it is made.

    Args:
        source: see ``knobs_core.load_data``; or a bundle's folder, whose data is taken.
        out: the report's folder.
        quick: a small grid with settings for small data, instead of the paper's.
        overrides: settings of the data.
        plan: what to train instead of either.
    """

    source: str
    out: Path
    quick: bool = False
    seed: int = 42
    device: str = "auto"
    overrides: Mapping[str, object] | None = None
    plan: Plan | None = None

    def prospect(self, processes: int | None = 1, progress: ProgressCallback = silent) -> Prospect:
        """What ``make`` would take; nothing is written.

        Raises:
            KnobsError: as ``make`` does.
        """
        study, asked = self._study()
        _same_as_before(self.out, asked)
        return _prospect(study, processes, progress)

    def make(self, processes: int | None = 1, progress: ProgressCallback = silent) -> Path:
        """Make it, or go on where it was not finished; returns the path of report.html.

        Args:
            processes: how many work at once; None for one on each processor where the data is small.
            progress: told what it takes before it begins, then how far it is.

        Raises:
            KnobsError: the data or a setting does not fit, the folder holds another report, or nothing can be written.
        """
        study, asked = self._study()
        out, plan, store = self.out, study.plan, study.store
        store.open()
        _same_as_before(out, asked)
        write_whole(out / "run.json", json.dumps(asked, indent=2, ensure_ascii=False))
        found = _prospect(study, processes, progress)
        notes = _Notes(out, progress, found)
        work(study, found.left, found.processes, found.threads, notes)
        notes.tell("Tables and figures")
        tables.write(out, store, plan, reference.data_set(asked["source"]))
        (out / "figures").mkdir(exist_ok=True)
        for chart in figures.charts(out):
            draw.write_still(chart, out / "figures")
        lists = tables.read(out, "figure4_lists")
        if lists is not None:
            draw.write_lists(lists, out / "figures")
        path = report.write(out, asked)
        notes.done()
        return path

    def _study(self) -> tuple[Study, dict[str, Any]]:
        """All cells, and what was asked for."""
        fit_threads()
        plan, where = self.plan or plan_of(self.quick), torch_device(self.device)
        interactions, asked = _data(self.source, self.overrides)
        as_json = json.loads(json.dumps(dataclasses.asdict(plan)))
        asked |= {"format": FORMAT, "seed": self.seed, "quick": self.quick, "plan": as_json}
        return Study(interactions, plan, Store(self.out / "cells"), self.seed, where), asked


def default_report(source: str, quick: bool) -> Path:
    """Where a report lies when nobody says otherwise."""
    return home() / "reports" / (slug(source) + ("-quick" if quick else ""))


def plan_of(quick: bool, changes: Mapping[str, Mapping[str, object]] | None = None) -> Plan:
    """The small grid or the paper's, with changes {section: {field: value}} of every training.

    Raises:
        ConfigError: a change of what the grid itself goes through.
    """
    return (QUICK if quick else FULL).changed(changes or {})


def run(
    source: str,
    out: Path,
    quick: bool = False,
    seed: int = 42,
    device: str = "auto",
    overrides: Mapping[str, object] | None = None,
    plan: Plan | None = None,
    progress: ProgressCallback = silent,
    processes: int | None = 1,
) -> Path:
    """Make a ``Report``, or go on with one that was not finished; returns the path of report.html.

    Raises:
        KnobsError: as ``Report.make`` does.
    """
    return Report(source, out, quick, seed, device, overrides, plan).make(processes, progress)


def read_progress(out: Path) -> dict[str, Any] | None:
    """How far a report is: {"done", "total", "detail"}; None where nothing has begun."""
    try:
        return json.loads((out / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


class _Notes:
    """Tells whoever listens, and keeps a note in the report's folder for whoever looks from outside."""

    def __init__(self, out: Path, listen: ProgressCallback, found: Prospect):
        self._file, self._listen, self._found = out / "progress.json", listen, found
        self._shares: dict[str, float] = {}  # of cells that were begun, how much of each is done
        self._finished, self._began = found.parts - len(found.left), time.monotonic()
        if found.left:
            self.tell(found.sentence())

    def begins(self, cell: Cell) -> None:
        self._shares[cell.name] = 0.0
        self.tell(cell.title + self._left())

    def within(self, name: str, step: Progress) -> None:
        self._shares[name] = step.share
        self.tell(f"{step.stage} · {step.done} of {step.total}{self._left()}")

    def ends(self, cell: Cell) -> None:
        self._shares[cell.name] = 1.0
        self._finished += 1
        self.tell(cell.title + self._left())

    def done(self) -> None:
        self._finished = self._found.parts + 1
        self.tell("Done")

    def tell(self, detail: str) -> None:
        total = self._found.parts + 1  # the last are tables and figures
        write_whole(self._file, json.dumps({"done": self._finished, "total": total, "detail": detail}))
        self._listen(Progress(STAGE, self._finished, total, detail))

    def _left(self) -> str:
        elapsed = time.monotonic() - self._began
        return f" · about {duration(self._found.estimate.left(self._shares, self._found.processes, elapsed))} left"


def _prospect(study: Study, processes: int | None, listen: ProgressCallback) -> Prospect:
    """Small models get one thread each; what is large gets all processors, however many processes share them."""
    import torch

    small = study.data.n_items * max(study.plan.grid_dim.values()) < LARGE
    threads, left = 1 if small else max(1, torch.get_num_threads() // (processes or 1)), study.left()
    with threads_limited(threads):
        found = estimate(study, left, Stage(MEASURING, listen))
    if processes is None:
        fitting = _memory() // (2 * found.memory) if found.memory else 1
        processes = max(1, min(processors(), fitting)) if small and study.device.type == "cpu" else 1
    return Prospect(len(study.cells()), left, processes, threads, found)


def _memory() -> int:
    """Bytes of memory of this machine; 0 where the system does not say."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0


def _data(source: str, overrides: Mapping[str, object] | None) -> tuple[Interactions, dict[str, Any]]:
    """Interactions, and what says which data this is."""
    if (Path(source) / bundles.MANIFEST).is_file():
        if overrides:
            raise ConfigError("no data settings for a bundle, whose data is ready", f"{overrides}", "leave them out")
        interactions = bundles.load(Path(source)).interactions
    else:
        interactions = load_data(source, overrides)
    origin = interactions.source
    settings = {name: value for name, value in dataclasses.asdict(origin.config).items() if name not in SAID}
    return interactions, {"source": origin.name, "checksum": origin.checksum, "data": settings}


def _same_as_before(out: Path, asked: dict[str, Any]) -> None:
    """Refuse to mix two reports in one folder."""
    try:
        before = json.loads((out / "run.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return
    other = [name for name in asked if name != "source" and before.get(name) != asked[name]]
    if other:
        raise ConfigError(
            f"an unfinished or finished report of the same run in {out}",
            f"one with another {', '.join(other)}",
            "choose another --out, or remove that folder",
        )
