"""The audience: what is worked out once of a sample of readers, so that all their lists can be made while a hand moves.

For a linear decoder the scores of all readers at rest are one matrix, and every hand of a turn is a blend of it
(``steering/spread.py: pulled``); other decoders decode the readers' steered embeddings. Its rows are those of
``Engine.taste`` for each reader alone, bit for bit, so that with a linear decoder each list is the one that
``lists.list_for`` makes.

A second matrix belongs to the same readers when some of their likes are hidden: a fifth, drawn by the seed, of
newcomers all but the three that are known. What is recommended from the rest is measured against the hidden ones.
"""

import dataclasses
from functools import cached_property, lru_cache

import numpy as np
import scipy.sparse as sp

from knobs_core.audience.listing import Crowd, listed
from knobs_core.audience.readers import Readers, draw, most_readers
from knobs_core.bundles import Bundle
from knobs_core.data import keep_entries, shuffled_places
from knobs_core.evaluation import ndcg_at_k, popularity_percentiles
from knobs_core.lists import (
    LONGEST,
    OWN,
    PINNED,
    HouseRules,
    ListRecipe,
    Pin,
    Pool,
    Quota,
    Rules,
    Setting,
    arm_of,
)
from knobs_core.steering import Dial, hands

HIDDEN_PARTS = 5  # one like in five is hidden, rounded up
SETTINGS = 64  # rules of recipes kept, the least recently used go first


@dataclasses.dataclass(frozen=True, eq=False)
class Lists:
    """The lists of an audience under one recipe.

    items: (R, n) columns, -1 behind the last row of a list; reasons: (R, n) what put each there, as a place in ``why``
    why: the reasons in words, as ``lists.Row`` has them
    recipe, house: that they follow
    """

    items: np.ndarray
    reasons: np.ndarray
    why: tuple[str, ...]
    recipe: ListRecipe
    house: HouseRules
    _audience: "Audience" = dataclasses.field(repr=False)

    def row(self, reader: int) -> list[tuple[int, str]]:
        """One reader's list: (column, reason) of each row."""
        there = self.items[reader] >= 0
        return [
            (item, self.why[reason])
            for item, reason in zip(
                self.items[reader][there].tolist(), self.reasons[reader][there].tolist(), strict=True
            )
        ]

    def exposure(self, places: np.ndarray) -> np.ndarray:
        """Share (n_items,) of some readers, by their places in the sample, whose list has each item."""
        listed = self.items[places].ravel()
        found = np.bincount(listed[listed >= 0], minlength=self._audience.bundle.interactions.n_items)
        return found / max(len(places), 1)

    @cached_property
    def inside(self) -> np.ndarray:
        """(R, n_items) bool, which items are in each list."""
        found = np.zeros((len(self.items), self._audience.bundle.interactions.n_items + 1), bool)
        np.put_along_axis(found, self.items, True, 1)  # -1 is the last column, which is dropped
        return found[:, :-1]

    @cached_property
    def sizes(self) -> np.ndarray:
        """(R,) rows of each list."""
        return np.count_nonzero(self.items >= 0, axis=1)

    @cached_property
    def own(self) -> np.ndarray:
        """(R,) share of each reader's own taste that the list meets; see ``steering/own.py``."""
        return self._audience.own(self.items)

    @cached_property
    def popularity(self) -> np.ndarray:
        """(2, R) mean share of all users who like a listed item, and its mean percentile; NaN of an empty list."""
        table = np.pad(self._audience.popularity, ((0, 0), (0, 1)))
        return table[:, self.items].sum(2) / np.where(self.sizes, self.sizes, np.nan)

    @cached_property
    def accuracy(self) -> np.ndarray:
        """nDCG (R,) of the lists that the same recipe makes with some likes hidden, against these; NaN for a reader of
        whose likes none can be hidden. Readers whom the models were trained on are flattered: their hidden likes were
        learned from. ``Readers.tested`` says who was not."""
        return self._audience.accuracy(self.recipe, self.house)


