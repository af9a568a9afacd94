"""From likes to trained models: a CFAE, and an SAE on the embeddings that the CFAE gives to histories, parts of them
and single items."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pydantic
import scipy.sparse as sp
import torch
from pydantic import ConfigDict, Field

from knobs_core.base import Stage
from knobs_core.data import Interactions, Split, single_items
from knobs_core.models.batches import shuffled, sub_histories
from knobs_core.models.cfae.bags import Known, to_bags
from knobs_core.models.cfae.base import CFAE, CFAEConfig, MadeCFAE, TrainedCFAE
from knobs_core.models.fit import Adam, fit
from knobs_core.models.nested import Nested
from knobs_core.models.sae.base import SAE, SAEConfig
from knobs_core.models.sae.resample import resample
from knobs_core.models.sae.start import most_liked, start_from_items


@pydantic.dataclasses.dataclass(frozen=True, config=ConfigDict(extra="forbid", allow_inf_nan=False))
class InputsConfig:
    """What the SAE is trained on besides, or instead of, full histories."""

    sub_histories: bool = True
    """Random parts of each history, new ones every epoch, in place of the full histories."""
    single_items: bool = True
    """Every item alone as well."""
    draws: int = Field(default=4, ge=1)
    """Parts drawn of each history an epoch; more of them weigh people more against single items."""


def known_of(interactions: Interactions, split: Split) -> Known:
    """What a recommender may be made from: training users, and validation users' inputs."""
    return Known(
        interactions.matrix[split.train],
        split.val.inputs,
        interactions.item_ids,
        interactions.user_ids[split.train],
        interactions.user_ids[split.val.users],
    )


def train_cfae(
    cfae_class: type[TrainedCFAE] | type[MadeCFAE],
    config: Any,
    known: Known,
    rng: np.random.Generator,
    generator: torch.Generator,
    device: torch.device,
    progress: Stage,
) -> tuple[CFAE, CFAEConfig, dict[str, float]]:
    """A CFAE from what is known: trained by gradients, its weights chosen on validation users, or made in its own way.

    Args:
        config: hyperparameters of the class's own kind.

    Returns:
        the model, its settings (a CFAE that is made may fill some in), and a log.
    """
    if hasattr(cfae_class, "make"):
        progress(0, 1)
        model, config, log = cfae_class.make(config, known, generator)
        progress(1, 1)
        return model.to(device), config, log
    model = cfae_class(known.likes.shape[1], config, generator).to(device)
    model.start(known.likes, generator)
    val_bags = to_bags(known.val_inputs, device)
    log = fit(
        model,
        config,
        lambda: (to_bags(known.likes[rows], device) for rows in shuffled(known.likes.shape[0], config.batch_size, rng)),
        lambda: float(model.loss(val_bags)),
        progress,
    )
    return model, config, log


def train_sae(
    sae_class: type[SAE],
    config: SAEConfig,
    inputs: InputsConfig,
    cfae: CFAE,
    likes: sp.csr_matrix,
    val_inputs: sp.csr_matrix,
    rng: np.random.Generator,
    generator: torch.Generator,
    device: torch.device,
    progress: Stage,
    starts: Sequence[int] | np.ndarray | None = None,
) -> tuple[SAE, dict[str, float]]:
    """An SAE trained on the embeddings that a trained CFAE gives to likes (n_train, n_items), and its log.

    Args:
        starts: with ``config.start`` items, the column of the item that each of the first neurons starts from, -1 for a
            neuron that starts from chance; by default the most liked items.
    """
    sae = sae_class(cfae.d_embed, config, generator).to(device)
    nested = Nested(cfae, sae, device)
    sae.requires_grad_(True)
    if config.start == "items":
        columns = most_liked(likes, sae.d_sae) if starts is None else np.asarray(starts, np.int64)[: sae.d_sae]
        neurons = np.flatnonzero(columns >= 0)
        start_from_items(sae, neurons, nested.embeddings(single_items(likes.shape[1])[columns[neurons]]))
    val_embeddings = nested.embeddings(val_inputs).to(device)
    histories = nested.embeddings(likes)

    def between(epoch: int, optimizer: Adam) -> bool:
        # None in the last tenth: what is resampled needs time to learn.
        due = config.resample_every and epoch % config.resample_every == 0 and epoch <= 0.9 * config.epochs
        sae.train()  # what is left over, and who is dead, as the loss sees it
        return bool(due and resample(sae, histories, optimizer, rng))

    log = fit(
        sae,
        config,
        _sae_batches(nested, likes, inputs, config.batch_size, rng),
        lambda: float(sae.loss(val_embeddings)),
        progress,
        config.decay,
        between,
    )
    return sae, log


def _sae_batches(
    nested: Nested, likes: sp.csr_matrix, inputs: InputsConfig, batch_size: int, rng: np.random.Generator
) -> Callable[[], Iterable[torch.Tensor]]:
    """Epochs of embeddings (B, d_embed): histories or parts of them, and items alone."""
    fixed = [nested.embeddings(single_items(likes.shape[1]))] if inputs.single_items else []
    if not inputs.sub_histories:
        fixed.append(nested.embeddings(likes))

    draws = inputs.draws if inputs.sub_histories else 0

    def epoch() -> Iterable[torch.Tensor]:
        embeddings = torch.cat(fixed + [nested.embeddings(sub_histories(likes, rng)) for _ in range(draws)])
        return (embeddings[rows].to(nested.device) for rows in shuffled(len(embeddings), batch_size, rng))

    return epoch
