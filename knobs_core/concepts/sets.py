"""Sets: what activates a neuron together and not alone, two to four titles at a time.

    fires(S) = neurons active for the history S          new(S) = fires(S) without fires(T) of every proper part T of S

    p_ab - c = (s_a (p_a - c) + s_b (p_b - c)) / s_ab      p_S = x_S . w_j + b_j a pre-activation, s_S = std(y_S)
                                                           c = b_j - b_dec . w_j what it is for x = 0

The second line holds where the encoder is linear, as y_ab is then y_a + y_b up to its length: the p of a pair is the
mean of both, scaled by (s_a + s_b) / s_ab, which is at least 1 and the larger the less alike the two are. So a neuron
fires for a pair and for neither alone where both stand just short of it, and are unlike or have other favourites: what
only one of them stands for falls behind what both do a little of, and only the first k neurons fire.

All pairs of all titles are too many. What is tried, and hence all that is seen:

    frequent   the 2^15 pairs that most people like together, among the 2,048 most liked titles
    near       for every neuron the pairs of the 11 titles whose part in it, (y_i - mean y_i) . w_j, is the largest of
               those that do not fire it (fewer titles where there are more than 595 neurons: 2^15 pairs in all)
    histories  for the 1,024 strongest activations in real histories which no like fires alone, the 8 likes whose part
               is the largest: all pairs of them, where none fires all triples, then all fours; the strongest counts

The smallest sets of histories are minimal: every part of them was tried before and does not fire. Pairs are of titles
with at least five likes. Where there are more than 10,000 people, so many are drawn.

Is it luck? **Frequent** pairs stand beside **blind** ones, the same titles with the second ones exchanged among the
pairs, so that both are as popular and each title is as often there: what is more than that is due to who goes with
whom. Activations that **need two** titles, as no like fires them alone, stand beside those of the same people with
titles exchanged for others as popular (``heldout.permuted``).
"""

import itertools
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.base import ProgressCallback, Stage, silent
from knobs_core.concepts.heldout import permuted
from knobs_core.concepts.labels import MIN_LIKES
from knobs_core.data import single_items
from knobs_core.models import Nested

PAIRS, TITLES, NEAR, ACTIVATIONS, LIKES, PEOPLE = 2**15, 2048, 11, 1024, 8, 10_000
SIZES = (2, 3, 4)
PART = 2048  # histories encoded, or neurons looked at, at once


class Rates(NamedTuple):
    """How often something happens to each neuron. found: (d_sae,) cases; of: (d_sae,) how many there could be."""

    found: np.ndarray
    of: np.ndarray

    @property
    def each(self) -> np.ndarray:
        """The share of every neuron, (d_sae,); 0 where there could be none."""
        return self.found / np.maximum(self.of, 1)

    @property
    def overall(self) -> float:
        """The share of all neurons taken together."""
        return float(self.found.sum() / max(self.of.sum(), 1))


class Sets(NamedTuple):
    """What fires neurons together and not alone.

    items: (n_sets, n_items) of ones, each set once; people: (n_sets,) how many like all of it
    new: (n_sets, d_sae) how strongly each neuron fires that no part of the set fires, else 0
    frequent, blind: of frequent and of blind pairs, for how many a neuron is new
    needs, needs_blind: of people for whom a neuron is active, how many need two titles; the same, titles exchanged
    sizes: {2, 3, 4: how many activations that need two have a smallest set of so many; 0: how many have none}
    n_people: whose histories were looked at
    """

    items: sp.csr_matrix
    people: np.ndarray
    new: sp.csr_matrix
    frequent: Rates
    blind: Rates
    needs: Rates
    needs_blind: Rates
    sizes: dict[int, int]
    n_people: int


