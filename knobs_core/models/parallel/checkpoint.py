"""Trainings that go on after they were broken off, in as many processes as there are then.

    DIR/training.json                what is trained, on what: a checkpoint of anything else is refused
    DIR/STAGE-EPOCH-STEP/            the two newest of the stage that runs: weights, Adam's moments, best weights
    DIR/STAGE-done/                  weights of a stage that is over
        state.json  .metadata  *.distcp

torch.distributed.checkpoint writes the tensors, each rank its own parts, and reads them into any other number of ranks.
A checkpoint is written under a name with a dot and renamed when all of it is on disk, so that none is ever half there.
Batches depend on the random state at the start of their epoch alone, which is kept, and on the steps done since.

Its index is a pickle (torch.distributed.checkpoint knows no other): checkpoints, unlike bundles, are not for exchange.
"""

import base64
import json
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from filelock import FileLock, Timeout

from knobs_core.base import ConfigError, DataError, StorageError, reason, storing, to_disk, write_whole
from knobs_core.models.fit import Run
from knobs_core.models.module import Module
from knobs_core.models.parallel.ranks import Ranks

EVERY = 300.0  # seconds between two checkpoints
LOOK = 8  # steps between two looks at the clock
KEPT = 2
PATIENCE = 10  # seconds for a training that was killed a moment ago
STATE, TRAINING, DONE = "state.json", "training.json", "done"


@runtime_checkable
class Stateful(Protocol):
    """A model of which training goes on from more than its weights, such as noise of its own. The same on all ranks."""

    def training_state(self) -> dict[str, torch.Tensor]:
        """All of that."""

    def set_training_state(self, state: dict[str, torch.Tensor]) -> None:
        """Go on from such a state."""


@contextmanager
def kept_in(
    folder: Path | None,
    training: Callable[[], Mapping[str, Any]],
    ranks: Ranks,
    rng: np.random.Generator,
    generator: torch.Generator,
    every: float = EVERY,
) -> "Iterator[Checkpoints | None]":
    """Keep a training in a folder that all ranks can reach; None keeps nothing.

    Args:
        folder: made where it is not there.
        training: what is trained, on what, as JSON knows it; what another training has written is refused.
        ranks: who trains.
        rng, generator: where all chance comes from; what is kept includes their states.
        every: seconds from one checkpoint to the next, at least.

    Raises:
        ConfigError: the folder holds something else, or checkpoints of another training.
        StorageError: nothing can be written there, or another training does.
    """
    if folder is None:
        yield None
        return
    lock = FileLock(folder / ".lock")
    try:
        ranks.by_first(lambda: _open(folder, lock, training()))
        yield Checkpoints(folder, ranks, rng, generator, every)
    finally:
        lock.release()


