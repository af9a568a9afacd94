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

from knobs_core import bundle, data, settings
from knobs_core.errors import ConfigError
from knobs_core.paper import draw, figures, reference, report, tables
from knobs_core.paper.cells import Study
from knobs_core.paper.plan import FULL, QUICK, Plan
from knobs_core.paper.store import Store
from knobs_core.storage import write_whole
from knobs_core.training import Progress, ProgressCallback

__all__ = ["FULL", "QUICK", "Plan", "default_path", "read_progress", "run"]
FORMAT = 1
STAGE = "The paper's experiments"
TELL_EVERY = 0.5  # seconds between two notes of progress within a cell


def default_path(source: str, quick: bool) -> Path:
    """Where a report lies when nobody says otherwise."""
    return settings.home() / "reports" / (Path(source).stem + ("-quick" if quick else ""))


def run(
    source: str,
    out: Path,
    quick: bool = False,
    seed: int = 42,
    device: str = "auto",
    overrides: Mapping[str, object] | None = None,
    plan: Plan | None = None,
    tell: ProgressCallback = lambda progress: None,
) -> Path:
    """Make a report, or go on with one that was not finished; returns the path of report.html.

    Args:
        source: see ``knobs_core.data.load``; or a bundle's folder, whose data is taken.
        out: the report's folder.
        quick: a small grid with settings for small data, instead of the paper's.
        overrides: settings of the data.
        plan: what to train instead of either.
        tell: called as the work goes on.

    Raises:
        KnobsError: the data or a setting does not fit, the folder holds another report, or nothing can be written.
    """
    plan, where = plan or (QUICK if quick else FULL), settings.device(device)
    store = Store(out / "cells")
    progress = _Progress(out, tell)
    interactions, asked = _data(source, overrides)
    asked |= {"format": FORMAT, "seed": seed, "quick": quick, "plan": json.loads(json.dumps(dataclasses.asdict(plan)))}
    _same_as_before(out, asked)
    write_whole(out / "run.json", json.dumps(asked, indent=2, ensure_ascii=False))

    study = Study(interactions, plan, store, seed, where)
    cells = study.cells()
    for done, cell in enumerate(cells):
        if store.read(cell.name) is None:
            progress.at(done, len(cells) + 1, cell.title)
            store.write(cell.name, cell.make(progress.within))
    progress.at(len(cells), len(cells) + 1, "Tables and figures")
    tables.write(out, store, plan, reference.data_set(asked["source"]))
    (out / "figures").mkdir(exist_ok=True)
    for chart in figures.charts(out):
        draw.write_still(chart, out / "figures")
    lists = tables.read(out, "figure4_lists")
    if lists is not None:
        draw.write_lists(lists, out / "figures")
    path = report.write(out, asked)
    progress.at(len(cells) + 1, len(cells) + 1, "Done")
    return path


def read_progress(out: Path) -> dict | None:
    """How far a report is: {"done", "total", "detail"}; None where nothing has begun."""
    try:
        return json.loads((out / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


class _Progress:
    """Tells whoever listens, and keeps a note in the report's folder for whoever looks from outside."""

    def __init__(self, out: Path, tell: ProgressCallback):
        self._file, self._tell, self._last = out / "progress.json", tell, 0.0
        self._done, self._total, self._title = 0, 1, ""

    def at(self, done: int, total: int, title: str) -> None:
        self._done, self._total, self._title = done, total, title
        self._note(title)

    def within(self, done: int, total: int, text: str) -> None:
        if time.monotonic() - self._last >= TELL_EVERY:
            self._note(f"{self._title} · {done} of {total}")

    def _note(self, detail: str) -> None:
        self._last = time.monotonic()
        write_whole(self._file, json.dumps({"done": self._done, "total": self._total, "detail": detail}))
        self._tell(Progress(STAGE, self._done, self._total, detail))


def _data(source: str, overrides: Mapping[str, object] | None):
    """Interactions, and what says which data this is."""
    if (Path(source) / bundle.MANIFEST).is_file():
        if overrides:
            raise ConfigError("no data settings for a bundle, whose data is ready", f"{overrides}", "leave them out")
        loaded = bundle.load(Path(source))
        manifest = loaded.manifest
        name, checksum, config = manifest["source"]["name"], manifest["source"]["checksum"], manifest["data"]
        return loaded.interactions, {"source": name, "checksum": checksum, "data": config}
    interactions, origin = data.load(source, overrides)
    config = dataclasses.asdict(origin.config)
    return interactions, {"source": source, "checksum": origin.checksum, "data": config}


def _same_as_before(out: Path, asked: dict) -> None:
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
