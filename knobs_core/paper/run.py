"""The paper's experiments on any data set: every table and figure, and one HTML report.

    run.json                 what was asked for; another run in the same folder must ask for the same
    progress.json            how far it is
    cells/                   finished pieces; a run that was killed goes on after the last one
    csv/  figures/           tables, and figures as PNG and SVG
    report.html              all of it

Spisak et al. 2025, "From Knots to Knobs". docs/faithfulness.md says where text and code of the authors differ.
"""

import dataclasses
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from knobs_core import bundles
from knobs_core.base import (
    ConfigError,
    Progress,
    ProgressCallback,
    Stage,
    fit_threads,
    home,
    silent,
    slug,
    threads_for,
    torch_device,
    write_whole,
)
from knobs_core.data import SAID, Interactions, load_data
from knobs_core.paper import draw, figures, reference, report, tables
from knobs_core.paper.cells import Study
from knobs_core.paper.plan import FULL, QUICK, Plan
from knobs_core.paper.store import Store

FORMAT = 1
STAGE = "The paper's experiments"
TELL_EVERY = 0.5  # seconds between two notes of progress within a cell


def default_report(source: str, quick: bool) -> Path:
    """Where a report lies when nobody says otherwise."""
    return home() / "reports" / (slug(source) + ("-quick" if quick else ""))


def run(
    source: str,
    out: Path,
    quick: bool = False,
    seed: int = 42,
    device: str = "auto",
    overrides: Mapping[str, object] | None = None,
    plan: Plan | None = None,
    progress: ProgressCallback = silent,
) -> Path:
    """Make a report, or go on with one that was not finished; returns the path of report.html.

    Args:
        source: see ``knobs_core.load_data``; or a bundle's folder, whose data is taken.
        out: the report's folder.
        quick: a small grid with settings for small data, instead of the paper's.
        overrides: settings of the data.
        plan: what to train instead of either.
        progress: told as the work goes on.

    Raises:
        KnobsError: the data or a setting does not fit, the folder holds another report, or nothing can be written.
    """
    fit_threads()
    plan, where = plan or (QUICK if quick else FULL), torch_device(device)
    store = Store(out / "cells")
    notes = _Notes(out, progress)
    interactions, asked = _data(source, overrides)
    asked |= {"format": FORMAT, "seed": seed, "quick": quick, "plan": json.loads(json.dumps(dataclasses.asdict(plan)))}
    _same_as_before(out, asked)
    write_whole(out / "run.json", json.dumps(asked, indent=2, ensure_ascii=False))

    study = Study(interactions, plan, store, seed, where)
    cells = study.cells()
    for done, cell in enumerate(cells):
        if store.read(cell.name) is None:
            notes.at(done, len(cells) + 1, cell.title)
            with threads_for(interactions.n_items * max(plan.grid_dim.values())):
                store.write(cell.name, cell.make(Stage(cell.title, notes.within)))
    notes.at(len(cells), len(cells) + 1, "Tables and figures")
    tables.write(out, store, plan, reference.data_set(asked["source"]))
    (out / "figures").mkdir(exist_ok=True)
    for chart in figures.charts(out):
        draw.write_still(chart, out / "figures")
    lists = tables.read(out, "figure4_lists")
    if lists is not None:
        draw.write_lists(lists, out / "figures")
    path = report.write(out, asked)
    notes.at(len(cells) + 1, len(cells) + 1, "Done")
    return path


def read_progress(out: Path) -> dict[str, Any] | None:
    """How far a report is: {"done", "total", "detail"}; None where nothing has begun."""
    try:
        return json.loads((out / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


class _Notes:
    """Tells whoever listens, and keeps a note in the report's folder for whoever looks from outside."""

    def __init__(self, out: Path, listen: ProgressCallback):
        self._file, self._listen, self._last = out / "progress.json", listen, 0.0
        self._done, self._total = 0, 1

    def at(self, done: int, total: int, title: str) -> None:
        self._done, self._total = done, total
        self._note(title)

    def within(self, step: Progress) -> None:
        if time.monotonic() - self._last >= TELL_EVERY:
            self._note(f"{step.stage} · {step.done} of {step.total}")

    def _note(self, detail: str) -> None:
        self._last = time.monotonic()
        write_whole(self._file, json.dumps({"done": self._done, "total": self._total, "detail": detail}))
        self._listen(Progress(STAGE, self._done, self._total, detail))


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
