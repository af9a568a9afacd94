"""One training loop for every model.

for each epoch:  for each batch:  loss -> backward -> model.before_step -> Adam -> model.after_step
                 validate; keep the best weights; stop after `patience` epochs without a better one
"""

import copy
import dataclasses
import itertools
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

import torch
from torch.optim.adam import adam

from knobs_core.base import DataError, Stage
from knobs_core.models.module import Module

Batch = TypeVar("Batch")
AnyBatch = TypeVar("AnyBatch", contravariant=True)


class TrainingConfig(Protocol):
    """What the loop reads from a model's hyperparameters."""

    @property
    def lr(self) -> float: ...

    @property
    def epochs(self) -> int: ...

    @property
    def patience(self) -> int: ...


class Trainable(Module, Protocol[AnyBatch]):
    """What the loop calls on a model."""

    def loss(self, batch: AnyBatch, /) -> torch.Tensor: ...

    def before_step(self) -> None:
        """Between the gradient and the step along it."""

    def after_step(self) -> None:
        """After each step."""


@dataclasses.dataclass
class Run:
    """Where a training stands: all that it goes on from, beside what batches are drawn from.

    epoch, step: the epoch that runs, from 1, and the steps done in it; best_weights: None before there are any
    """

    model: Trainable[Any]
    optimizer: "Adam"
    epoch: int = 1
    step: int = 0
    best: float = float("inf")
    best_epoch: int = 0
    best_weights: dict[str, Any] | None = None


class Keeper(Protocol):
    """Who keeps a training, so that it can go on after it was broken off."""

    def resume(self, run: Run) -> None:
        """Called before the first epoch: put the run where it was broken off."""

    def begins(self, run: Run) -> None:
        """Called before an epoch's batches are drawn."""

    def stepped(self, run: Run) -> None:
        """Called after each step."""


class Forgetful:
    """A keeper that keeps nothing."""

    def resume(self, run: Run) -> None:
        """Nothing: every training is new."""

    begins = stepped = resume


def fit(
    model: Trainable[Batch],
    config: TrainingConfig,
    batches: Callable[[], Iterable[Batch]],
    validation_loss: Callable[[], float],
    progress: Stage,
    decay: float = 0,
    between: Callable[[int, "Adam"], bool] = lambda epoch, optimizer: False,
    keeper: Keeper = Forgetful(),  # noqa: B008 (it has no state)
) -> dict[str, float]:
    """Train a model in place and leave it with its best weights.

    Args:
        model: trained by gradients; see ``Trainable``.
        config: lr, epochs and patience.
        batches: gives one epoch's batches, new ones at every call.
        validation_loss: the number that decides which weights are best.
        progress: told after each epoch (epochs done, epochs at most, text).
        decay: share of the epochs, the last ones, over which the step size falls in a straight line to zero.
        between: called after each epoch with the epochs done; says whether it changed the model, so that what was best
            before no longer counts.
        keeper: told of every step; an epoch that was broken off draws its batches again and leaves out those done.

    Returns:
        epochs run, the best epoch and its validation loss.

    Raises:
        DataError: the loss is not finite from the first epoch on.
    """
    run = Run(model, Adam(model.parameters(), config.lr))
    keeper.resume(run)
    for epoch in range(run.epoch, config.epochs + 1):
        fall = min(1.0, (config.epochs - epoch + 1) / (decay * config.epochs)) if decay else 1.0
        run.epoch, run.optimizer.lr = epoch, config.lr * fall
        model.train()
        keeper.begins(run)
        for batch in itertools.islice(batches(), run.step, None):
            run.optimizer.zero_grad()
            model.loss(batch).backward()
            model.before_step()
            run.optimizer.step()
            model.after_step()
            run.step += 1
            keeper.stepped(run)
        run.step = 0
        model.eval()
        with torch.no_grad():
            loss = validation_loss()
        if loss < run.best:
            run.best, run.best_epoch, run.best_weights = loss, epoch, copy.deepcopy(model.state_dict())
        progress(epoch, config.epochs, f"validation loss {loss:.4f}")
        if between(epoch, run.optimizer):
            run.best, run.best_epoch = float("inf"), epoch
        if epoch - run.best_epoch >= config.patience:
            break
    if run.best_weights is None:
        raise DataError("a finite validation loss", f"{loss}", "lower the learning rate or check the data")
    model.load_state_dict(run.best_weights)
    return {"epochs": epoch, "best_epoch": run.best_epoch, "validation_loss": run.best}


class Adam:
    """torch's fused Adam, with betas 0.9 and 0.99 where nobody says otherwise; lr and beta1 may change between steps.

    It copies every weight matrix that is not contiguous, at each step. A matrix that is stored transposed is therefore
    handed over as its transpose: the same memory, the same steps. It is the functional form because the class imports
    torch's compiler, which takes two seconds.
    """

    def __init__(self, parameters: Iterable[torch.Tensor], lr: float, beta2: float = 0.99):
        self._parameters, self.lr, self.beta1, self._beta2 = list(parameters), lr, 0.9, beta2
        self._stored = [laid_out(p.detach()) for p in self._parameters]
        self._means, self._squares = ([torch.zeros_like(p) for p in self._stored] for _ in "12")
        self._steps = [torch.zeros((), device=p.device) for p in self._stored]

    @property
    def steps(self) -> float:
        """Steps taken."""
        return float(self._steps[0])

    @steps.setter
    def steps(self, steps: float) -> None:
        for one in self._steps:
            one.fill_(steps)

    def moments(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """The two moments of each parameter, in its shape, as they are and not copied."""
        pairs = zip(self._parameters, self._means, self._squares, strict=True)
        return [(m, s) if p.is_contiguous() else (m.T, s.T) for p, m, s in pairs]

    def zero_grad(self) -> None:
        for parameter in self._parameters:
            parameter.grad = None

    def forget(self, parameter: torch.nn.Parameter, dim: int, index: torch.Tensor) -> None:
        """Start the moments of a part of a parameter anew: the entries ``index`` along ``dim``."""
        place = next(i for i, known in enumerate(self._parameters) if known is parameter)
        for moments in (self._means[place], self._squares[place]):
            (moments if parameter.is_contiguous() else moments.T).index_fill_(dim, index, 0)

    def step(self) -> None:
        gradients = [laid_out(_gradient(parameter)) for parameter in self._parameters]
        with torch.no_grad():
            adam(
                self._stored, gradients, self._means, self._squares, [], self._steps, fused=True, amsgrad=False,
                beta1=self.beta1, beta2=self._beta2, lr=self.lr, weight_decay=0, eps=1e-8, maximize=False,
            )  # fmt: skip


def _gradient(parameter: torch.Tensor) -> torch.Tensor:
    assert parameter.grad is not None, "every parameter has a part in the loss"
    return parameter.grad


def laid_out(weights: torch.Tensor) -> torch.Tensor:
    """The same memory as a contiguous matrix: the weights, or their transpose where they are stored like that."""
    return weights if weights.is_contiguous() else weights.T
