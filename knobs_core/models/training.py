"""From likes to trained models: a CFAE, and an SAE on the embeddings that the CFAE gives to histories, parts of them
and single items."""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, cast

import numpy as np
import pydantic
import scipy.sparse as sp
import torch
from pydantic import ConfigDict, Field

from knobs_core.base import Stage
from knobs_core.data import Interactions, Split, most_liked, single_items, taken
from knobs_core.models.batches import EMBEDDED, VALIDATED, mean_loss, shuffled, sub_histories
from knobs_core.models.cfae.bags import Known
from knobs_core.models.cfae.base import CFAE, CFAEConfig, MadeCFAE, TrainedCFAE
from knobs_core.models.fit import Adam, fit
from knobs_core.models.nested import Nested
from knobs_core.models.parallel import ONE, Part, Ranks, Work, spread_cfae, spread_sae
from knobs_core.models.sae.base import SAE, SAEConfig
from knobs_core.models.sae.resample import resample
from knobs_core.models.sae.start import start_from_items

RECOMMENDER, AUTOENCODER = "recommender", "sae"  # stages of a training, by which checkpoints are named
MOST = 2**19  # training users whose embeddings are all held at once; of more, blocks of TOGETHER take turns
TOGETHER = 2**17


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
        taken(interactions.matrix, split.train),
        split.val.inputs,
        interactions.item_ids,
        interactions.user_ids,
        split.train,
        split.val.users,
    )


def train_cfae(
    cfae_class: type[TrainedCFAE] | type[MadeCFAE],
    config: Any,
    known: Known,
    rng: np.random.Generator,
    generator: torch.Generator,
    device: torch.device,
    progress: Stage,
    work: Work = ONE,
) -> tuple[CFAE, CFAEConfig, dict[str, float]]:
    """A CFAE from what is known: trained by gradients, its weights chosen on validation users, or made in its own way.

    Args:
        config: hyperparameters of the class's own kind.
        work: in which processes, and where it is kept; a recommender that is kept there is not trained again.

    Returns:
        the model, its settings (a CFAE that is made may fill some in), and a log.
    """
    done = work.checkpoints and work.checkpoints.finished(RECOMMENDER)
    if work.checkpoints and done:
        config = type(config)(**done["config"])
        found: CFAE = cfae_class(known.likes.shape[1], config).to(device)
        work.checkpoints.weights(RECOMMENDER, found)
        return found, config, done["log"]
    model: CFAE
    if hasattr(cfae_class, "make"):
        progress(0, 1)
        model, config, log = _made(cast(type[MadeCFAE], cfae_class), config, known, generator, work.ranks)
        model = model.to(device)
        progress(1, 1)
    else:
        model, log = _fitted(cfae_class, config, known, rng, generator, device, progress, work)
    if work.checkpoints:
        work.checkpoints.finish(RECOMMENDER, model, {"config": dataclasses.asdict(config), "log": log})
    return model, config, log


def _made(
    cfae_class: type[MadeCFAE], config: Any, known: Known, generator: torch.Generator, ranks: Ranks
) -> tuple[CFAE, CFAEConfig, dict[str, float]]:
    """What ``make`` gives on rank 0, handed out to all."""
    made: list[MadeCFAE] = []

    def make() -> tuple[Any, dict[str, float], torch.Tensor]:
        model, chosen, log = cfae_class.make(config, known, generator)
        made.append(model)
        return chosen, log, generator.get_state()

    config, log, state = ranks.by_first(make)
    generator.set_state(state)
    model = made[0] if made else cfae_class(known.likes.shape[1], config)
    ranks.hand_out(list(model.state_dict().values()))
    return model, config, log


