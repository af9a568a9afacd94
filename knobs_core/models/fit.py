"""One training loop for every model.

for each epoch:  for each batch:  loss -> backward -> model.before_step -> Adam -> model.after_step
                 validate; keep the best weights; stop after `patience` epochs without a better one
"""

import copy
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

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


def fit(
    model: Trainable[Batch],
    config: TrainingConfig,
    batches: Callable[[], Iterable[Batch]],
    validation_loss: Callable[[], float],
    progress: Stage,
    decay: float = 0,
    between: Callable[[int, "Adam"], bool] = lambda epoch, optimizer: False,
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

    Returns:
        epochs run, the best epoch and its validation loss.

    Raises:
        DataError: the loss is not finite from the first epoch on.
    """
    optimizer = Adam(model.parameters(), config.lr)
    best, best_epoch, best_weights = float("inf"), 0, None
    for epoch in range(1, config.epochs + 1):
        optimizer.lr = config.lr * (min(1.0, (config.epochs - epoch + 1) / (decay * config.epochs)) if decay else 1.0)
        model.train()
        for batch in batches():
            optimizer.zero_grad()
            model.loss(batch).backward()
            model.before_step()
            optimizer.step()
            model.after_step()
        model.eval()
        with torch.no_grad():
            loss = validation_loss()
        if loss < best:
            best, best_epoch, best_weights = loss, epoch, copy.deepcopy(model.state_dict())
        progress(epoch, config.epochs, f"validation loss {loss:.4f}")
        if between(epoch, optimizer):
            best, best_epoch = float("inf"), epoch
        if epoch - best_epoch >= config.patience:
            break
    if best_weights is None:
        raise DataError("a finite validation loss", f"{loss}", "lower the learning rate or check the data")
    model.load_state_dict(best_weights)
    return {"epochs": epoch, "best_epoch": best_epoch, "validation_loss": best}


class Adam:
    """torch's fused Adam (betas 0.9 and 0.99), which copies every weight matrix that is not contiguous, at each step.

    A matrix that is stored transposed is therefore handed over as its transpose: the same memory, the same steps. It is
    the functional form because the class imports torch's compiler, which takes two seconds.
    """

    def __init__(self, parameters: Iterable[torch.nn.Parameter], lr: float):
        self._parameters, self.lr = list(parameters), lr
        self._stored = [_laid_out(p.detach()) for p in self._parameters]
        self._means, self._squares = ([torch.zeros_like(p) for p in self._stored] for _ in "12")
        self._steps = [torch.zeros((), device=p.device) for p in self._stored]

    def zero_grad(self) -> None:
        for parameter in self._parameters:
            parameter.grad = None

    def forget(self, parameter: torch.nn.Parameter, dim: int, index: torch.Tensor) -> None:
        """Start the moments of a part of a parameter anew: the entries ``index`` along ``dim``."""
        place = next(i for i, known in enumerate(self._parameters) if known is parameter)
        for moments in (self._means[place], self._squares[place]):
            (moments if parameter.is_contiguous() else moments.T).index_fill_(dim, index, 0)

    def step(self) -> None:
        gradients = [_laid_out(_gradient(parameter)) for parameter in self._parameters]
        with torch.no_grad():
            adam(
                self._stored, gradients, self._means, self._squares, [], self._steps, fused=True, amsgrad=False,
                beta1=0.9, beta2=0.99, lr=self.lr, weight_decay=0, eps=1e-8, maximize=False,
            )  # fmt: skip


def _gradient(parameter: torch.nn.Parameter) -> torch.Tensor:
    assert parameter.grad is not None, "every parameter has a part in the loss"
    return parameter.grad


def _laid_out(weights: torch.Tensor) -> torch.Tensor:
    return weights if weights.is_contiguous() else weights.T
