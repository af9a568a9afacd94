"""The steering engine: for a linear decoder a turn of the dials is a blend of cached vectors, nothing is decoded again.

    scores = (1 - a) base + a floor + std s sum_k x_k u_k                     x_k strengths of dials, above or below 0
    u_k = sum_j r_kj v_j,   v_j = A w_j                                       s = sum z
    base = A y,   floor = mean A 1 + std A b_dec

a is the total boost (``dials.py``; ``operators.py``, the operator ``blend``); w_j is row j of the SAE's decoder. This
is ``steered_scores`` multiplied out, equal up to rounding, and with all dials at rest bit for bit. A decoder that is
not linear, and any other operator, takes the plain path: steer the code, decode.
"""

import contextlib
import dataclasses
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch
from torch.nn import functional as F

from knobs_core.base import ConfigError, DataError
from knobs_core.models import Encoded, Nested
from knobs_core.steering.dials import Dial, strengths, total_boost, turn_of
from knobs_core.steering.operators import mix, steered_scores
from knobs_core.steering.recommend import Recommendation, ReferenceRanking, compare

MEMORY = 256 * 2**20  # bytes of vectors kept
Key = int | tuple[tuple[int, float], ...]  # what a vector is of: one neuron, or a recipe


@dataclasses.dataclass(frozen=True)
class Taste:
    """One person as the engine needs them, computed once a history. Its tensors and arrays are read-only.

    encoded: embedding y (1, d_embed) and code; base: (n_items,) scores with all dials at rest
    floor: (n_items,) what is left of the scores when the code is empty; None where the decoder is not linear
    z: (d_sae,) the code; mean, std: of the embedding; mass: sum of z; seen: columns of the history, ascending
    """

    encoded: Encoded
    base: torch.Tensor
    floor: torch.Tensor | None
    z: np.ndarray
    mean: float
    std: float
    mass: float
    seen: np.ndarray

    def linear_floor(self) -> torch.Tensor:
        """``floor``, to be asked for where the decoder is known to be linear."""
        assert self.floor is not None, "only a linear decoder has scores of an empty code"
        return self.floor


class Coefficients(NamedTuple):
    """A turn of the dials, neuron by neuron. total: a; repelled, boosted: {neuron: what it counts}."""

    total: float
    repelled: dict[int, float]
    boosted: dict[int, float]


