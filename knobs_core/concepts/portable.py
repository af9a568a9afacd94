"""Dials that outlive their bundle: what a dial did to items, and how it is taken apart anew on other models.

Neurons have no meaning beyond their bundle, items have. Of a dial the 50 items are kept on which it did most, up or
down, with what it did (the effect of its direction, of standard deviation 1 over all items, less its mean). On other
models the direction is looked for that does the same to these items and little to all others, by least squares:

    d = argmin  sum over kept items of (a_i . d - e_i)^2  +  OTHERS sum over all others of (a_i . d)^2

a_i what an embedding does to item i, less its mean over items. It is then pursued in neurons like that of a concept
(``recipes.py``), and all that these leave over is carried along. **Confidence** is the correlation of kept effects with
those that d has on items that were left out when it was found, a fifth at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch

from knobs_core.base import DataError
from knobs_core.concepts.pursuit import SIZE, pursue
from knobs_core.concepts.recipes import ConceptRecipe, with_rests
from knobs_core.models import Nested
from knobs_core.steering import Dial, directions, effects_of, sigmas

N_KEPT, LEAST, FOLDS = 50, 5, 5
OTHERS = 0.03
BLOCK = 2**22  # scores held at once


class Taken(NamedTuple):
    """A dial's direction on other models. made: its recipe and rest; confidence: in [-1, 1], see the head of this file;
    known: share of the kept items that there are."""

    made: ConceptRecipe
    confidence: float
    known: float


@torch.inference_mode()
def standard_effects(nested: Nested, dials: Sequence[Dial]) -> Iterator[torch.Tensor]:
    """What dials do to scores, of mean 0 and standard deviation 1 over items: blocks (rows, n_items) of their rows, one
    after the other; zeros for a dial that does nothing."""
    size = max(1, BLOCK // nested.cfae.n_items)
    for start in range(0, len(dials), size):
        effects = effects_of(nested.cfae, directions(nested, dials[start : start + size]))
        yield (effects - effects.mean(1, keepdim=True)) / sigmas(effects)


def kept_effects(nested: Nested, dials: Sequence[Dial]) -> tuple[np.ndarray, np.ndarray]:
    """The items (n, k) on which each of n dials does most, as columns, the most first, and what it does to them."""
    items, kept = [], []
    for effects in standard_effects(nested, dials):
        found = effects.abs().topk(min(N_KEPT, effects.shape[1]), dim=1).indices
        items.append(found.cpu().numpy())
        kept.append(effects.gather(1, found).cpu().numpy())
    return np.concatenate(items), np.concatenate(kept)


@torch.inference_mode()
def taken_apart(nested: Nested, effects: Mapping[int, float], n_kept: int) -> Taken:
    """What kept effects come to on other models.

    Args:
        effects: {column: effect} of the kept items that there are; n_kept: how many were kept.

    Raises:
        DataError: fewer than five of the items are there.
    """
    if len(effects) < LEAST:
        raise DataError(f"at least {LEAST} of the items that the dial was kept with", f"{len(effects)}", "make it anew")
    items, wanted = np.array(list(effects), np.int64), np.array(list(effects.values()))
    identity = torch.eye(nested.cfae.d_embed, device=nested.device)
    rows = effects_of(nested.cfae, identity).T.double().cpu().numpy()  # (n_items, d_embed)
    rows = rows - rows.mean(0)
    gram = rows.T @ rows

    def fitted(chosen: np.ndarray) -> np.ndarray:
        inside = rows[items[chosen]]
        both = OTHERS * gram + (1 - OTHERS) * inside.T @ inside
        both[np.diag_indices_from(both)] += 1e-6 * np.trace(both) / len(both)
        return np.linalg.solve(both, inside.T @ wanted[chosen])

    everything = np.arange(len(items))
    predicted = np.zeros(len(items))
    for fold in range(FOLDS):
        left_out = everything % FOLDS == fold
        predicted[left_out] = rows[items[left_out]] @ fitted(everything[~left_out])
    direction = fitted(everything)
    weights = pursue(direction[None], nested.sae.w_dec.double().cpu().numpy(), SIZE)
    [made] = with_rests(nested, weights, direction[None], share=1.0)
    spread = predicted.std() * wanted.std()
    confidence = float(((predicted - predicted.mean()) * (wanted - wanted.mean())).mean() / spread) if spread else 0.0
    return Taken(made, confidence, len(items) / n_kept)
