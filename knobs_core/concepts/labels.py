"""Labels: a name for every neuron, how far to trust it, and the evidence.

Items with at least 5 likes (of others the model knows too little) are ranked by how strongly they activate a neuron
when shown alone. How surprising it is that the first r of them carry a tag h times, had they been drawn blindly from
the N items of which df carry it:

    surprise(t, j) = max over r in (5, 10, 20) of  -log10 P(H >= h),     H ~ hypergeometric(N, df, r),  h at least 2

The most surprising tag is the candidate; decades never are, as most of what people like together is of an age. How
well would it have done on evidence it was not chosen by? Its pairs are split in halves (``heldout.py``), and where the
labelling half suggests it (surprise >= 2),

    held_out = (AP@20 - c) / (1 - c)     AP@20 of the scored half, the labelling half taken out of the ranking;
                                         c = share of scored items among those left, which is about what chance gives

is averaged over both halves of two splits, 0 where they do not suggest it. The null does all of this, choice of the
tag included, on permuted tags. **Confidence** is the share of such made-up candidates that do worse: 0.98 says that
49 of 50 names given by chance would be worse. From there on the tag becomes the neuron's name; below, the neuron goes
by its number. Names are told apart by a further candidate that sets a neuron off from its namesakes and passes the
same test, against the best further candidate of each made-up neuron; where there is none, by the neuron's number.

That a name is no luck does not say that it is good. It **holds** when it is found again without the titles that speak
for it: in one more split, one half alone makes the same tag the most surprising one, and the other half, the first one
taken out of the ranking, is surprising as well (at least 2). On the demo 122 of 512 neurons get a name, 10 of permuted
tags; 51 of the 122 names hold, of those by permuted tags hardly any.
"""

import dataclasses
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.special import gammaln

from knobs_core.concepts.heldout import halves, permuted
from knobs_core.concepts.usage import Usage
from knobs_core.data import is_decade

SUBTITLE = re.compile(r"\s*\(.*\)$")  # "(a.k.a. ...)" and original titles make names long
N_RANKED, N_TAGS, N_TOP_ITEMS = 20, 8, 10
DEPTHS = np.array((5, 10, 20))
MIN_HITS, MIN_LIKES, SUGGESTED, SPLITS = 2, 5, 2.0, 2
NAMED = 0.98  # confidence from which on a neuron goes by its tag
QUALIFIES = 0.2  # of the first 20 items carry a tag that tells a neuron from its namesakes
NULL_SIZE, MAX_ROUNDS = 500, 8  # made-up candidates wanted for the null, and exchanges to get them at most
BLOCK = 2**26  # entries of a dense block


@dataclasses.dataclass(frozen=True)
class Label:
    """What is known about a neuron.

    neuron: its index; label: its name, different from all others and from every tag
    confidence: share of made-up names that do worse than its best tag, in [0, 1]; held_out: that tag's own figure
    holds: whether it has a name that is found again without the titles that speak for it
    support: how many of its first 20 items carry the tag
    top_items: item columns by activation, strongest first
    tags: (tag, share of the first 20 items that carry it), the most surprising first; empty below confidence 0.98
    n_users: users whose full history activates it; reach: their 95th percentile of activation, its usual full range
    histogram: how many of these users fall into each of 16 equal bins from 0 to their highest activation, ``peak``
    former: what it is called where its owner gave it another name, else ""
    """

    neuron: int
    label: str
    confidence: float
    held_out: float
    holds: bool
    support: int
    top_items: tuple[int, ...]
    tags: tuple[tuple[str, float], ...]
    n_users: int
    reach: float
    peak: float
    histogram: tuple[int, ...]
    former: str = ""

    @property
    def alive(self) -> bool:
        """Whether any single item activates the neuron."""
        return bool(self.top_items)

    @property
    def named(self) -> bool:
        """Whether it has a name, earned by a tag or given by its owner."""
        return bool(self.tags or self.former)

    def typical(self, titles: Sequence[str], n: int = 2) -> list[str]:
        """The n titles that activate it most, without what stands in brackets after them. titles: of all items."""
        return [SUBTITLE.sub("", titles[i]) for i in self.top_items[:n]]