def find_sets(nested: Nested, likes: sp.csr_matrix, seed: int = 0, listen: ProgressCallback = silent) -> Sets:
    """The sets that fire the neurons of a model, among those that are tried; see above.

    Args:
        likes: (n_users, n_items).
        seed: of the people drawn and of both exchanges.
    """
    rng = np.random.default_rng(seed)
    if likes.shape[0] > PEOPLE:
        likes = likes[np.sort(rng.choice(likes.shape[0], PEOPLE, replace=False))]
    likes = sp.csr_matrix(likes > 0, dtype=np.float32)
    popularity = np.asarray(likes.sum(0)).ravel()
    known = np.flatnonzero(popularity >= MIN_LIKES)
    titles = _Titles(nested, likes.shape[1])
    lone, needs = _needing(titles, likes)
    _, needs_blind = _needing(titles, permuted(likes, popularity, seed))
    smallest, sizes = _smallest(titles, likes, lone, Stage("Sets in histories", listen))
    frequent = _frequent(likes, known[np.argsort(-popularity[known], kind="stable")[:TITLES]])
    blind = np.stack([frequent[:, 0], rng.permutation(frequent[:, 1])], 1)
    blind = blind[blind[:, 0] != blind[:, 1]]
    twos = [one for one in smallest if len(one) == 2]
    pairs = np.concatenate([frequent, _near(titles, known), np.array(twos, np.int64).reshape(-1, 2)])
    new = _new(titles, np.concatenate([pairs, blind]), Stage("Pairs", listen))
    once, first = np.unique(pairs, axis=0, return_index=True)
    larger = {one: fired for one, fired in smallest.items() if len(one) > 2}
    items = sp.vstack([titles.histories(part) for part in (once, *(np.array([one]) for one in larger))], format="csr")
    fired = [sp.csr_matrix(([*one.values()], [*one], [0, len(one)]), (1, new.shape[1])) for one in larger.values()]
    return Sets(
        items=items,
        people=_people(likes, items),
        new=sp.vstack([new[first], *fired], format="csr"),
        frequent=_rates(new[: len(frequent)]),
        blind=_rates(new[len(pairs) :]),
        needs=needs,
        needs_blind=needs_blind,
        sizes=sizes,
        n_people=likes.shape[0],
    )


class _Titles:
    """All titles of a model, each alone. fires: (n_items, d_sae) ones where a title fires a neuron."""

    def __init__(self, nested: Nested, n_items: int):
        self.nested, singles = nested, single_items(n_items)
        self.fires = sp.csr_matrix(nested.codes(singles) > 0, dtype=np.float32)
        y = nested.embeddings(singles)
        self._centred, self._w = (y - y.mean(1, keepdim=True)).numpy(), nested.sae.w_enc.cpu().numpy()

    def closest(self, among: np.ndarray, neuron: int, n: int) -> np.ndarray:
        """The n of some columns, ascending, whose part in a neuron is the largest: (y_i - mean y_i) . w_j."""
        part = self._centred @ self._w[:, neuron]
        return np.sort(among[np.argsort(-part[among], kind="stable")[:n]])

    def histories(self, sets: np.ndarray) -> sp.csr_matrix:
        """Histories (n, n_items) of the titles in each row of (n, size)."""
        n, size = sets.shape
        starts = np.arange(n + 1) * size
        return sp.csr_matrix((np.ones(n * size, np.float32), sets.ravel(), starts), (n, self.fires.shape[0]))


def _needing(titles: _Titles, likes: sp.csr_matrix) -> tuple[sp.csr_matrix, Rates]:
    """The activations (n_users, d_sae) that no like fires alone, and how many of each neuron's these are."""
    codes = titles.nested.codes(likes)
    parts = [slice(start, start + PART) for start in range(0, likes.shape[0], PART)]
    lone = sp.vstack([_without(codes[part], likes[part] @ titles.fires) for part in parts], format="csr")
    return lone, Rates(lone.getnnz(axis=0), codes.getnnz(axis=0))


def _without(codes: sp.csr_matrix, fires: sp.csr_matrix) -> sp.csr_matrix:
    """Codes (n, d_sae) without what stands in ``fires`` (n, d_sae) too."""
    rest = sp.csr_matrix(codes - codes.multiply(fires > 0))
    rest.eliminate_zeros()
    return rest


