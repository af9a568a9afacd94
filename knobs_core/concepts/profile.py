"""The profile: the themes of a taste, read from the sparse code along each concept's neurons, and from its list.

    code_t   = row_t . z/|z|_1,      row_tj = cov(likes_t, share_j)_+ / (var(share_j) + mean over neurons of var)
    list_t   = sum of w_r over the best hundred unseen items that carry t,   w_r ~ 1 / (r + 9), together 1, r the rank
    lean     = (standardised code_t + standardised list_t) / 2
    s_t      = deviation(list_t) / (mean(list_t) + .001)
    strength = slope_n lean s_t,     error = sqrt(a_n + c_n lean^2) s_t

likes_t is the share of somebody's likes that carry t, share_j that of neuron j in their code. Covariance, variance,
mean and deviation are over training users. slope_n, a_n and c_n say how much of a lean of n likes lasts
(``certainty.py``). So a strength of 2 says: the theme's part of this taste is expected to be three times the average.

A theme is listed when its strength is above its error. Themes of single neurons are read in the same way from
lean_j = standardised share_j alone, with s_j = 1. Decades, and tags on fewer than eight items, are left out.
"""

import dataclasses
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base import top_k
from knobs_core.concepts.certainty import Certainty, line, parts, sizes_for
from knobs_core.concepts.labels import Label
from knobs_core.data import is_decade, single_items
from knobs_core.models import Nested
from knobs_core.steering import Taste

MIN_ITEMS = 8
N_NEURONS, N_BECAUSE = 5, 5
WEIGHTS = 1 / (np.arange(1, 101) + 9)
RARE = 0.001  # of a list; themes that nobody's list holds are not infinitely rare
CLEAR = 1.0  # errors that a strength is above 0
N_USERS = 1_000  # training users that readings are compared with, at most
SCORES = 2**22  # scores held at once


@dataclasses.dataclass(frozen=True)
class Theme:
    """A theme of somebody's taste.

    key: of the knob that turns it; name: what people read; kind: what it was read from
    strength: a concept's in average tastes beyond the average one, a neuron's in standard deviations above it
    error: its standard error, in the same unit
    neurons: {neuron: its share of what the code says of the theme}, the largest first, at most five
    because: columns of the likes that speak for it, the most typical first, at most five: those that carry the tag
        where any does, else those that activate its neurons
    carried: how many of the likes carry the tag; a neuron's theme has none
    """

    key: str
    name: str
    kind: Literal["concept", "neuron"]
    strength: float
    error: float
    neurons: dict[int, float]
    because: tuple[int, ...]
    carried: int = 0


class Standard(NamedTuple):
    """Standardises readings. mean, deviation: of each reading over training users."""

    mean: np.ndarray
    deviation: np.ndarray

    def __call__(self, readings: np.ndarray) -> np.ndarray:
        return (readings - self.mean) / np.maximum(self.deviation, 1e-12)