@dataclasses.dataclass(frozen=True)
class Naming:
    """How far names go: of ``alive`` neurons ``named`` have one by their tags, ``holding`` of these names hold, and
    about ``by_luck`` neurons would have one if no tag described any of them."""

    alive: int
    named: int
    holding: int
    by_luck: int

    @classmethod
    def of(cls, labels: Sequence[Label]) -> "Naming":
        """Counted over all labels of a model."""
        alive = sum(label.alive for label in labels)
        named = [label for label in labels if label.tags]
        return cls(alive, len(named), sum(label.holds for label in named), round((1 - NAMED) * alive))

    def __str__(self) -> str:
        return (
            f"{self.holding} of {self.named} names hold on items they were not found by; {self.named} of "
            f"{self.alive} neurons have a name by their tags, about {self.by_luck} would by luck"
        )


def label_neurons(
    tags: list[str],
    tag_items: sp.csr_matrix,
    item_codes: sp.csr_matrix,
    use: Usage,
    likes: np.ndarray,
    seed: int = 0,
) -> list[Label]:
    """Labels of all neurons.

    Args:
        tags: n_tags names; those that are decades name no neuron.
        tag_items: (n_tags, n_items) assignment counts.
        item_codes: (n_items, d_sae) codes of single items.
        use: what full histories do to each neuron.
        likes: (n_items,) how often each item is liked.
        seed: of the splits into halves and of the null.
    """
    known = np.flatnonzero(likes >= MIN_LIKES)
    rankings = _rankings(sp.csr_matrix(item_codes)[known])
    words = [row for row, tag in enumerate(tags) if not is_decade(tag)]
    carried = sp.csr_matrix(tag_items)[words][:, known]
    found = judged(carried, rankings, lambda draw: permuted(carried, likes[known], draw), seed)
    drafts = []
    for j, (ranked, (chosen, hits)) in enumerate(zip(rankings, found.candidates, strict=True)):
        shares = zip(chosen, hits.tolist(), strict=True) if found.named[j] else ()
        drafts.append(
            Label(
                neuron=j,
                label="",
                confidence=float(found.confidence[j]),
                held_out=float(found.held_out[j]),
                holds=bool(found.holds[j]),
                support=int(hits[0]) if len(hits) else 0,
                top_items=tuple(known[ranked[:N_TOP_ITEMS]].tolist()),
                tags=tuple((tags[words[t]], n_hits / N_RANKED) for t, n_hits in shares),
                n_users=int(use.n_users[j]),
                reach=float(use.reach[j]),
                peak=float(use.peak[j]),
                histogram=tuple(use.histogram[j].tolist()),
            )
        )
    return _named(drafts, [{tags[words[t]] for t in passing} for passing in found.further], tags)


class Judged(NamedTuple):
    """What tags say of m rankings.

    candidates: the most surprising tags of each, with their hits; named: (m,) whether the first one passes
    confidence, held_out: (m,) of the first one; holds: (m,) whether it passes and is found again
    further: which of the others pass too, where the first one does
    """

    candidates: list[tuple[np.ndarray, np.ndarray]]
    named: np.ndarray
    confidence: np.ndarray
    held_out: np.ndarray
    holds: np.ndarray
    further: list[np.ndarray]


