"""People who try out knobs: encoded once, steered by ``steering/spread.py``, and never looped over.

For each knob k, person u and amount a > 0 the embedding is

    y' = (1 - a) y + a up_u h_k / sigma_k        up_u how far dials move u upwards

and nothing is encoded again; a linear recommender decodes y and h_k once and blends the scores.
"""

from collections.abc import Sequence

import numpy as np
import torch

from knobs_core.base import top_k
from knobs_core.data import HeldOut
from knobs_core.models import Nested
from knobs_core.steering import Dial, directions, effects_of, raised, reach_of, sigmas


class Testers:
    """People whom the models have not learned from, at most ``size`` of them, and the lists that knobs give them.

    n_people: how many there are; seen: (U, n_items) bool, what they are encoded by, which no list of theirs has
    targets: (U, n_items) bool, their hidden likes
    whole: (U, n_items) all items as they stand at rest, best first, what was seen at the end
    """

    def __init__(self, nested: Nested, people: HeldOut, size: int, seed: int):
        chosen = np.sort(np.random.default_rng(seed).permutation(len(people.users))[:size])
        self.n_people, self._nested = len(chosen), nested
        inputs, self.targets = people.inputs[chosen], people.targets[chosen].toarray() > 0
        self.seen = inputs.toarray() > 0
        encoded = nested.encode(inputs)
        scores = nested.scores(encoded)
        self._up = reach_of(scores, inputs).up
        self._out = torch.as_tensor(self.seen, device=nested.device)
        scores = scores.masked_fill(self._out, -torch.inf)  # what is -inf at rest stays so in every blend
        self._own = scores if nested.cfae.linear else encoded.y
        self.whole = np.argsort(-scores.cpu().numpy(), axis=1, kind="stable")
        self._rest = np.where(np.take_along_axis(self.seen, self.whole, 1), -1, self.whole)

    def scores(self, dials: Sequence[Dial], amount: float) -> torch.Tensor:
        """Scores (len(dials), U, n_items) with each dial alone turned up to an amount, -inf for what was seen."""
        towards = directions(self._nested, dials)
        effects = effects_of(self._nested.cfae, towards)
        units = (effects if self._nested.cfae.linear else towards) / sigmas(effects)
        scores = raised(self._own, self._up, units[:, None], amount)
        if not self._nested.cfae.linear:
            scores = self._nested.cfae.decode(scores.flatten(0, 1)).unflatten(0, scores.shape[:2])
            scores.masked_fill_(self._out, -torch.inf)
        return scores

    def top(self, dials: Sequence[Dial], amount: float, depth: int) -> np.ndarray:
        """Items (len(dials), U, depth) of the longest lists asked for, best first, -1 where none is left."""
        if not amount:
            return np.broadcast_to(self._rest[:, :depth], (len(dials), *self._rest[:, :depth].shape))
        scores = self.scores(dials, amount)
        return top_k(scores.flatten(0, 1), None, depth).reshape(*scores.shape[:2], -1)