class Themes:
    """Reads profiles; made once for a trained model, and nothing is kept of anybody.

    tags: the names of all themes; scale: s_t (n_themes,) of each

    Args:
        tags: n_tags names; tag_items: (n_tags, n_items) assignment counts.
        nested: the trained models.
        histories: (n_train, n_items) of training users, of whom at most a thousand are looked at.
        seed: of the draws of a few likes from their histories.
    """

    def __init__(
        self, tags: list[str], tag_items: sp.csr_matrix, nested: Nested, histories: sp.csr_matrix, seed: int = 0
    ):
        wide = tag_items.getnnz(axis=1) >= MIN_ITEMS
        kept = [row for row, tag in enumerate(tags) if wide[row] and not is_decade(tag)]
        self.tags = [tags[row] for row in kept]
        self._members = sp.csr_matrix(tag_items[kept] > 0, dtype=np.float64)
        self._items = nested.codes(single_items(tag_items.shape[1]))
        users = histories[:: max(1, -(-histories.shape[0] // N_USERS))]
        shares, lists = self._read(nested, users)
        self._neurons = Standard(*_moments(shares.toarray()))
        # A neuron that hardly any training user activates would be strong by its least activation.
        self._neurons = self._neurons._replace(
            deviation=np.maximum(self._neurons.deviation, self._neurons.deviation.mean())
        )
        self._rows = self._learn(users, shares)
        self._code, self._list = Standard(*_moments(shares @ self._rows)), Standard(*_moments(lists))
        self.scale = self._list.deviation / (self._list.mean + RARE)
        self._certainty, self._neuron_certainty = self._fit(nested, users, shares, lists, np.random.default_rng(seed))

    def _learn(self, users: sp.csr_matrix, shares: sp.csr_matrix) -> np.ndarray:
        """Rows of all themes as columns (d_sae, n_themes)."""
        likes = (users @ self._members.T).toarray() / np.maximum(users.getnnz(axis=1), 1)[:, None]
        mean = np.asarray(shares.mean(0)).T
        variance = np.asarray(shares.power(2).mean(0)).T - mean**2
        covariance = shares.T @ (likes - likes.mean(0)) / shares.shape[0]
        return np.maximum(covariance, 0) / np.maximum(variance + variance.mean(), 1e-12)

    def _fit(
        self,
        nested: Nested,
        users: sp.csr_matrix,
        shares: sp.csr_matrix,
        lists: np.ndarray,
        rng: np.random.Generator,
    ) -> tuple[Certainty, Certainty]:
        """How much lasts of what is read of concepts, and of neurons, from a few likes."""
        sizes = sizes_for(users)
        whole, neurons, lines = self._lean(shares, lists), self._neurons(shares.toarray()), []
        for n in sizes:
            rows, few = parts(users, n, rng)
            codes, listed = self._read(nested, few)
            lines.append(
                (line(self._lean(codes, listed), whole[rows]), line(self._neurons(codes.toarray()), neurons[rows]))
            )
        concept, neuron = zip(*lines, strict=True)
        return Certainty(sizes, list(concept)), Certainty(sizes, list(neuron))

    def _read(self, nested: Nested, histories: sp.csr_matrix) -> tuple[sp.csr_matrix, np.ndarray]:
        """Shares of the neurons (B, d_sae) and of the themes in the lists (B, n_themes) of histories (B, n_items)."""
        rows, shares, lists = max(1, SCORES // histories.shape[1]), [], []
        for start in range(0, histories.shape[0], rows):
            block = histories[start : start + rows]
            encoded = nested.encode(block)
            shares.append(_shares(encoded.code.z.cpu().double().numpy()))
            lists.append(self._listed(nested.scores(encoded), block))
        return sp.vstack(shares, format="csr"), np.vstack(lists)

    def _listed(self, scores: torch.Tensor, seen: sp.csr_matrix) -> np.ndarray:
        """list_t (B, n_themes) of scores (B, n_items), without the items seen (B, n_items)."""
        ranked = top_k(scores, seen, len(WEIGHTS))
        row, rank = np.nonzero(ranked >= 0)
        weights = (WEIGHTS / WEIGHTS.sum())[rank]
        listed = sp.csr_matrix((weights, (row, ranked[row, rank])), shape=seen.shape)
        return (listed @ self._members.T).toarray()

    def _lean(self, shares: sp.csr_matrix, lists: np.ndarray) -> np.ndarray:
        """Leans (B, n_themes) of neurons' shares (B, d_sae) and themes' shares of lists (B, n_themes)."""
        return (self._code(shares @ self._rows) + self._list(lists)) / 2

    def leans(self, taste: Taste) -> np.ndarray:
        """Leans (n_themes,) of one taste, in the order of ``tags``."""
        at = np.zeros(len(taste.seen), np.int64)
        seen = sp.csr_matrix((np.ones(len(at)), (at, taste.seen)), shape=(1, self._members.shape[1]))
        return self._lean(_shares(taste.z[None]), self._listed(taste.base[None], seen))[0]

    def strengths(self, taste: Taste, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Strengths and errors (n_themes,) of all themes, in the order of ``tags``, of a taste of n likes."""
        estimate, error = self._certainty.judge(self.leans(taste), n)
        return estimate * self.scale, error * self.scale

    def strengths_of(self, nested: Nested, histories: sp.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
        """Strengths and errors (B, n_themes) of all themes of many histories (B, n_items), none of them empty."""
        estimate, error = self._certainty.judge(
            self._lean(*self._read(nested, histories)), histories.getnnz(axis=1)[:, None]
        )
        return estimate * self.scale, error * self.scale

    def read(self, taste: Taste, likes: np.ndarray, n: int = 9) -> list[Theme]:
        """The n strongest themes, of those that are clear of 0; likes: columns of the history, each once."""
        strengths, errors = self.strengths(taste, len(likes))
        found = []
        for row in clear(strengths, errors)[:n]:
            carries = taste.z * self._rows[:, row]
            top = np.argsort(-carries, kind="stable")[:N_NEURONS]
            neurons = {int(j): float(carries[j] / carries.sum()) for j in top if carries[j] > 0}
            carried = likes[np.isin(likes, self._members[[row]].indices)]
            because = self._because(carried if len(carried) else likes, self._rows[:, row])
            tag, strength, error = self.tags[row], float(strengths[row]), float(errors[row])
            found.append(Theme(tag, tag, "concept", strength, error, neurons, because, len(carried)))
        return found

    def read_neurons(self, taste: Taste, likes: np.ndarray, labels: Sequence[Label], n: int = 9) -> list[Theme]:
        """The same of the neurons that go by a tag; labels: of all neurons."""
        lean = self._neurons(_shares(taste.z[None]).toarray())[0]
        strengths, errors = self._neuron_certainty.judge(lean, len(likes))
        found = []
        for j in [j for j in clear(strengths, errors) if taste.z[j] > 0 and labels[j].tags][:n]:
            because = self._because(likes, np.arange(len(taste.z)) == j)
            strength, error = float(strengths[j]), float(errors[j])
            found.append(Theme(f"#{j}", labels[j].label, "neuron", strength, error, {int(j): 1.0}, because))
        return found

    def _because(self, likes: np.ndarray, row: np.ndarray) -> tuple[int, ...]:
        """The likes that read highest along a row (d_sae,) when shown alone, those above 0."""
        typical = self._items[likes] @ row
        order = np.argsort(-typical, kind="stable")[:N_BECAUSE]
        return tuple(likes[order[typical[order] > 0]].tolist())


def _shares(codes: np.ndarray) -> sp.csr_matrix:
    return sp.csr_matrix(codes / np.maximum(codes.sum(1, keepdims=True), 1e-12))


def _moments(readings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return readings.mean(0), readings.std(0)


def clear(strengths: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Places of the strengths that are clear of 0, the strongest first."""
    order = np.argsort(-strengths, kind="stable")
    return order[strengths[order] > CLEAR * errors[order]]
