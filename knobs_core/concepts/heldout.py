"""Tag-item pairs held out: what a label or a recipe was made from is never what it is judged by.

    pairs of a tag   o o o o o o o      labelling half (drawn at random, the larger one): names neurons, makes recipes
                     L S L L S S L      scored half: asked for, with the L items taken out of every ranking

A ranking is judged by average precision and by the area under the ROC curve, equal scores counted as scikit-learn does:

    AP    = mean over scored items of  scored items at least as high / items at least as high
    AUROC = chance that a scored item stands above an item without the tag, a tie counting one half

The null answers "how well would this look by chance?": the same procedure on permuted tags, items exchanged with others
of about the same popularity, so that nothing is gained by ranking popular items first.
"""

import numpy as np
import pandas as pd
import scipy.sparse as sp

from knobs_core.data import keep_entries, shuffled_places

BANDS = 10  # of popularity, within which items are permuted for the null


def halves(tag_items: sp.csr_matrix, seed: int) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Split the pairs of each tag, a row of (n_tags, n_items), at random into a labelling and a scored half.

    Of n pairs ceil(n / 2) are for labelling; the same seed gives the same split.
    """
    tag_items = tag_items.tocsr()
    counts = np.diff(tag_items.indptr)
    labelling = shuffled_places(tag_items, np.random.default_rng(seed)) < np.repeat((counts + 1) // 2, counts)
    return keep_entries(tag_items, labelling), keep_entries(tag_items, ~labelling)


def permuted(tag_items: sp.csr_matrix, likes: np.ndarray, seed: int) -> sp.csr_matrix:
    """The null: (n_tags, n_items) with items permuted at random within ten bands of equal ``likes`` (n_items,)."""
    rng = np.random.default_rng(seed)
    order = np.argsort(likes, kind="stable")
    source = np.empty(len(order), np.int64)
    for band in np.array_split(order, BANDS):
        source[band] = rng.permutation(band)
    return sp.csr_matrix(tag_items.tocsc()[:, source])


def go_together(about: sp.csr_matrix, carried: sp.csr_matrix) -> np.ndarray:
    """Which tags (n, m) go together, by the items (n, n_items) and (m, n_items) they are on: pointwise mutual
    information above 1 nat."""
    about, carried = (sp.csr_matrix(part > 0, dtype=np.float32) for part in (about, carried))
    by_chance = np.outer(about.getnnz(axis=1), carried.getnnz(axis=1)) / carried.shape[1]
    return (about @ carried.T).toarray() > np.e * by_chance


class Ranks:
    """Rankings of all items by several scores, to be asked about many tags. scores: (n_items, m)."""

    def __init__(self, scores: np.ndarray):
        self.n_items = len(scores)
        # How many items score at least as much, and how many strictly more.
        self._last = pd.DataFrame(-scores).rank(method="max").to_numpy(np.int32)
        self._above = pd.DataFrame(-scores).rank(method="min").to_numpy(np.int32) - 1

    def judge(self, wanted: np.ndarray, hidden: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """AP and AUROC (m,) of finding the ``wanted`` items when the ``hidden`` ones are taken out of the rankings.

        Both are arrays of item columns, without common members; NaN where nothing is wanted or nothing else is left.
        """
        both = np.concatenate([wanted, hidden]).astype(np.int64)
        others = self.n_items - len(both)
        if not len(wanted) or not others:
            return (np.full(self._last.shape[1], np.nan),) * 2
        order = np.argsort(self._last[both], axis=0, kind="stable")
        last, above = (np.take_along_axis(rank[both], order, 0) for rank in (self._last, self._above))
        is_wanted = order < len(wanted)
        starts = np.vstack([np.ones((1, last.shape[1]), bool), last[1:] != last[:-1]])
        wanted_to, hidden_to = (_through_ties(part, starts) for part in (is_wanted, ~is_wanted))
        wanted_above, hidden_above = (_before_ties(part, starts) for part in (is_wanted, ~is_wanted))
        precision = wanted_to / np.maximum(last - hidden_to, 1)  # 0 above the hidden ones that stand first
        losses = (last - hidden_to - wanted_to) + (above - hidden_above - wanted_above)
        ap = (precision * is_wanted).sum(0) / len(wanted)
        return ap, 1 - (losses * is_wanted).sum(0) / (2 * others * len(wanted))


def _before_ties(flags: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """How many flags stand above each row's group of equal scores, by column."""
    before = flags.cumsum(0) - flags
    return np.maximum.accumulate(np.where(starts, before, 0), axis=0)


def _through_ties(flags: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """How many flags stand above or within each row's group of equal scores, by column."""
    total = flags.cumsum(0)
    ends = np.vstack([starts[1:], np.ones((1, flags.shape[1]), bool)])
    return np.minimum.accumulate(np.where(ends, total, len(flags))[::-1], axis=0)[::-1]