class Audience:
    """A sample of readers in front of a bundle. Shared by everybody, it keeps nothing of a visitor.

    Args:
        bundle: whose readers they are; readers: drawn from it, see ``draw``.
    """

    def __init__(self, bundle: Bundle, readers: Readers):
        self.bundle, self.readers = bundle, readers
        self.crowd = Crowd.of(bundle, readers.known)
        left, self.hidden = _hidden(bundle, readers)
        self._left = Crowd.of(bundle, left)
        self._mean, self._best = _worth(self.crowd)
        likes = bundle.interactions.matrix.getnnz(axis=0)
        self.popularity = np.stack([likes / bundle.interactions.n_users, popularity_percentiles(likes)])
        self._setting = lru_cache(maxsize=SETTINGS)(self._made)

    def within(self, seconds: float) -> "Audience":
        """This audience, or one of as many readers as a frame of so many seconds has room for."""
        size = most_readers(self.bundle.interactions.n_items, seconds, self.bundle.nested.cfae.linear)
        if size >= self.readers.n:
            return self
        return Audience(self.bundle, draw(self.bundle, self.readers.asked, self.readers.seed, seconds))

    def lists(self, recipe: ListRecipe, house: HouseRules | None = None) -> Lists:
        """Every reader's list under a recipe: what ``lists.list_for`` makes for each.

        Raises:
            UnknownNameError: a knob, item or tag of the recipe that the bundle does not have.
        """
        house = house or HouseRules()
        items, reasons, why = self._lists(self.crowd, recipe, house)
        return Lists(items, reasons, why, recipe, house, self)

    def own(self, items: np.ndarray) -> np.ndarray:
        """Share (R,) of each reader's own taste that lists (R, n), -1 behind the last row, meet."""
        there = items >= 0
        scores = np.take_along_axis(self.crowd.base.numpy(), np.maximum(items, 0), 1).astype(float)
        met = np.where(there, scores - self._mean[:, None], 0).sum(1)
        best = np.take_along_axis(self._best, there.sum(1)[:, None], 1)[:, 0]
        return np.where(best > 0, np.clip(met / np.where(best > 0, best, 1), 0, 1), 1.0)

    def accuracy(self, recipe: ListRecipe, house: HouseRules) -> np.ndarray:
        """See ``Lists.accuracy``."""
        return ndcg_at_k(self._lists(self._left, recipe, house)[0], self.hidden)

    def setting(self, recipe: ListRecipe, house: HouseRules | None = None) -> Setting:
        """The rules of a recipe in front of the bundle, whatever its dials are.

        Raises:
            UnknownNameError: an item or tag of the recipe that the bundle does not have.
        """
        return self._setting(house or HouseRules(), recipe.length, recipe.pool, recipe.bans, recipe.quotas, recipe.pins)

    def dials(self, recipe: ListRecipe, setting: Setting) -> list[tuple[np.ndarray, list[Dial]]]:
        """Which readers (places, ascending) get which dials: the recipe's own first, then those of each arm."""
        ids = self.bundle.interactions.user_ids[self.readers.rows]
        arms = [arm_of(recipe, reader) for reader in ids] if recipe.arms else [None] * len(ids)
        return [
            (
                np.flatnonzero([one is arm for one in arms]),
                setting.rules.dials(recipe.dials if arm is None else arm.dials),
            )
            for arm in (None, *recipe.arms)
        ]

    def _made(
        self,
        house: HouseRules,
        length: int,
        pool: Pool,
        bans: tuple[str, ...],
        quotas: tuple[Quota, ...],
        pins: tuple[Pin, ...],
    ) -> Setting:
        plain = ListRecipe(slug="audience", length=length, pool=pool, bans=bans, quotas=quotas, pins=pins)
        return Setting.of(Rules(self.bundle, plain, house))

    def _lists(
        self, crowd: Crowd, recipe: ListRecipe, house: HouseRules
    ) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
        setting, why = self.setting(recipe, house), {PINNED: 0}
        items, reasons = np.full((2, len(self.readers.rows), recipe.length), -1)
        for places, dials in self.dials(recipe, setting):
            names = [hand.more.name for hand in hands(dials) if hand.more] or [OWN]
            code = np.array([*(why.setdefault(text, len(why)) for text in setting.rules.reasons(names)), -1])
            if len(places):
                turned = [dial for dial in dials if dial.amount]
                items[places], found = listed(crowd, places, turned, setting)
                reasons[places] = code[found]
        return items, reasons, tuple(why)


def _worth(crowd: Crowd) -> tuple[np.ndarray, np.ndarray]:
    """Each reader's mean score (R,) at rest over what they have not seen, and what their best n unseen items are worth
    beyond it, (R, 1 + LONGEST) for n from 0."""
    mean, best = np.zeros(crowd.seen.shape[0]), np.zeros((crowd.seen.shape[0], 1 + LONGEST))
    for row, scores in enumerate(crowd.base.numpy()):
        free = np.delete(scores, crowd.seen[row].indices).astype(float)
        mean[row] = free.mean() if len(free) else 0.0
        top = np.sort(np.partition(free, -min(LONGEST, len(free)))[-LONGEST:] if len(free) else free)[::-1]
        best[row, 1 : 1 + len(top)] = np.cumsum(top - mean[row])
        best[row, 1 + len(top) :] = best[row, len(top)]
    return mean, best


def _hidden(bundle: Bundle, readers: Readers) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """The likes (R, n_items) that stay known when some are hidden, and the hidden ones."""
    known, n = readers.known, readers.n
    counts = np.diff(known.indptr)
    few = np.where(counts > 1, -(-counts // HIDDEN_PARTS), 0)
    few[n:] = 0  # of newcomers it is the likes that were not known anyway
    hidden = shuffled_places(known, np.random.default_rng(readers.seed)) < np.repeat(few, counts)
    rest = bundle.interactions.matrix[readers.rows[n:]] - known[n:]
    rest.eliminate_zeros()
    targets = sp.vstack([keep_entries(known, hidden)[:n], rest], format="csr")
    return keep_entries(known, ~hidden), targets
