"""How processes train a collaborative autoencoder together.

ELSA: rank r holds a part A_r of the rows of A, and of every user the likes x_r among these items.

    y = sum over r of A_r^T x_r          G = sum over r of A_r^T A_r          loss(y, G) alike on every rank
    dA_r = x_r dy + A_r (dG + dG^T)      on rank r alone

Two sums a step, of (B, d) and (d, d) numbers, whose size does not depend on the number of items. Memory, work and likes
are divided. Items are dealt out in a random order, so that the popular ones are on all ranks.

All others: a copy on every rank (``around.py``).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import torch

from knobs_core.models.batches import VALIDATED, mean_loss
from knobs_core.models.cfae.bags import Bags, Known, Place, to_bags
from knobs_core.models.cfae.base import TrainedCFAE
from knobs_core.models.cfae.elsa import ELSA
from knobs_core.models.fit import Trainable
from knobs_core.models.parallel.around import Averaged, Part
from knobs_core.models.parallel.ranks import Ranks


class Spread(NamedTuple):
    """What the loop trains on this rank. model: in the model's place; batch: of rows of the training likes;
    validation_loss: the same on every rank; sharded: dimension and whole size of weights of which ranks hold parts."""

    model: Trainable[Any]
    batch: Callable[[np.ndarray], Any]
    validation_loss: Callable[[], float]
    sharded: dict[str, tuple[int, int]]


def item_order(n_items: int) -> np.ndarray:
    """The order in which ranks hold items."""
    return np.random.default_rng(0).permutation(n_items)


@contextmanager
def spread_cfae(
    model: TrainedCFAE, known: Known, ranks: Ranks, device: torch.device, mixed: bool | None = None
) -> Iterator[Spread]:
    """Deal a model out for as long as it is trained; afterwards every rank has all of it.

    Args:
        mixed: whether ELSA's items are held in ``item_order``; by default where there are several ranks.
    """
    mixed = ranks.count > 1 if mixed is None else mixed
    if isinstance(model, ELSA) and (ranks.count > 1 or mixed):
        with _by_items(model, known, ranks, device, mixed) as spread:
            yield spread
        return
    starts = range(0, known.val_inputs.shape[0], VALIDATED)
    inputs = [to_bags(known.val_inputs[start : start + VALIDATED], device) for start in starts]

    def validation_loss() -> float:
        return ranks.agreed(mean_loss(model.loss, inputs, [len(part.offsets) for part in inputs]))

    if ranks.count == 1:
        yield Spread(model, lambda rows: to_bags(known.likes[rows], device), validation_loss, {})
        return

    def part(rows: np.ndarray) -> Part[Bags]:
        mine, weight = ranks.share(len(rows))
        starts = np.concatenate(([0], np.diff(known.likes.indptr)[rows].cumsum()))
        items = slice(*(int(starts[row]) for row in (mine.start, mine.stop)))
        place = Place(mine, items, len(rows), int(starts[-1]))
        return Part(to_bags(known.likes[rows[mine]], device)._replace(place=place), weight)

    yield Spread(Averaged(model, ranks), part, validation_loss, {})


@contextmanager
def _by_items(model: ELSA, known: Known, ranks: Ranks, device: torch.device, mixed: bool) -> Iterator[Spread]:
    n = model.n_items
    order = item_order(n) if mixed else np.arange(n)
    mine = order[ranks.rows(n)]
    likes, val_likes = (matrix[:, mine] for matrix in (known.likes, known.val_inputs))
    counts, val_counts = (
        torch.as_tensor(np.diff(matrix.indptr).astype(np.float32), device=device)
        for matrix in (known.likes, known.val_inputs)
    )
    validation = to_bags(val_likes, device)._replace(counts=val_counts)
    whole_sum, model.total = model.total, ranks.total
    model.item_vectors = torch.nn.Parameter(model.item_vectors.detach()[mine])
    yield Spread(
        model,
        lambda rows: to_bags(likes[rows], device)._replace(counts=counts[rows]),
        lambda: ranks.agreed(float(model.loss(validation))),
        {"item_vectors": (0, n)},
    )
    whole = ranks.whole(model.item_vectors, 0, n)
    vectors = torch.empty_like(whole)
    vectors[torch.as_tensor(order, device=device)] = whole
    model.item_vectors, model.total = torch.nn.Parameter(vectors), whole_sum
