"""What every collaborative autoencoder offers; they have no code in common, so that this is all they share."""

from typing import Any, ClassVar, Protocol, Self, runtime_checkable

import scipy.sparse as sp
import torch

from knobs_core.models.cfae.bags import Bags, Known
from knobs_core.models.fit import Trainable
from knobs_core.models.module import Module


class CFAEConfig(Protocol):
    """Hyperparameters: a frozen dataclass that checks its fields. dim: the embedding size d_embed."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def dim(self) -> int: ...


class CFAE(Module, Protocol):
    """Interactions to embedding and back.

    linear: whether decode(y) is linear in y, so that scores can be blended instead of decoded
    n_items: columns of the interaction matrix; d_embed: size of the embeddings
    """

    @property
    def linear(self) -> bool: ...

    @property
    def n_items(self) -> int: ...

    @property
    def d_embed(self) -> int: ...

    def encode(self, x: Bags, /) -> torch.Tensor:
        """Embeddings (B, d_embed)."""

    def decode(self, y: torch.Tensor, /) -> torch.Tensor:
        """Scores (B, n_items) of embeddings (B, d_embed)."""


@runtime_checkable
class LastLayer(Protocol):
    """A decoder that is not linear, but whose last layer is: decode(y) = hidden(y) w_out + b_out.

    w_out: (d_hidden, n_items); b_out: (n_items,)
    """

    @property
    def w_out(self) -> torch.Tensor: ...

    @property
    def b_out(self) -> torch.Tensor: ...

    def hidden(self, y: torch.Tensor, /) -> torch.Tensor:
        """What the last layer takes, (B, d_hidden), of embeddings (B, d_embed)."""


class TrainedCFAE(CFAE, Trainable[Bags], Protocol):
    """One that is trained by gradients. config: of the class's own kind, a ``TrainingConfig`` as well."""

    def __init__(self, n_items: int, config: Any, generator: torch.Generator | None = None): ...

    def start(self, likes: sp.csr_matrix, generator: torch.Generator | None = None) -> None:
        """Called once before training, with the training likes (n_users, n_items)."""


class MadeCFAE(CFAE, Protocol):
    """One that is made in its own way, not trained by gradients. config: of the class's own kind."""

    def __init__(self, n_items: int, config: Any, generator: torch.Generator | None = None): ...

    @classmethod
    def make(cls, config: Any, known: Known, generator: torch.Generator) -> tuple[Self, Any, dict[str, Any]]:
        """The model, its settings, of which it may have filled in some, and a log."""