def _fitted(
    cfae_class: type[TrainedCFAE],
    config: Any,
    known: Known,
    rng: np.random.Generator,
    generator: torch.Generator,
    device: torch.device,
    progress: Stage,
    work: Work,
) -> tuple[CFAE, dict[str, float]]:
    model = cfae_class(known.likes.shape[1], config, generator).to(device)
    kept = work.note(RECOMMENDER)
    if not kept:
        model.start(known.likes, generator)
    mixed = kept.get("mixed", work.ranks.count > 1)
    with spread_cfae(model, known, work.ranks, device, mixed) as spread:
        log = fit(
            spread.model,
            config,
            lambda: (spread.batch(rows) for rows in shuffled(known.likes.shape[0], config.batch_size, rng)),
            spread.validation_loss,
            progress,
            keeper=work.keeper(RECOMMENDER, model, spread.sharded, {"mixed": mixed}),
        )
    return model, log


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
    work: Work = ONE,
) -> tuple[SAE, dict[str, float]]:
    """An SAE trained on the embeddings that a trained CFAE gives to likes (n_train, n_items), and its log.

    Args:
        starts: with ``config.start`` items, the column of the item that each of the first neurons starts from, -1 for a
            neuron that starts from chance; by default the most liked items.
        work: in which processes, and where it is kept.
    """
    done = work.checkpoints and work.checkpoints.finished(AUTOENCODER)
    sae = sae_class(cfae.d_embed, config, generator).to(device)
    if work.checkpoints and done:
        work.checkpoints.weights(AUTOENCODER, sae)
        return sae, done["log"]
    nested = Nested(cfae, sae, device)
    sae.requires_grad_(True)
    if config.start == "items":
        columns = most_liked(likes, sae.d_sae) if starts is None else np.asarray(starts, np.int64)[: sae.d_sae]
        neurons = np.flatnonzero(columns >= 0)
        start_from_items(sae, neurons, nested.embeddings(single_items(likes.shape[1])[columns[neurons]]))
    val_embeddings = nested.embeddings(val_inputs).to(device).split(VALIDATED)
    n = likes.shape[0]
    histories = nested.embeddings(likes if n <= MOST else likes[np.unique(rng.integers(0, n, MOST))])

    def between(epoch: int, optimizer: Adam) -> bool:
        # None in the last tenth: what is resampled needs time to learn.
        due = config.resample_every and epoch % config.resample_every == 0 and epoch <= 0.9 * config.epochs
        sae.train()  # what is left over, and who is dead, as the loss sees it
        return bool(due and resample(sae, histories, optimizer, rng))

    ranks = work.ranks
    with spread_sae(sae, ranks, work.shard_neurons) as spread:
        log = fit(
            spread.model,
            config,
            _sae_batches(nested, likes, inputs, config.batch_size, rng, ranks if spread.in_parts else None),
            lambda: mean_loss(spread.validation_loss, val_embeddings, list(map(len, val_embeddings))),
            progress,
            config.decay,
            between,
            work.keeper(AUTOENCODER, sae, spread.sharded, {}),
        )
    if work.checkpoints:
        work.checkpoints.finish(AUTOENCODER, sae, {"log": log})
    return sae, log


def _sae_batches(
    nested: Nested,
    likes: sp.csr_matrix,
    inputs: InputsConfig,
    batch_size: int,
    rng: np.random.Generator,
    ranks: Ranks | None = None,
) -> Callable[[], Iterable[Any]]:
    """Epochs of embeddings (B, d_embed): histories or parts of them, and items alone.

    Args:
        ranks: those that work on a part of each batch each; None for batches that are whole.
    """
    items = nested.embeddings(single_items(likes.shape[1])[: None if inputs.single_items else 0])
    draws = inputs.draws if inputs.sub_histories else 1
    whole = None if inputs.sub_histories or likes.shape[0] > MOST or ranks else nested.embeddings(likes)

    def some(rows: np.ndarray, part: sp.csr_matrix) -> Iterable[torch.Tensor]:
        """An epoch of some items and the people of a part of the likes."""
        n, people = len(rows), part.shape[0]
        embeddings = torch.empty(n + draws * people, nested.cfae.d_embed)
        embeddings[:n] = items[rows] if n < len(items) else items
        for draw in range(draws):
            places = embeddings[n + draw * people : n + (draw + 1) * people]
            if inputs.sub_histories:
                for place, drawn in zip(places.split(EMBEDDED), sub_histories(part, rng, EMBEDDED), strict=True):
                    nested.embed(drawn, place)
            elif whole is None:
                nested.embed(part, places)
            else:
                places.copy_(whole)
        return (embeddings[rows].to(nested.device) for rows in shuffled(len(embeddings), batch_size, rng))

    def own(ranks: Ranks, rows: np.ndarray, part: sp.csr_matrix) -> Iterable[Part[torch.Tensor]]:
        """The same batches; what is no part of this rank's is never embedded."""
        n, drawn = len(rows), list[sp.csr_matrix]()
        for _ in range(draws):
            drawn += sub_histories(part, rng, EMBEDDED) if inputs.sub_histories else [part]
        batches = shuffled(n + draws * part.shape[0], batch_size, rng)
        mine = [(rows[share], weight) for rows in batches for share, weight in [ranks.share(len(rows))]]
        wanted = np.unique(np.concatenate([rows for rows, _ in mine]))
        split = int(np.searchsorted(wanted, n))
        embeddings = torch.empty(len(wanted), nested.cfae.d_embed)
        embeddings[:split] = items[rows[wanted[:split]]]
        nested.embed(sp.vstack(drawn, format="csr")[wanted[split:] - n], embeddings[split:])
        return (Part(embeddings[np.searchsorted(wanted, rows)].to(nested.device), weight) for rows, weight in mine)

    batches = some if ranks is None else partial(own, ranks)

    def epoch() -> Iterable[Any]:
        n = likes.shape[0]
        if n <= MOST:
            yield from batches(np.arange(len(items)), likes)
            return
        # People as they lie, block by block, so that what is mapped from disk is read in long pieces.
        starts = rng.permutation(np.arange(0, n, TOGETHER))
        for start, rows in zip(starts, np.array_split(rng.permutation(len(items)), len(starts)), strict=True):
            yield from batches(rows, likes[start : start + TOGETHER])

    return epoch