def _smallest(
    titles: _Titles, likes: sp.csr_matrix, lone: sp.csr_matrix, tell: Stage
) -> tuple[dict[tuple[int, ...], dict[int, float]], dict[int, int]]:
    """{titles: {neuron: how strongly it fires}} of the smallest sets, and how many activations have one of which size.

    Args:
        lone: (n_users, d_sae) activations that no like fires alone; the strongest are looked into.
    """
    entries = lone.tocoo()
    strongest = np.argsort(-entries.data, kind="stable")[:ACTIVATIONS]
    found: dict[tuple[int, ...], dict[int, float]] = {}
    left = [
        (titles.closest(likes.indices[slice(*likes.indptr[user : user + 2])], neuron, LIKES), neuron)
        for user, neuron in zip(entries.row[strongest], entries.col[strongest], strict=True)
    ]
    sizes = dict.fromkeys((*SIZES, 0), 0)
    for step, size in enumerate(SIZES):
        tell(step, len(SIZES), f"{size} at a time")
        tried = [np.array(list(itertools.combinations(liked, size)), np.int64).reshape(-1, size) for liked, _ in left]
        if not left:
            break
        codes = titles.nested.codes(titles.histories(np.concatenate(tried)))
        ends, rest = np.cumsum([len(sets) for sets in tried]), []
        for (liked, neuron), sets, end in zip(left, tried, ends, strict=True):
            strength = codes[end - len(sets) : end, neuron].toarray().ravel()
            if strength.max(initial=0) > 0:
                best = int(strength.argmax())
                found.setdefault(tuple(sets[best].tolist()), {})[int(neuron)] = float(strength[best])
                sizes[size] += 1
            else:
                rest.append((liked, neuron))
        left = rest
    sizes[0] = len(left)
    return found, sizes


def _frequent(likes: sp.csr_matrix, among: np.ndarray) -> np.ndarray:
    """The pairs (n, 2) of some columns, the lower one first, that most people like together."""
    among = np.sort(among)
    theirs = likes[:, among]
    together = sp.triu(theirs.T @ theirs, 1).tocoo()
    order = np.lexsort((together.col, together.row, -together.data))[:PAIRS]
    return among[np.stack([together.row[order], together.col[order]], 1)]


def _near(titles: _Titles, known: np.ndarray) -> np.ndarray:
    """For every neuron the pairs (n, 2), lower column first, of the known columns that come closest to it."""
    d_sae, fires = titles.fires.shape[1], titles.fires.tocsc()
    n = next(n for n in range(NEAR, 1, -1) if n == 2 or d_sae * n * (n - 1) // 2 <= PAIRS)
    pairs: list[tuple[int, ...]] = []
    for j in range(d_sae):
        silent = np.setdiff1d(known, fires.indices[slice(*fires.indptr[j : j + 2])])
        pairs += itertools.combinations(titles.closest(silent, j, n), 2)
    return np.array(pairs, np.int64).reshape(-1, 2)


def _new(titles: _Titles, pairs: np.ndarray, tell: Stage) -> sp.csr_matrix:
    """How strongly each pair (n, 2) fires the neurons (n, d_sae) that neither title fires alone."""
    found = [titles.fires[:0]]
    for start in range(0, len(pairs), PART):
        tell(start, len(pairs), "pairs")
        part = pairs[start : start + PART]
        either = titles.fires[part[:, 0]] + titles.fires[part[:, 1]]
        found.append(_without(titles.nested.codes(titles.histories(part)), either))
    return sp.vstack(found, format="csr")


def _rates(new: sp.csr_matrix) -> Rates:
    return Rates(new.getnnz(axis=0), np.full(new.shape[1], new.shape[0]))


def _people(likes: sp.csr_matrix, sets: sp.csr_matrix) -> np.ndarray:
    """How many people (n_users, n_items) like all titles of each set (n_sets, n_items)."""
    sizes, counts = np.diff(sets.indptr), [np.zeros(0, np.int64)]
    for start in range(0, sets.shape[0], PART):
        liked = (likes @ sets[start : start + PART].T).tocsc()
        whole = liked.data == np.repeat(sizes[start : start + PART], np.diff(liked.indptr))
        counts.append(np.bincount(np.repeat(np.arange(liked.shape[1]), np.diff(liked.indptr)), whole, liked.shape[1]))
    return np.concatenate(counts).astype(np.int64)