def judged(
    tag_items: sp.csr_matrix, rankings: Sequence[np.ndarray], exchanged: Callable[[int], sp.csr_matrix], seed: int
) -> Judged:
    """Judge m rankings of the items.

    Args:
        tag_items: (n_tags, n_items) assignment counts.
        rankings: m arrays of item columns, strongest first.
        exchanged: draws tags that mean nothing, (n_tags, n_items), from a seed: the null.
    """
    candidates = _candidates(tag_items, rankings)
    held_out = _best(_held_out(tag_items, rankings, [tags[:1] for tags, _ in candidates], seed))
    alive = [ranked for ranked in rankings if len(ranked)]
    null, further_null = [np.zeros(0)], [np.zeros(0)]
    for step in range(min(MAX_ROUNDS, -(-NULL_SIZE // max(len(alive), 1)))):
        made_up = exchanged(seed + step)
        drawn = [tags for tags, _ in _candidates(made_up, alive)]
        null.append(_best(_held_out(made_up, alive, [tags[:1] for tags in drawn], seed + step)))
        few = [tags[1:] for tags in drawn[:NULL_SIZE]]
        further_null.append(_best(_held_out(made_up, alive[:NULL_SIZE], few, seed + step)))
    confidence = _confidence(held_out, np.concatenate(null))
    named = confidence >= NAMED
    others = [tags[1:] if named[j] else tags[:0] for j, (tags, _) in enumerate(candidates)]
    figures, by_luck = _held_out(tag_items, rankings, others, seed), np.concatenate(further_null)
    further = [tags[_confidence(f, by_luck) >= NAMED] for tags, f in zip(others, figures, strict=True)]
    holds = named & _found_again(tag_items, rankings, candidates, seed + SPLITS)
    return Judged(candidates, named, confidence, held_out, holds, further)


def _confidence(held_out: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Share of the null that does worse than each figure; 0 for figures that are not above 0."""
    return np.where(held_out > 0, np.searchsorted(np.sort(null), held_out) / max(len(null), 1), 0.0)


def _best(figures: Sequence[np.ndarray]) -> np.ndarray:
    """The highest figure of each ranking, 0 where it has none."""
    return np.array([figure.max(initial=0) for figure in figures])


def _rankings(codes: sp.csr_matrix) -> list[np.ndarray]:
    """Items (rows of codes) that activate each neuron, strongest first."""
    by_item = codes.tocsc()
    by_item.eliminate_zeros()
    parts = [slice(*by_item.indptr[j : j + 2]) for j in range(codes.shape[1])]
    return [by_item.indices[part][np.lexsort((by_item.indices[part], -by_item.data[part]))] for part in parts]


@functools.lru_cache(maxsize=2**16)
def _surprise(n_items: int, df: int) -> np.ndarray:
    """Surprise (3, 21) of h = 0..20 hits at each depth; below two hits 0."""
    depth, hits = DEPTHS[:, None], np.arange(N_RANKED + 1)
    possible = (hits <= np.minimum(depth, df)) & (depth - hits <= n_items - df)
    ways = _log_choose(df, hits) + _log_choose(n_items - df, depth - hits) - _log_choose(n_items, depth)
    chance = np.where(possible, np.exp(ways), 0)[:, ::-1].cumsum(1)[:, ::-1]  # of at least that many hits
    return np.where(possible & (hits >= MIN_HITS), -np.log10(chance.clip(1e-300, 1)), 0)


def _log_choose(n: int, k: np.ndarray) -> np.ndarray:
    """Logarithm of n over k; of no meaning where k is impossible."""
    k = np.clip(k, 0, n)
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)


def _candidates(tag_items: sp.csr_matrix, rankings: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
    """The most surprising tags of each ranking, at most 8, with their hits among the first 20."""
    n_tags, n_items = tag_items.shape
    if not n_tags:
        return [(np.array([], int), np.array([], int))] * len(rankings)
    sizes, row = np.unique(np.diff(tag_items.indptr), return_inverse=True)
    tables = np.stack([_surprise(n_items, int(size)) for size in sizes])
    carried = sp.hstack([tag_items, sp.csr_matrix((n_tags, 1), dtype=tag_items.dtype)], format="csc")
    first = np.full((len(rankings), N_RANKED), n_items)  # the empty last column stands for "no further item"
    for j, ranked in enumerate(rankings):
        first[j, : len(ranked)] = ranked[:N_RANKED]
    found = []
    for block in np.array_split(first, max(1, -(-first.size * n_tags // BLOCK))):
        hits = (carried[:, block.ravel()].toarray() > 0).reshape(n_tags, len(block), N_RANKED).cumsum(2, dtype=np.int8)
        at_depth = hits[:, :, DEPTHS - 1]
        surprise = tables[row[:, None, None], np.arange(len(DEPTHS)), at_depth].max(2)
        for j in range(len(block)):
            order = np.argsort(-surprise[:, j], kind="stable")[:N_TAGS]
            order = order[surprise[order, j] > 0]
            found.append((order, hits[order, j, -1].astype(int)))
    return found


def _held_out(
    tag_items: sp.csr_matrix,
    rankings: Sequence[np.ndarray],
    candidates: Sequence[np.ndarray],
    seed: int,
) -> list[np.ndarray]:
    """How well the candidates of each ranking do on the half of their items that did not suggest them."""
    n_items, results = tag_items.shape[1], [np.zeros(len(tags)) for tags in candidates]
    for step in range(SPLITS):
        split = _Split(tag_items, seed + step)
        for ranked, tags, result in zip(rankings, candidates, results, strict=True):
            for place, tag in enumerate(tags.tolist()):
                marks, sizes = split.marks(tag, ranked)
                result[place] += sum(_one_way(marks, way, sizes, n_items) for way in (1, 2)) / (2 * SPLITS)
    return results


def _found_again(
    tag_items: sp.csr_matrix,
    rankings: Sequence[np.ndarray],
    candidates: Sequence[tuple[np.ndarray, np.ndarray]],
    seed: int,
) -> np.ndarray:
    """Whether each ranking's first candidate (m,) is also the first by one half of the pairs, and the other half,
    which had no say in this, is surprising as well."""
    n_items, split = tag_items.shape[1], _Split(tag_items, seed)
    again = [_candidates(half, rankings) for half in split.halves]
    found = np.zeros(len(rankings), bool)
    for j, (ranked, (tags, _)) in enumerate(zip(rankings, candidates, strict=True)):
        for way in (1, 2) if len(tags) else ():
            chosen = again[way - 1][j][0]
            if len(chosen) and chosen[0] == tags[0]:
                marks, sizes = split.marks(int(tags[0]), ranked)
                hit = marks[marks != way] == 3 - way
                found[j] |= _surprise_of(hit, n_items - sizes[way - 1], sizes[2 - way]) >= SUGGESTED
    return found


class _Split:
    """One split of all pairs (n_tags, n_items) into halves."""

    def __init__(self, tag_items: sp.csr_matrix, seed: int):
        self.halves = halves(tag_items, seed)
        self._mark = np.zeros(tag_items.shape[1], np.int8)

    def marks(self, tag: int, ranked: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
        """1 or 2 for the items of a ranking that carry the tag in this half, 0 for others; the sizes of the halves."""
        first, second = (half.indices[slice(*half.indptr[tag : tag + 2])] for half in self.halves)
        self._mark[first], self._mark[second] = 1, 2
        marks = self._mark[ranked]
        self._mark[first] = self._mark[second] = 0
        return marks, (len(first), len(second))


def _surprise_of(carries: np.ndarray, n_items: int, df: int) -> float:
    """Surprise of a ranking of which these places carry a tag, which df of n_items items carry."""
    seen = carries[:N_RANKED].cumsum()
    hits = seen[np.minimum(DEPTHS, len(seen)) - 1] if len(seen) else np.zeros(len(DEPTHS), int)
    return float(_surprise(n_items, df)[np.arange(len(DEPTHS)), hits].max())


def _one_way(marks: np.ndarray, labelling: int, sizes: tuple[int, int], n_items: int) -> float:
    """Held-out figure of a ranking whose items are marked 1 or 2 by half, where half ``labelling`` suggests the tag."""
    n_labelling, n_scored = sizes[labelling - 1], sizes[2 - labelling]
    if not n_scored:
        return 0.0
    if _surprise_of(marks[marks != 3 - labelling] == labelling, n_items - n_scored, n_labelling) < SUGGESTED:
        return 0.0
    hit = marks[marks != labelling][:N_RANKED] == 3 - labelling
    ap = (hit * hit.cumsum() / np.arange(1, len(hit) + 1)).sum() / min(N_RANKED, n_scored)
    chance = n_scored / max(n_items - n_labelling, 1)
    return (ap - chance) / (1 - chance) if chance < 1 else 0.0


def _named(drafts: list[Label], passing: list[set[str]], tags: list[str]) -> list[Label]:
    """Give every neuron a name of its own, the surest first; a bare tag is the name of the concept.

    passing: of each neuron the further tags that may be part of its name.
    """
    taken = set(tags)
    namesakes: dict[str, list[Label]] = {}
    for draft in drafts:
        if draft.tags:
            namesakes.setdefault(draft.tags[0][0], []).append(draft)
    names = {}
    for draft in sorted(drafts, key=lambda draft: (-draft.confidence, -draft.held_out, -draft.n_users)):
        others = [other for other in namesakes.get(draft.tags[0][0], ()) if other is not draft] if draft.tags else []
        name = next(name for name in _names(draft, others, passing[draft.neuron]) if name not in taken)
        taken.add(name)
        names[draft.neuron] = name
    return [dataclasses.replace(draft, label=names[draft.neuron]) for draft in drafts]


def _names(draft: Label, others: list[Label], passing: set[str]) -> Iterator[str]:
    """Names for a neuron from telling to certain. others: those with the same first tag."""
    number = f"neuron {draft.neuron}" if draft.alive else f"dead neuron {draft.neuron}"
    if draft.tags:
        first = draft.tags[0][0]
        theirs = [dict(other.tags) for other in others]
        telling = [(tag, share) for tag, share in draft.tags[1:] if share >= QUALIFIES and tag in passing]
        lead = {tag: share - max((one.get(tag, 0) for one in theirs), default=0) for tag, share in telling}
        yield from (f"{first}, {tag}" for tag in sorted(lead, key=lambda tag: -lead[tag]) if lead[tag] > 0)
        yield f"{first}, {number}"
    yield number
    yield from (f"{number} ({n})" for n in itertools.count(2))  # where somebody's tag is called "neuron 12"
