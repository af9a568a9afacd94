"""The steering engine: for a linear decoder a turn of the dials is a blend of cached vectors, nothing is decoded again.

    scores = (1 - a) base + up a u_0 - down sum_k b_k u_k / d_k       of one hand, see ``turns.py``
    u_k    = A h_k / sigma_k,   d_k its depth,   base = A y           up, down: the reach; see ``spread.py``

This is ``steered_scores`` multiplied out, equal up to rounding, and with all dials at rest bit for bit. For a
decoder that is not linear the embedding is blended in the same way, and each hand's is decoded; any other operator
takes the plain path: steer the code, decode.
"""

import contextlib
import dataclasses
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np
import scipy.sparse as sp
import torch
from torch.nn import functional as F

from knobs_core.base import ConfigError, DataError
from knobs_core.data import single_items
from knobs_core.models import Encoded, Nested
from knobs_core.steering.dials import Dial
from knobs_core.steering.operators import SPREAD, recoded_embedding
from knobs_core.steering.recommend import Recommendation, ReferenceRanking, compare
from knobs_core.steering.spread import Reach, depths, directions, effects_of, mix, pulled, reach_of, sigmas, steps_of
from knobs_core.steering.turns import Dealt, Hand, deal, hands

MEMORY = 256 * 2**20  # bytes of vectors kept
PEOPLE = 4_096  # whose embeddings are held at once
Asked = TypeVar("Asked", int, Dial)


@dataclasses.dataclass(frozen=True)
class Taste:
    """One person as the engine needs them, computed once a history. Its tensors and arrays are read-only.

    encoded: embedding y (1, d_embed) and code; base: (n_items,) scores with all dials at rest
    reach: how far dials at 1 move the scores; z: (d_sae,) the code; mean, std: of the embedding
    seen: columns of the history, and others that are not to be ranked, ascending
    """

    encoded: Encoded
    base: torch.Tensor
    reach: Reach
    z: np.ndarray
    mean: float
    std: float
    seen: np.ndarray