class Checkpoints:
    """The checkpoints of one training; see ``kept_in``."""

    def __init__(
        self,
        folder: Path,
        ranks: Ranks,
        rng: np.random.Generator,
        generator: torch.Generator,
        every: float,
    ):
        self.folder, self.ranks, self.every = folder, ranks, every
        self.rng, self.generator = rng, generator

    def finished(self, stage: str) -> dict[str, Any] | None:
        """What was noted of a stage that is over, None where it is not; chance goes on from its end."""
        state = self._state(self.folder / f"{stage}-{DONE}")
        if state:
            self._set_chance(state)
        return state and state["notes"]

    def weights(self, stage: str, model: Module) -> None:
        """Give a model the weights of a stage that is over."""
        self._read(self.folder / f"{stage}-{DONE}", dict(model.state_dict()))

    def finish(self, stage: str, model: Module, notes: Mapping[str, Any]) -> None:
        """Keep the weights that a stage has come to, whole on every rank, and what is noted of it."""
        self._write(f"{stage}-{DONE}", dict(model.state_dict()), {"notes": notes, **self._chance()})
        self.ranks.by_first(lambda: _discard(self._running(stage)))

    def newest(self, stage: str) -> Path | None:
        """The newest checkpoint of a stage that runs."""
        return next(iter(self.ranks.by_first(lambda: self._running(stage))), None)

    def keeper(
        self, stage: str, model: Module, sharded: Mapping[str, tuple[int, int]], notes: Mapping[str, Any]
    ) -> "StageKeeper":
        """Who keeps one stage; see ``fit``.

        Args:
            model: the model itself.
            sharded: dimension and whole size of weights of which ranks hold parts.
            notes: how the weights are held, as ``note`` tells.
        """
        return StageKeeper(self, stage, model, sharded, notes)

    def note(self, stage: str) -> dict[str, Any]:
        """How the weights of the newest checkpoint of a stage are held; {} where there is none."""
        path = self.newest(stage)
        state = self._state(path) if path else None
        return state["notes"] if state else {}

    def _running(self, stage: str) -> list[Path]:
        """Checkpoints of a stage that runs, the newest first."""
        return sorted(self.folder.glob(f"{stage}-[0-9]*"), reverse=True)

    def _chance(self) -> dict[str, Any]:
        return {
            "rng": self.rng.bit_generator.state,
            "generator": base64.b64encode(self.generator.get_state().numpy().tobytes()).decode(),
        }

    def _set_chance(self, state: Mapping[str, Any]) -> None:
        self.rng.bit_generator.state = state["rng"]
        numbers = np.frombuffer(base64.b64decode(state["generator"]), np.uint8).copy()
        self.generator.set_state(torch.from_numpy(numbers))

    def _state(self, path: Path) -> dict[str, Any] | None:
        """What stands beside the tensors of a checkpoint; None where there is none."""

        def read() -> dict[str, Any] | None:
            with _whole(path):
                return json.loads((path / STATE).read_text(encoding="utf-8")) if path.exists() else None

        return self.ranks.by_first(read)

    def _write(self, name: str, tensors: dict[str, Any], state: Mapping[str, Any]) -> None:
        """Write a checkpoint, all ranks together, and let it be seen when it is whole."""
        from torch.distributed.checkpoint.api import CheckpointException
        from torch.distributed.checkpoint.state_dict_saver import save

        partial = self.folder / f".{name}.partial"
        try:
            with _one_process_is_meant():
                save(tensors, checkpoint_id=partial)
        except CheckpointException as error:
            raise StorageError(f"to write a checkpoint to {partial}", reason(error), "free room, or allow it") from None

        def show() -> None:
            with storing(partial):
                (partial / STATE).write_text(json.dumps(state), encoding="utf-8")
                to_disk(partial / STATE)
                to_disk(partial)
                os.replace(partial, self.folder / name)
                to_disk(self.folder)

        self.ranks.by_first(show)

    def _read(self, path: Path, tensors: dict[str, Any]) -> None:
        """Read tensors of a checkpoint into those that are given."""
        from torch.distributed.checkpoint.state_dict_loader import load

        with _whole(path), _one_process_is_meant(), torch.no_grad():
            load(tensors, checkpoint_id=path)


