"""Whether a knob finds titles that it was never told about: do they climb further than others as popular?

A knob is made from some titles of its tag, or named after them: it was *told* about them. It is turned to 0.3, the told
titles are taken out of every ranking, and the tag's other titles are looked for. With people u who have not seen i,

    L_i  = mean over u of log2(rank of i for u at rest / rank of i for u turned)      1 bit: half as far from the top
    bits = mean over titles looked for of  L_i - mean of L over items of the same 5% of popularity without the tag

A concept's titles are dealt into four folds; the recipe is made anew four times, each time without one of them. A
neuron's direction knows no tags, only its name does: it was told about those of its first 20 items that carry the tag.

**The titles, not the people, are the sample**, and luck is what the same procedure brings where nothing can be found:

    p = (1 + how many of m others climb as far) / (1 + m)

For a concept the others are *exchanged* tags of about the same size, whose items are exchanged for others as popular
and whose recipes are made anew. Tags that go together still do so then, thus what similar tags tell counts as luck. For
a neuron, which stays what it is, they are the other tags of about the same size. Which p are small enough among so many
is decided by Benjamini and Hochberg (1995): of those that pass, a tenth at most is expected to do so by luck.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.concepts import ConceptRecipe, permuted
from knobs_core.data import keep_entries, shuffled_places
from knobs_core.evaluation.testers import Testers
from knobs_core.steering import Dial

AMOUNT = 0.3
FOLDS = 4  # and at least as many titles looked for
BANDS = 20  # of popularity
EXCHANGED, NEAR = 360, 100  # exchanged tags, and how many of them, or of other tags, are of about the same size
BY_LUCK = 0.1  # of those that pass
BLOCK = 2**21  # scores held at once

RecipeMethod = Callable[[sp.csr_matrix], Sequence[ConceptRecipe]]


class Climb(NamedTuple):
    """How titles fare that a knob was not told about.

    n_titles: how many were looked for; bits: how much further they climb than others as popular, see the head
    rest, turned: median place over titles and people, from 1, at rest and with the knob at 0.3
    p: how often titles climb as far by luck
    """

    n_titles: int
    bits: float
    rest: float
    turned: float
    p: float


class Trial(NamedTuple):
    """A dial to be turned. told, wanted: columns of the tag's items that it was made from and that are looked for."""

    dial: Dial
    told: np.ndarray
    wanted: np.ndarray


class Found(NamedTuple):
    """What a trial brings. bits: (n_items,) how much further each item climbs than others as popular, NaN where that
    cannot be said; rest, turned: places of the titles looked for, one for each person who has not seen them."""

    bits: np.ndarray
    rest: np.ndarray
    turned: np.ndarray


class Study(NamedTuple):
    """What is asked of concepts, and of whom.

    tag_items: (n_tags, n_items) assignment counts; rows: the tags to look at
    method: makes recipes of all tags from assignment counts
    likes: (n_items,), popularity; seed: of the folds and of the exchange
    """

    testers: Testers
    tag_items: sp.csr_matrix
    rows: Sequence[int]
    method: RecipeMethod
    likes: np.ndarray
    seed: int


def concept_climbs(study: Study) -> list[Climb]:
    """Climbs of the concepts of some tags."""
    climbs, by_luck = _refolded(study), exchanged(study)
    return [_with_p(climb, by_luck) if climb.n_titles >= FOLDS else climb for climb in climbs]


def exchanged(study: Study) -> list[Climb]:
    """Climbs of 360 exchanged tags, as large as those that are looked at."""
    sizes, seed = study.tag_items.getnnz(axis=1), study.seed
    by_size = [row for row in sorted(study.rows, key=lambda row: sizes[row]) if sizes[row] >= FOLDS]
    found: list[Climb] = []
    while by_size and len(found) < EXCHANGED:
        seed += 1
        count = min(EXCHANGED - len(found), len(by_size))
        some = [by_size[place] for place in np.linspace(0, len(by_size) - 1, count).astype(int)]
        made_up = permuted(study.tag_items, study.likes, seed)
        found += _refolded(study._replace(tag_items=made_up, rows=some, seed=seed))
    return found


def neuron_climbs(
    testers: Testers, tag_items: sp.csr_matrix, rows: Sequence[int], dials: Sequence[Dial], first: np.ndarray,
    likes: np.ndarray,
) -> list[Climb]:  # fmt: skip
    """Climbs of named neurons.

    Args:
        tag_items: (n_tags, n_items) assignment counts; rows: the tag that each neuron is named after.
        dials: of the neurons; first: (n_neurons, n_items) bool, the items that named them.
    """
    carried = sp.csr_matrix(tag_items > 0)
    trials = []
    for row, dial, naming in zip(rows, dials, first, strict=True):
        columns = carried[[row]].indices
        trials.append(Trial(dial, columns[naming[columns]], columns[~naming[columns]]))
    climbs = []
    for row, naming, trial, one in zip(rows, first, trials, found(testers, trials, likes), strict=True):
        climb = _climb(len(trial.wanted), [one.bits[trial.wanted]], [one])
        if climb.n_titles >= FOLDS:
            known = ~np.isnan(one.bits) & ~naming
            sizes = carried @ known.astype(np.float64)
            sums = carried @ np.where(known, one.bits, 0).astype(np.float64)
            others = np.flatnonzero((sizes >= FOLDS) & (np.arange(len(sizes)) != row))
            climb = _with_p(climb, [Climb(int(sizes[t]), sums[t] / sizes[t], 0, 0, 1) for t in others])
        climbs.append(climb)
    return climbs


