"""Lists of many readers under one setting of the dials: scores, the first of each hand, dealing, pins and quotas.

The steps are those of ``lists.list_for``. Scores are worked out for a block of readers at a time, so that they fit into
the processor's cache.
"""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.audience.quotas import Bits, arrange, bits_of, first_rows
from knobs_core.base import first_each
from knobs_core.bundles import Bundle
from knobs_core.lists import Rules
from knobs_core.steering import Dial, Reach, Taste, deal_each, hands, pulled, steered_scores

SCORES = 2**18  # scores held at once
SPARE = 2  # times the length of a list that is ranked at first where there are quotas
DEEPER = 4  # times as much for those who need more


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


@dataclasses.dataclass(frozen=True, eq=False)
class Setting:
    """The rules of a recipe in front of a bundle, but for its dials.

    rules: they; left_out: columns, ascending; pins: {place: column} in the order of places; quotas: as bits
    """

    rules: Rules
    left_out: np.ndarray
    pins: dict[int, int]
    quotas: list[Bits]

    @classmethod
    def of(cls, rules: Rules) -> "Setting":
        """Some rules, made ready."""
        return cls(rules, np.array(rules.left_out, np.int64), dict(sorted(rules.pins.items())), bits_of(rules))

    @property
    def length(self) -> int:
        """Rows of a list."""
        return self.rules.recipe.length

    def placed(self, seen: sp.csr_matrix) -> np.ndarray:
        """Which pins (R, n_pins), in their order, stand in the lists of readers who know some items (R, n_items)."""
        columns = np.array([*self.pins.values()], np.int64)
        return ~np.isin(columns, self.left_out) & (seen[:, columns].toarray() == 0)

    def available(self, seen: sp.csr_matrix) -> np.ndarray:
        """How many items (R,) may be in each reader's list."""
        inside = np.ones(seen.shape[1], np.float32)
        inside[self.left_out] = 0
        return np.asarray(inside.sum() - (seen > 0) @ inside).astype(np.int64)


def listed(crowd: Crowd, places: np.ndarray, dials: Sequence[Dial], setting: Setting) -> tuple[np.ndarray, np.ndarray]:
    """The lists of some readers with some dials turned.

    Returns:
        items (len(places), length), -1 behind the last row, and what put each there: -1 nothing, 0 a pin, 1 + h the
        h-th hand, 1 + n_hands + h the same by a quota.
    """
    seen, n, n_hands = crowd.seen[places], setting.length, len(hands(dials))
    placed, available = setting.placed(seen), setting.available(seen)
    wanted, columns = n - placed.sum(1), np.array([*setting.pins.values()], np.int64)
    items, codes = np.full((2, len(places), n), -1)
    rest, depth = np.arange(len(places)), n * (SPARE if setting.quotas else 1)
    while len(rest):
        depth = min(depth, crowd.seen.shape[1])
        ranking, dealers = crowd.ranked(places[rest], dials, depth, setting.left_out)
        free = ranking >= 0
        complete = free.sum(1) >= available[rest]
        for pin, column in enumerate(columns):
            free &= (ranking != column) | ~placed[rest, pin, None]
        if setting.quotas:
            found = arrange(ranking, dealers, free, wanted[rest], n, complete, setting.quotas)
        else:
            found = first_rows(ranking, dealers, free, wanted[rest], n)
        done = ~found.open
        items[rest[done]] = found.items[done]
        codes[rest[done]] = np.where(found.items >= 0, 1 + found.dealers + n_hands * found.passed, -1)[done]
        rest, depth = rest[found.open], depth * DEEPER
    return _pinned(items, codes, setting, placed)


def _pinned(
    items: np.ndarray, codes: np.ndarray, setting: Setting, placed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Lists with their pins: one after the other, at its place or behind the last row."""
    row = np.arange(setting.length)
    for pin, (place, column) in enumerate(setting.pins.items()):
        at = np.where(placed[:, pin], np.minimum(place - 1, (items >= 0).sum(1)), setting.length)[:, None]
        before = np.where(row <= at, row, row - 1)
        items, codes = (np.take_along_axis(one, before, 1) for one in (items, codes))
        items[row == at], codes[row == at] = column, 0
    return items, codes


def _together(places: np.ndarray) -> slice | np.ndarray:
    """Places as a slice where they lie side by side, so that nothing is copied."""
    whole = len(places) and places[-1] - places[0] + 1 == len(places)
    return slice(int(places[0]), int(places[-1]) + 1) if whole else places