class StageKeeper:
    """The keeper of one stage of a training; see ``Checkpoints.keeper``."""

    def __init__(
        self,
        checkpoints: Checkpoints,
        stage: str,
        model: Module,
        sharded: Mapping[str, tuple[int, int]],
        notes: Mapping[str, Any],
    ):
        self.checkpoints, self.stage, self.model = checkpoints, stage, model
        self.sharded, self.notes = sharded, notes
        self.last = time.monotonic()

    def resume(self, run: Run) -> None:
        """Put the run where the newest checkpoint is, if there is one."""
        kept = self.checkpoints
        path = kept.newest(self.stage)
        state = kept._state(path) if path else None
        if path is None or state is None:
            return
        run.epoch, run.step = state["epoch"], state["step"]
        run.best, run.best_epoch = state["best"], state["best_epoch"]
        run.best_weights = (
            {n: torch.empty_like(w) for n, w in self.model.state_dict().items()} if state["kept"] else None
        )
        own = self._own()
        kept._read(path, self._tensors(run, own))
        run.optimizer.steps = state["steps"]
        if isinstance(self.model, Stateful):
            self.model.set_training_state(own)
        kept._set_chance(state)

    def begins(self, run: Run) -> None:
        """Note the random state that the epoch's batches come from."""
        self.chance = self.checkpoints._chance()

    def stepped(self, run: Run) -> None:
        """Keep the run, when it is time."""
        if run.optimizer.steps % LOOK == 0 and self._due():
            self.keep(run)

    def keep(self, run: Run) -> None:
        """Write a checkpoint, and let go of all but the two newest."""
        kept = self.checkpoints
        state = {
            "epoch": run.epoch, "step": run.step, "steps": run.optimizer.steps, "best": run.best,
            "best_epoch": run.best_epoch, "kept": run.best_weights is not None, "notes": self.notes, **self.chance,
        }  # fmt: skip
        kept._write(f"{self.stage}-{run.epoch:06}-{run.step:09}", self._tensors(run, self._own()), state)
        kept.ranks.by_first(lambda: _discard(kept._running(self.stage)[KEPT:]))
        self.last = time.monotonic()

    def _due(self) -> bool:
        """Whether it is time, by rank 0's clock."""
        return self.checkpoints.ranks.by_first(lambda: time.monotonic() - self.last >= self.checkpoints.every)

    def _own(self) -> dict[str, torch.Tensor]:
        return self.model.training_state() if isinstance(self.model, Stateful) else {}

    def _tensors(self, run: Run, own: Mapping[str, torch.Tensor]) -> dict[str, Any]:
        """All tensors of a run by name, as they are and not copied."""
        tensors = {f"weights.{name}": weights for name, weights in self.model.state_dict().items()}
        for (name, _), moments in zip(self.model.named_parameters(), run.optimizer.moments(), strict=True):
            tensors |= {f"mean.{name}": moments[0], f"square.{name}": moments[1]}
        tensors |= {f"best.{name}": weights for name, weights in (run.best_weights or {}).items()}
        for key, part in tensors.items():
            place = self.sharded.get(key.partition(".")[2])
            if place and self.checkpoints.ranks.count > 1:
                tensors[key] = self.checkpoints.ranks.sharded(part, *place)
        return {**tensors, **{f"own.{name}": value for name, value in own.items()}}


def _open(folder: Path, lock: FileLock, training: Mapping[str, Any]) -> None:
    """Be alone with a folder, make sure that it is this training's, and remove what a killed one has left half done."""
    told = folder / TRAINING
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            raise StorageError("to be alone with its checkpoints", f"a training in {folder}", "wait for it") from None
        _discard([*folder.glob(".*.partial"), *folder.glob(".*.old")])
        if not told.exists():
            if others := sorted({file.name for file in folder.iterdir()} - {".lock"}):
                raise ConfigError("a new folder for checkpoints", f"{others[0]} in {folder}", "choose another")
            write_whole(told, json.dumps(training, indent=2) + "\n")
        with _whole(told):
            before = json.loads(told.read_text(encoding="utf-8"))
    for name, now in json.loads(json.dumps(training)).items():
        if before.get(name) != now:
            raise ConfigError(
                f"a checkpoint of this training in {folder}",
                f"one with {name} {_short(before.get(name))} instead of {_short(now)}",
                "choose another folder, or remove it to begin anew",
            )


def _discard(folders: list[Path]) -> None:
    """Remove checkpoints, none of which is seen half removed."""
    for folder in folders:
        gone = folder if folder.name.startswith(".") else folder.rename(folder.with_name(f".{folder.name}.old"))
        shutil.rmtree(gone)


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """The boundary around reading a checkpoint: whatever is wrong with it becomes one DataError."""
    from torch.distributed.checkpoint.api import CheckpointException

    try:
        yield
    except (Exception, CheckpointException) as error:
        raise DataError(
            f"a whole checkpoint in {path}", reason(error), "remove this folder, and training goes on from another one"
        ) from error


@contextmanager
def _one_process_is_meant() -> Iterator[None]:
    """Without the warning that a process alone writes what several could."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*assuming the intent is to", category=UserWarning)
        yield


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