def passing(p: np.ndarray) -> np.ndarray:
    """Which of several p (m,) are small enough that a tenth of those at most is luck: Benjamini and Hochberg."""
    ordered = np.sort(p)
    fits = np.flatnonzero(ordered <= BY_LUCK * np.arange(1, len(p) + 1) / max(len(p), 1))
    return np.asarray(p) <= (ordered[fits[-1]] if len(fits) else -1)


def _with_p(climb: Climb, by_luck: Sequence[Climb]) -> Climb:
    """The climb with its p, from what comes about by luck."""
    away = np.abs(np.log([max(other.n_titles, 1) for other in by_luck]) - np.log(climb.n_titles))
    near = np.array([other.bits for other in by_luck])[np.argsort(away, kind="stable")[:NEAR]]
    return climb._replace(p=float((1 + (near >= climb.bits).sum()) / (1 + len(near))))


def _climb(n_titles: int, bits: Sequence[np.ndarray], found: Sequence[Found]) -> Climb:
    """Several trials of a knob as one, p left open; of no meaning where no title can be compared."""
    known = np.concatenate([np.zeros(0), *bits])
    known = known[~np.isnan(known)]
    if not len(known):
        return Climb(min(n_titles, FOLDS - 1), 0.0, 0.0, 0.0, 1.0)
    rest = float(np.median(np.concatenate([one.rest for one in found])))
    turned = float(np.median(np.concatenate([one.turned for one in found])))
    return Climb(n_titles, float(known.mean()), rest, turned, 1.0)


def _refolded(study: Study) -> list[Climb]:
    """Climbs of tags whose recipes are made anew without each fold; those with fewer titles than folds are not
    tried."""
    testers, tag_items, rows, method, likes, seed = study
    folds, sizes = folds_of(tag_items, seed), tag_items.getnnz(axis=1)
    trials, owners = [], []
    for fold in range(FOLDS if any(sizes[row] >= FOLDS for row in rows) else 0):
        recipes = method(keep_entries(tag_items, folds != fold))
        for owner, row in enumerate(rows):
            if sizes[row] >= FOLDS and recipes[row].recipe:
                part = slice(*tag_items.indptr[row : row + 2])
                columns, is_out = tag_items.indices[part], folds[part] == fold
                trials.append(Trial(recipes[row].dial(1.0), columns[~is_out], columns[is_out]))
                owners.append(owner)
    brought: list[list[Found]] = [[] for _ in rows]
    bits: list[list[np.ndarray]] = [[] for _ in rows]
    for owner, trial, one in zip(owners, trials, found(testers, trials, likes), strict=True):
        bits[owner].append(one.bits[trial.wanted])
        brought[owner].append(one._replace(bits=np.zeros(0)))
    return [_climb(int(sizes[row]), b, f) for row, b, f in zip(rows, bits, brought, strict=True)]


def folds_of(tag_items: sp.csr_matrix, seed: int) -> np.ndarray:
    """The fold (nnz,) of each stored pair, dealt out at random within each tag, a row."""
    return shuffled_places(tag_items, np.random.default_rng(seed)) % FOLDS


def bands_of(likes: np.ndarray) -> np.ndarray:
    """Which 5% of popularity each item (n_items,) belongs to, from 0."""
    bands = np.empty(len(likes), np.int64)
    bands[np.argsort(likes, kind="stable")] = np.arange(len(likes)) * BANDS // len(likes)
    return bands


@torch.inference_mode()
def found(testers: Testers, trials: Sequence[Trial], likes: np.ndarray) -> Iterator[Found]:
    """What each trial brings, in their order. likes: (n_items,)."""
    n_items, bands = len(likes), bands_of(likes)
    in_band = np.eye(BANDS, dtype=np.float32)[bands]
    unseen = torch.as_tensor(~testers.seen)
    asked = unseen.sum(0)
    known = asked.numpy() > 0
    rest = torch.as_tensor(testers.whole)
    size = max(1, BLOCK // (testers.n_people * n_items))
    for start in range(0, len(trials), size):
        part = trials[start : start + size]
        left = torch.ones(len(part), 1, n_items, dtype=torch.bool)
        for row, trial in enumerate(part):
            left[row, 0, trial.told] = False
        scores = testers.scores([trial.dial for trial in part], AMOUNT).cpu()
        turned = torch.as_tensor(np.argsort(-scores.numpy(), axis=2))
        before, after = (_ranks(order, left) for order in (rest.expand(turned.shape), turned))
        rises = (before.float().log2_() - after.float().log2_()).mul_(unseen).sum(1) / asked
        for row, (trial, rise) in enumerate(zip(part, rises.numpy(), strict=True)):
            others = known.copy()
            others[trial.told] = others[trial.wanted] = False
            counts = others @ in_band
            means = np.where(others, rise, 0) @ in_band / np.where(counts, counts, np.nan)
            who = ~testers.seen[:, trial.wanted]
            places = (ranks[row].numpy()[:, trial.wanted][who] for ranks in (before, after))
            yield Found(rise - means[bands], *places)


def _ranks(order: torch.Tensor, left: torch.Tensor) -> torch.Tensor:
    """Ranks (B, U, n_items) of items in rankings (B, U, n_items), from 1 and counting those left (B, 1, n_items)."""
    counted = left.expand(order.shape).gather(2, order).cumsum(2, dtype=torch.int32)
    return torch.empty_like(counted).scatter_(2, order, counted)