class Engine:
    """Scores under dials, for everybody who shares these models. Nothing is kept of anybody, only of neurons.

    Args:
        nested: the trained models.
        memory: bytes of neurons' and knobs' vectors to keep at most; the least recently used go first.
    """

    def __init__(self, nested: Nested, memory: int = MEMORY):
        self.nested = nested
        self.linear = nested.cfae.linear
        self._kept: OrderedDict[Key, torch.Tensor] = OrderedDict()
        self._lock, self._turn = threading.Lock(), threading.Lock()
        if self.linear:
            self.one = self._decode(torch.ones_like(nested.sae.b_dec)[None])[0]
            self.bias = self._decode(nested.sae.b_dec[None])[0]
            self._capacity = memory // self.one.nbytes

    @torch.inference_mode()
    def taste(self, history: sp.csr_matrix, also_seen: Sequence[int] = ()) -> Taste:
        """Encode one person, or a group as the mean of its members' embeddings brought to unit length.

        Args:
            history: (1, n_items) what they like; a row for each member of a group.
            also_seen: columns that are not to be ranked either.

        Raises:
            DataError: an empty history, for which there is nothing to encode.
        """
        if history.nnz == 0:
            raise DataError("at least one liked item", "none", "name a user with likes or give items")
        encoded = self.nested.encode(history)
        if history.shape[0] > 1:
            encoded = self.nested.encode_embedding(F.normalize(encoded.y, dim=1).mean(0, keepdim=True))
        code = encoded.code
        z = code.z[0].double().cpu().numpy()
        seen = np.union1d(history.indices, np.asarray(also_seen, history.indices.dtype))
        for array in (z, seen):
            array.flags.writeable = False
        floor = (code.mean * self.one + code.std * self.bias)[0] if self.linear else None
        base = self.nested.scores(encoded)[0]
        return Taste(encoded, base, floor, z, code.mean.item(), code.std.item(), float(z.sum()), seen)

    @torch.inference_mode()
    def neuron_vectors(self, neurons: Sequence[int]) -> torch.Tensor:
        """Scores (len(neurons), n_items) that one unit of each neuron adds; a copy, the caller's own.

        Raises:
            ConfigError: the decoder is not linear.
        """
        self.require_linear("a neuron's own scores")
        return torch.stack(self._vectors(neurons)) if len(neurons) else self.one.new_zeros(0, len(self.one))

    def _vectors(self, keys: Sequence[Key]) -> list[torch.Tensor]:
        """Scores (n_items,) that one unit of each neuron or recipe adds, from the cache where they are; not to be
        changed."""
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            # Outside the lock: two visitors may compute the same vector, but nobody waits for anybody.
            found.update(
                zip(missing, self._decode(torch.stack([self._direction(key) for key in missing])), strict=True)
            )
            with self._lock:
                for key in missing[: self._capacity]:
                    self._kept[key] = found[key].clone()  # a row alone; a view would keep its whole block alive
                while len(self._kept) > self._capacity:
                    self._kept.popitem(last=False)
        return [found[key] for key in keys]

    def _direction(self, key: Key) -> torch.Tensor:
        """The SAE's decoder row (d_embed,) of a neuron, or a recipe's sum of them."""
        w_dec = self.nested.sae.w_dec
        if isinstance(key, int):
            return w_dec[key]
        neurons, weights = zip(*key, strict=True)
        return w_dec.new_tensor(weights) @ w_dec[list(neurons)]

    def coefficients(self, taste: Taste, dials: Sequence[Dial]) -> Coefficients:
        """The turn as numbers on neuron vectors, for whoever blends them elsewhere. Zeros are left out."""
        turn, unit = turn_of(dials), taste.std * taste.mass
        repelled = {j: -unit * weight for j, weight in turn.repelled.items() if weight}
        boosted = {j: unit * weight for j, weight in turn.boosts.items() if weight}
        return Coefficients(turn.total, repelled, boosted)

    @torch.inference_mode()
    def scores(self, taste: Taste, dials: Sequence[Dial], operator: str = "blend") -> torch.Tensor:
        """Scores (n_items,) with the dials turned; with all at rest exactly those of the unmodified recommender.

        One sum of cached vectors, one for each dial that is turned.

        Args:
            operator: a name from OPERATORS; others than ``blend`` are steered and decoded.
        """
        turned = [dial for dial in dials if dial.amount]
        if not turned:
            return taste.base.clone()
        if not self.linear or operator != "blend":
            return self._plain(taste, turned, operator)
        scores = mix(taste.base, total_boost(turned), taste.linear_floor())
        vectors = self._vectors([_key(dial.recipe) for dial in turned])
        for vector, strength in zip(vectors, strengths(turned), strict=True):
            scores.add_(vector, alpha=taste.std * taste.mass * strength)
        return scores

    def recommend(
        self,
        taste: Taste,
        dials: Sequence[Dial] = (),
        n: int = 20,
        operator: str = "blend",
        reference: ReferenceRanking | None = None,
    ) -> Recommendation:
        """The list of n unseen items with the dials turned, beside the one it is compared with.

        Every list that anybody gets is made here: the app's, the command line's and that of ``Person.recommend``.

        Turns of a linear decoder come one after the other: each is a dozen steps of some microseconds, and between the
        steps of turns side by side Python would be handed around, which takes longer than they do. Decoders overlap.

        Args:
            operator: a name from OPERATORS.
            reference: what to compare with, by default the same person's list with all dials at rest.

        Raises:
            DataError: there is no item left that the person has not seen.
        """
        if len(taste.seen) == len(taste.base):
            raise DataError("an item that is not liked yet", "none", "give fewer items")
        reference = reference or ReferenceRanking(taste.base, taste.seen)
        with self._turn if self.linear else contextlib.nullcontext():
            return compare(reference, self.scores(taste, dials, operator), n)

    @torch.inference_mode()
    def scores_each(self, taste: Taste, dial_sets: Sequence[Sequence[Dial]]) -> torch.Tensor:
        """Scores (len(dial_sets), n_items) of one person for several settings of the dials at once."""
        turned = [[dial for dial in dials if dial.amount] for dials in dial_sets]
        if not self.linear:
            return torch.stack([self._plain(taste, dials) for dials in turned])
        scores = taste.base.repeat(len(turned), 1)
        moved = [row for row, dials in enumerate(turned) if dials]
        if moved:
            turns = [self.coefficients(taste, turned[row]) for row in moved]
            neurons = sorted({j for turn in turns for part in turn[1:] for j in part})
            place = {j: column for column, j in enumerate(neurons)}
            weights = np.zeros((len(turns), len(neurons)))
            for row, turn in zip(weights, turns, strict=True):
                for part in turn[1:]:
                    for j, value in part.items():
                        row[place[j]] += value
            total = taste.base.new_tensor([[turn.total] for turn in turns])
            mixed = torch.as_tensor(weights).to(taste.base) @ self.neuron_vectors(neurons)
            scores[moved] = mix(taste.base, total, taste.linear_floor()) + mixed
        return scores

    def require_linear(self, what: str) -> None:
        """Refuse, by a ConfigError, to compute what only a linear decoder has."""
        if not self.linear:
            raise ConfigError(
                f"a recommender with a linear decoder for {what}",
                f"{type(self.nested.cfae).__name__}, which has none",
                "train one with: knobs train --cfae elsa",
            )

    def _plain(self, taste: Taste, dials: Sequence[Dial], operator: str = "blend") -> torch.Tensor:
        return steered_scores(self.nested, taste.encoded, dials, operator)[0] if dials else taste.base

    @torch.inference_mode()
    def _decode(self, y: torch.Tensor) -> torch.Tensor:
        return self.nested.cfae.decode(y)


def _key(recipe: Mapping[int, float]) -> Key:
    return next(iter(recipe)) if len(recipe) == 1 else tuple(sorted(recipe.items()))
