"""What is used of ``torch.nn.Module``, so that it can be a part of what models must offer."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, Self

import torch


class Module(Protocol):
    """The methods of ``torch.nn.Module`` that are called on models."""

    def to(self, device: torch.device | str) -> Self: ...

    def train(self) -> Self: ...

    def eval(self) -> Self: ...

    def requires_grad_(self, requires_grad: bool = True) -> Self: ...

    def parameters(self) -> Iterator[torch.nn.Parameter]: ...

    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> object: ...
