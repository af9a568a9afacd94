"""Lists of many readers under one setting of the dials: scores, the first of each hand, dealing, and the rules.

The steps are those of ``lists.list_for``. Scores are worked out for a block of readers at a time, so that they fit into
the processor's cache.
"""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import first_each
from knobs_core.bundles import Bundle
from knobs_core.lists import Setting
from knobs_core.steering import Dial, Reach, Taste, deal_each, hands, pulled, steered_scores

SCORES = 2**18  # scores held at once
DEEPER = 4  # times as much of a ranking for those who need more


@dataclasses.dataclass(frozen=True, eq=False)
class Crowd:
    """Readers as the engine needs them; of each the same as ``Engine.taste`` of the reader alone.

    bundle: whose engine that is; seen: (R, n_items) CSR, their likes
    y: (R, d_embed) embeddings; base: (R, n_items) scores at rest
    up, down: (R, 1) how far dials at 1 move each, of double precision, see ``Reach``
    """

    bundle: Bundle
    seen: sp.csr_matrix
    y: torch.Tensor
    base: torch.Tensor
    up: torch.Tensor
    down: torch.Tensor
    _tastes: list[Taste] = dataclasses.field(repr=False)

    @classmethod
    def of(cls, bundle: Bundle, seen: sp.csr_matrix) -> "Crowd":
        """The readers with some likes, none of whom has none."""
        engine, n_readers = bundle.engine, seen.shape[0]
        y, base = (torch.empty(n_readers, size) for size in (bundle.nested.cfae.d_embed, bundle.interactions.n_items))
        reach, tastes = np.empty((2, n_readers, 1)), []
        for row in range(n_readers):
            taste = engine.taste(seen[row])
            y[row], base[row], reach[:, row, 0] = taste.encoded.y[0].cpu(), taste.base.cpu(), taste.reach
            tastes.append(dataclasses.replace(taste, base=base[row]) if engine.linear else taste)
        return cls(bundle, seen, y, base, torch.as_tensor(reach[0]), torch.as_tensor(reach[1]), tastes)

    def taste(self, reader: int, left_out: np.ndarray) -> Taste:
        """One reader alone, who is recommended none of some items either. left_out: their columns."""
        taste = self._tastes[reader]
        return dataclasses.replace(taste, seen=np.union1d(taste.seen, left_out))

    def scores(self, places: np.ndarray, dials: Sequence[Dial]) -> Iterator[tuple[slice, list[np.ndarray]]]:
        """For a block of the readers after the other, as a slice of ``places``, the scores (B, n_items) of each hand of
        some turned dials; the caller's own."""
        nested, linear = self.bundle.nested, self.bundle.nested.cfae.linear
        steps = [step.cpu() for step in self.bundle.engine.steps(dials)] if linear else []
        size = max(1, SCORES // self.base.shape[1])
        for block in (slice(start, start + size) for start in range(0, len(places), size)):
            at = _together(places[block])
            own, reach = self.base[at], Reach(self.up[at], self.down[at])
            if not dials:
                yield block, [own.numpy().copy()]
            elif linear:
                yield block, [one.numpy() for one in pulled(own, reach, steps, dials)[1]]
            else:
                reach = Reach(self.up[at].to(nested.device), self.down[at].to(nested.device))
                _, found = steered_scores(nested, self.y[at].to(nested.device), reach, dials)
                yield block, list(found.cpu().numpy())

    def ranked(
        self, places: np.ndarray, dials: Sequence[Dial], n: int, left_out: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The first n items (len(places), n) that the dials deal to readers, -1 behind the last one, and which hand
        deals each. left_out: columns of the items that are in nobody's list."""
        held, found = hands(dials), []
        for block, scores in self.scores(places, dials):
            seen = self.seen[places[block]]
            rows = np.repeat(np.arange(seen.shape[0]), np.diff(seen.indptr))
            for one in scores:
                one[rows, seen.indices] = -np.inf
                one[:, left_out] = -np.inf
            found.append(np.stack([first_each(one, n) for one in scores]))
        return deal_each(np.concatenate(found, axis=1), [hand.pace for hand in held], n)


def listed(crowd: Crowd, places: np.ndarray, dials: Sequence[Dial], setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """The lists of some readers with some dials turned: items and codes (len(places), length), see ``lists.Listed``."""
    seen, n_hands = crowd.seen[places], len(hands(dials))
    items, codes = np.full((2, len(places), setting.length), -1)
    rest, depth = np.arange(len(places)), setting.depth
    while len(rest):
        depth = min(depth, crowd.seen.shape[1])
        ranking, dealers = crowd.ranked(places[rest], dials, depth, setting.left_out)
        found = setting.arrange(ranking, dealers, seen[rest], n_hands)
        done = ~found.open
        items[rest[done]], codes[rest[done]] = found.items[done], found.codes[done]
        rest, depth = rest[found.open], depth * DEEPER
    return items, codes


def _together(places: np.ndarray) -> slice | np.ndarray:
    """Places as a slice where they lie side by side, so that nothing is copied."""
    whole = len(places) and places[-1] - places[0] + 1 == len(places)
    return slice(int(places[0]), int(places[-1]) + 1) if whole else places
