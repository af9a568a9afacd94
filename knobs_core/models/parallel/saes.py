"""How processes train a sparse autoencoder together: a copy on every rank (``around.py``), or a TopK SAE by neurons.

By neurons: rank r holds w_enc, b_enc and w_dec of its neurons, all ranks hold b_dec and see the whole batch.

    rank r        its k largest of (x - b_dec) W_r + b_r
    all ranks     gather these values (B, k); the k largest of all are the code, and each rank keeps its own of them
    xhat          = sum over r of decode_r + b_dec          loss(xhat) alike on every rank

A step moves (B, k) values and (B, d) sums, whatever the number of neurons; copies on all ranks move all gradients.

EleutherAI, sparsify, ``latent_parallel.py``, has the same design.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch

from knobs_core.base import ConfigError
from knobs_core.models.fit import Trainable
from knobs_core.models.parallel.around import Around, Averaged
from knobs_core.models.parallel.ranks import Ranks
from knobs_core.models.sae import sparse_ops
from knobs_core.models.sae.base import SAE, SAEConfig, reconstruction_loss
from knobs_core.models.sae.batchtopk import BatchTopKSAE
from knobs_core.models.sae.standardise import standardise
from knobs_core.models.sae.topk import TopKSAE

SHARDED = {"w_enc": 1, "b_enc": 0, "w_dec": 0}  # the dimension of each that counts neurons


def refuse_sae(sae_class: type[SAE], config: SAEConfig, ranks: Ranks, by_neurons: bool) -> None:
    """Refuse what processes cannot train together.

    Raises:
        ConfigError: a choice over the whole batch, or a way that fits a TopK SAE without resampling alone.
    """
    if ranks.count == 1:
        return
    if issubclass(sae_class, BatchTopKSAE):
        raise ConfigError(
            "an SAE that chooses row by row, for several processes", "one that chooses over a whole batch (batchtopk "
            "and matryoshka)", "use --sae topk or basic, or train it in one process",
        )  # fmt: skip
    if by_neurons and sae_class is not TopKSAE:
        raise ConfigError("--sae topk for --shard-neurons", "another one", "leave one out")
    if by_neurons and config.resample_every:
        raise ConfigError(
            "no resampling for --shard-neurons", f"sae.resample_every={config.resample_every}",
            "add --set sae.resample_every=0",
        )  # fmt: skip


class SpreadSAE(NamedTuple):
    """What the loop trains on this rank.

    model: in the model's place; in_parts: whether a batch is a ``Part`` of one; sharded: dimension and whole size of
    weights of which ranks hold parts
    """

    model: Trainable[Any]
    in_parts: bool
    sharded: dict[str, tuple[int, int]]
    ranks: Ranks
    whole: Trainable[torch.Tensor]

    def validation_loss(self, y: torch.Tensor) -> float:
        """The loss of embeddings (B, d_embed), the same on every rank."""
        return self.ranks.agreed(float(self.whole.loss(y)))


@contextmanager
def spread_sae(sae: SAE, ranks: Ranks, by_neurons: bool) -> Iterator[SpreadSAE]:
    """Deal an SAE out for as long as it is trained; afterwards every rank has all of it."""
    if ranks.count == 1:
        yield SpreadSAE(sae, False, {}, ranks, sae)
        return
    if not by_neurons:
        yield SpreadSAE(Averaged(sae, ranks), True, {}, ranks, sae)
        return
    n = sae.d_sae
    rows = ranks.rows(n)
    for name, dim in SHARDED.items():
        weights = getattr(sae, name).detach()
        part = weights[:, rows] if dim else weights[rows]
        setattr(sae, name, torch.nn.Parameter(part.clone()))  # stored as before, which is neuron by neuron for w_enc
    model = ByNeurons(sae, ranks)
    yield SpreadSAE(model, False, {name: (dim, n) for name, dim in SHARDED.items()}, ranks, model)
    for name, dim in SHARDED.items():
        weights = ranks.whole(getattr(sae, name), dim, n)
        setattr(sae, name, torch.nn.Parameter(sparse_ops.neuron_major(weights) if dim else weights))


class ByNeurons(Around[torch.Tensor]):
    """A TopK SAE of which every rank holds some neurons."""

    model: TopKSAE

    def loss(self, y: torch.Tensor) -> torch.Tensor:
        """The loss of a whole batch of embeddings (B, d_embed), alike on every rank."""
        sae, ranks = self.model, self.ranks
        x, _, _ = standardise(y)
        centred = x - ranks.shared(sae.b_dec)
        screen = None if sae.training else False
        k = min(sae.k, sae.b_enc.shape[0])
        found, pre = sparse_ops.largest(centred, sae.w_enc, sae.b_enc, k, screen=screen)
        kept = self._winners(pre.view(len(y), k))
        chosen = found.part(kept)
        values = sparse_ops.activations(centred, sae.w_enc, sae.b_enc, chosen, pre[kept])
        xhat = ranks.total(sparse_ops.decode(values, chosen, sae.w_dec)) + sae.b_dec
        return reconstruction_loss(xhat, x, sae.loss_name) + sae.l1 * ranks.total(values.sum()) / len(y)

    @torch.no_grad()
    def _winners(self, values: torch.Tensor) -> torch.Tensor:
        """Which (B k',) of this rank's values (B, k') are among the k largest of a row over all ranks."""
        mine = values.new_full((len(values), self.model.k), -torch.inf)
        mine[:, : values.shape[1]] = values
        everybody = torch.cat(list(self.ranks.gathered(mine)), dim=1)
        best = everybody.topk(self.model.k, dim=1, sorted=False).indices
        won = torch.zeros_like(everybody, dtype=torch.bool).scatter_(1, best, True)
        start = self.ranks.number * self.model.k
        return won[:, start : start + values.shape[1]].flatten()
