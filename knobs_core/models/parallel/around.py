"""A model as processes train it together: the loop sees it in place of the model, which does everything but the loss.

Averaged: every rank has a copy and works on rows of its own in every batch. With B_r rows on rank r,

    loss = sum over r of B_r / B loss_r,    gradient = sum over r of B_r / B gradient_r

which is what a process alone has on the whole batch, for every loss that is a mean over rows.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Generic, NamedTuple, Self, TypeVar

import torch

from knobs_core.models.fit import Trainable, laid_out
from knobs_core.models.parallel.ranks import Ranks

Batch = TypeVar("Batch")


class Around(Generic[Batch]):
    """A model and the processes that train it, without a loss. It offers what the loop calls on a model."""

    def __init__(self, model: Trainable[Batch], ranks: Ranks):
        self.model, self.ranks = model, ranks

    def to(self, device: torch.device | str) -> Self:
        """The same, with the model on a device."""
        self.model.to(device)
        return self

    def train(self) -> Self:
        """The same, with the model in training."""
        self.model.train()
        return self

    def eval(self) -> Self:
        """The same, with the model out of training."""
        self.model.eval()
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """The same, with or without gradients."""
        self.model.requires_grad_(requires_grad)
        return self

    def parameters(self) -> Iterator[torch.nn.Parameter]:
        """The model's."""
        return self.model.parameters()

    def named_parameters(self) -> Iterator[tuple[str, torch.nn.Parameter]]:
        """The model's."""
        return self.model.named_parameters()

    def state_dict(self) -> dict[str, Any]:
        """The model's."""
        return self.model.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> object:
        """Set the model's."""
        return self.model.load_state_dict(state_dict)

    def before_step(self) -> None:
        """The model's."""
        self.model.before_step()

    def after_step(self) -> None:
        """The model's."""
        self.model.after_step()


class Part(NamedTuple, Generic[Batch]):
    """What a rank works on of a batch. weight: its rows' share of those of the batch."""

    batch: Batch
    weight: float


class Averaged(Around[Batch]):
    """A model of which every rank has a copy."""

    def loss(self, part: Part[Batch]) -> torch.Tensor:
        """This rank's part of the loss."""
        return self.model.loss(part.batch) * part.weight

    def before_step(self) -> None:
        """Make the gradients whole, and then do what the model does to them."""
        self.ranks.sum_gradients([laid_out(p.grad) for p in self.parameters() if p.grad is not None])
        super().before_step()