class Engine:
    """Scores under dials, for everybody who shares these models. Nothing is kept of anybody, only of neurons and knobs.

    Args:
        nested: the trained models.
        memory: bytes of neurons' and knobs' vectors to keep at most; the least recently used go first.
    """

    def __init__(self, nested: Nested, memory: int = MEMORY):
        self.nested = nested
        self.linear = nested.cfae.linear
        self._kept: OrderedDict[Hashable, torch.Tensor] = OrderedDict()
        self._lock, self._turn = threading.Lock(), threading.Lock()
        if self.linear:
            self.one = self._decode(torch.ones_like(nested.sae.b_dec)[None])[0]
            self.bias = self._decode(nested.sae.b_dec[None])[0]
        self._capacity = memory // (self.one if self.linear else nested.sae.b_dec).nbytes

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
        likes = sp.csr_matrix(history.sum(0)) if history.shape[0] > 1 else history
        return self._taste(encoded, likes, np.union1d(history.indices, np.asarray(also_seen, history.indices.dtype)))

    @torch.inference_mode()
    def mean_taste(self, histories: sp.csr_matrix) -> Taste:
        """What many people have in common, for somebody of whom nothing is known: the mean of their embeddings brought
        to unit length, as a group has it, but nothing is seen and nothing liked.

        Args:
            histories: (n_users, n_items) what each likes.
        """
        total = torch.zeros(self.nested.cfae.d_embed, dtype=torch.float64)
        for start in range(0, histories.shape[0], PEOPLE):
            total += F.normalize(self.nested.embeddings(histories[start : start + PEOPLE]).double(), dim=1).sum(0)
        y = (total / histories.shape[0]).float().to(self.nested.device)[None]
        nobody = sp.csr_matrix(np.zeros((1, histories.shape[1]), np.float32))
        return self._taste(self.nested.encode_embedding(y), nobody, np.zeros(0, histories.indices.dtype))

    def _taste(self, encoded: Encoded, likes: sp.csr_matrix, seen: np.ndarray) -> Taste:
        code = encoded.code
        z = code.z[0].double().cpu().numpy()
        for array in (z, seen):
            array.flags.writeable = False
        base = self.nested.scores(encoded)
        up, down = reach_of(base, likes)
        return Taste(encoded, base[0], Reach(float(up), float(down)), z, code.mean.item(), code.std.item(), seen)

    @functools.cached_property
    def item_directions(self) -> torch.Tensor:
        """Embeddings (n_items, d_embed) of single items at unit length, made when they are first asked for."""
        alone = self.nested.embeddings(single_items(self.nested.cfae.n_items))
        return F.normalize(alone, dim=1).to(self.nested.device)

    @torch.inference_mode()
    def neuron_vectors(self, neurons: Sequence[int]) -> torch.Tensor:
        """Scores (len(neurons), n_items) that one unit of each neuron adds; a copy, the caller's own.

        Raises:
            ConfigError: the decoder is not linear.
        """
        self.require_linear("a neuron's own scores")
        found = self._vectors([("neuron", j) for j in neurons], neurons, self._of_neurons)
        return torch.stack(found) if found else self.one.new_zeros(0, len(self.one))

    @torch.inference_mode()
    def dial_vectors(self, dials: Sequence[Dial]) -> torch.Tensor:
        """u_k (len(dials), n_items): what each dial's direction does to scores, of standard deviation 1; a copy.

        Raises:
            ConfigError: the decoder is not linear.
        """
        self.require_linear("a dial's own scores")
        found = self._units(dials)
        return torch.stack(found) if found else self.one.new_zeros(0, len(self.one))

    @torch.inference_mode()
    def steps(self, dials: Sequence[Dial]) -> list[torch.Tensor]:
        """What each dial at 1 or at -1 does to the scores of somebody whose reach is 1, (n_items,): what ``pulled``
        takes; not to be changed.

        Raises:
            ConfigError: the decoder is not linear.
        """
        self.require_linear("a dial's own scores")
        return self._steps(dials)

    def _steps(self, dials: Sequence[Dial]) -> list[torch.Tensor]:
        """What each dial does at 1 or at -1, to embeddings (d_embed,) where the decoder is not linear."""
        keys = [_key(dial) if dial.amount > 0 else ("less", _key(dial)) for dial in dials]
        return self._vectors(keys, dials, self._of_steps)

    def _units(self, dials: Sequence[Dial]) -> list[torch.Tensor]:
        return self._vectors([_key(dial) for dial in dials], dials, self._of_dials)

    def _of_neurons(self, neurons: Sequence[int]) -> torch.Tensor:
        return self._decode(self.nested.sae.w_dec[list(neurons)])

    def _of_dials(self, dials: Sequence[Dial]) -> torch.Tensor:
        effects = self._decode(directions(self.nested, dials))
        return effects / sigmas(effects)

    def _of_steps(self, dials: Sequence[Dial]) -> torch.Tensor:
        towards = directions(self.nested, dials)
        effects = effects_of(self.nested.cfae, towards)
        return steps_of(dials, effects, effects if self.linear else towards)

    def _vectors(
        self, keys: Sequence[Hashable], asked: Sequence[Asked], make: Callable[[Sequence[Asked]], torch.Tensor]
    ) -> list[torch.Tensor]:
        """A vector for each of what is asked for, from the cache where they are; not to be changed."""
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        missing = {key: one for key, one in zip(keys, asked, strict=True) if key not in found}
        if missing:
            # Outside the lock: two visitors may compute the same vector, but nobody waits for anybody.
            found.update(zip(missing, make(list(missing.values())), strict=True))
            with self._lock:
                for key in list(missing)[: self._capacity]:
                    self._kept[key] = found[key].clone()  # a row alone; a view would keep its whole block alive
                while len(self._kept) > self._capacity:
                    self._kept.popitem(last=False)
        return [found[key] for key in keys]

    @torch.inference_mode()
    def hand_scores(
        self, taste: Taste, dials: Sequence[Dial], operator: str = SPREAD
    ) -> tuple[list[Hand], list[torch.Tensor]]:
        """The hands of a turn and the scores (n_items,) of each; with all at rest one, of the unmodified recommender.

        Args:
            operator: SPREAD, or a name from OPERATORS; these steer the code by all dials together, in one hand.
        """
        turned = [dial for dial in dials if dial.amount]
        if not turned:
            return hands([]), [taste.base.clone()]
        if operator != SPREAD:
            steered = recoded_embedding(self.nested, taste.encoded, turned, operator)
            return hands([]), [self._decode(steered)[0]]
        if self.linear:
            return pulled(taste.base, taste.reach, self._steps(turned), turned)
        held, found = pulled(taste.encoded.y, taste.reach, self._steps(turned), turned)
        return held, [self._decode(one)[0] for one in found]

    def dealt(self, taste: Taste, dials: Sequence[Dial], operator: str = SPREAD) -> tuple[Dealt, np.ndarray]:
        """How the turn ranks all items, and the score (n_items,) of each item in the hand that deals it."""
        held, found = self.hand_scores(taste, dials, operator)
        scores = torch.stack(found).cpu().numpy()
        ranked = deal(scores, [hand.pace for hand in held], taste.seen)
        return ranked, scores[ranked.hand, np.arange(scores.shape[1])]

    def recommend(
        self,
        taste: Taste,
        dials: Sequence[Dial] = (),
        n: int = 20,
        operator: str = SPREAD,
        reference: ReferenceRanking | None = None,
    ) -> Recommendation:
        """The list of n unseen items with the dials turned, beside the one it is compared with.

        Every list that anybody gets is made here: the app's, the command line's and that of ``Person.recommend``.

        Turns of a linear decoder come one after the other: each is a dozen steps of some microseconds, and between the
        steps of turns side by side Python would be handed around, which takes longer than they do. Decoders overlap.

        Args:
            operator: SPREAD, or a name from OPERATORS.
            reference: what to compare with, by default the same person's list with all dials at rest.

        Raises:
            DataError: there is no item left that the person has not seen, or a score is not a number.
        """
        if len(taste.seen) == len(taste.base):
            raise DataError("an item that is not liked yet", "none", "give fewer items")
        reference = reference or ReferenceRanking(taste.base, taste.seen)
        with self._turn if self.linear else contextlib.nullcontext():
            held, found = self.hand_scores(taste, dials, operator)
            scores = [one.cpu().numpy() for one in found]
            if not all(np.isfinite(one).all() for one in scores):
                raise DataError("a finite score for every item", "one that is not", "train the bundle anew")
            return compare(reference, [hand.pace for hand in held], scores, n)

    @torch.inference_mode()
    def scores_each(self, taste: Taste, dial_sets: Sequence[Sequence[Dial]]) -> torch.Tensor:
        """Scores (len(dial_sets), n_items) of one person for several settings of one hand's dials.

        Raises:
            ConfigError: the decoder is not linear.
        """
        self.require_linear("many settings at once")
        turned = [[dial for dial in dials if dial.amount] for dials in dial_sets]
        moved = [dial for dials in turned for dial in dials]
        place = {key: row for row, key in enumerate(dict.fromkeys(map(_key, moved)))}
        vectors = self.dial_vectors(list({_key(dial): dial for dial in moved}.values()))
        amounts = taste.base.new_tensor([dial.amount for dial in moved])
        rows = torch.as_tensor([place[_key(dial)] for dial in moved], dtype=torch.int64, device=amounts.device)
        down = taste.reach.down / depths(vectors)[rows, 0] if len(moved) else amounts
        added = F.embedding_bag(
            rows,
            vectors,
            torch.as_tensor(np.cumsum([0, *map(len, turned[:-1])]), device=amounts.device),
            mode="sum",
            per_sample_weights=amounts * torch.where(amounts > 0, taste.reach.up, down),
        )
        more = amounts.new_tensor([sum(dial.amount for dial in dials if dial.amount > 0) for dials in turned])
        return mix(taste.base, more[:, None]) + added

    def require_linear(self, what: str) -> None:
        """Refuse, by a ConfigError, to compute what only a linear decoder has."""
        if not self.linear:
            raise ConfigError(
                f"a recommender with a linear decoder for {what}",
                f"{type(self.nested.cfae).__name__}, which has none",
                "train one with: knobs train --cfae elsa",
            )

    @torch.inference_mode()
    def _decode(self, y: torch.Tensor) -> torch.Tensor:
        return self.nested.cfae.decode(y)


def _key(dial: Dial) -> Hashable:
    """What a dial's vector depends on."""
    return tuple(dial.recipe.items()), b"" if dial.rest is None else dial.rest.tobytes()
