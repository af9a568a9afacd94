"""The profile: the themes of a taste, read from the sparse code along each concept's neurons.

    row_t    = (mean code of the tag's items alone - mean code of all items)_+ , brought to length 1
    r_t(u)   = row_t . z_u / sum(z_u)
    strength = (r_t(u) - mean) / deviation         mean and deviation of r_t over training users

A strength of 2 says that this taste leans towards the theme further than 98 in 100 people would, were they normally
distributed. Single neurons each say less: the same code read along tags finds hidden likes at about twice the rate.
Decades and tags on fewer than eight items are left out.
"""

import dataclasses
import re

import numpy as np
import scipy.sparse as sp

MIN_ITEMS = 8
N_NEURONS, N_BECAUSE = 5, 5
DECADE = re.compile(r"-?\d{1,4}s")


@dataclasses.dataclass(frozen=True)
class Theme:
    """A theme of somebody's taste.

    tag: its name; strength: in standard deviations above the average training user
    neurons: {neuron: its share of what the code says of the theme}, the largest first, at most five
    because: columns of the likes that carry the tag, the most typical first, at most five
    """

    tag: str
    strength: float
    neurons: dict[int, float]
    because: tuple[int, ...]


class Themes:
    """Reads profiles; made once for a trained model, and nothing is kept of anybody.

    Args:
        tags: n_tags names; tag_items: (n_tags, n_items) assignment counts.
        item_codes: (n_items, d_sae) codes of single items.
        user_codes: (n_train, d_sae) codes of training users' histories.
    """

    def __init__(self, tags: list[str], tag_items: sp.csr_matrix, item_codes: sp.csr_matrix, user_codes: sp.csr_matrix):
        wide = tag_items.getnnz(axis=1) >= MIN_ITEMS
        kept = [row for row, tag in enumerate(tags) if wide[row] and not DECADE.fullmatch(tag)]
        self.tags = [tags[row] for row in kept]
        self._members = sp.csr_matrix(tag_items[kept] > 0, dtype=np.float64)
        mean = (self._members @ item_codes).toarray() / self._members.getnnz(axis=1)[:, None]
        rows = np.maximum(mean - np.asarray(item_codes.mean(0)), 0)
        self._rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        self._typical = item_codes
        readings = user_codes @ self._rows.T / np.maximum(np.asarray(user_codes.sum(1)), 1e-12)
        self._mean, self._deviation = readings.mean(0), np.maximum(readings.std(0), 1e-12)

    def strengths(self, codes: np.ndarray) -> np.ndarray:
        """Strengths (B, n_themes) of all themes, in the order of ``tags``, for codes (B, d_sae)."""
        shares = codes / np.maximum(codes.sum(1, keepdims=True), 1e-12)
        return (shares @ self._rows.T - self._mean) / self._deviation

    def read(self, code: np.ndarray, likes: np.ndarray, n: int = 9) -> list[Theme]:
        """The n strongest themes of a code (d_sae,), those of strength above 0; likes: columns of the history."""
        strengths = self.strengths(code[None])[0]
        order = np.argsort(-strengths, kind="stable")[:n]
        return [self._theme(row, float(strengths[row]), code, likes) for row in order if strengths[row] > 0]

    def _theme(self, row: int, strength: float, code: np.ndarray, likes: np.ndarray) -> Theme:
        parts = code * self._rows[row]
        top = np.argsort(-parts, kind="stable")[:N_NEURONS]
        neurons = {int(j): float(parts[j] / parts.sum()) for j in top if parts[j] > 0}
        carried = likes[np.isin(likes, self._members[[row]].indices)]
        typical = np.asarray(self._typical[carried] @ self._rows[row])
        because = carried[np.argsort(-typical, kind="stable")][:N_BECAUSE]
        return Theme(self.tags[row], strength, neurons, tuple(because.tolist()))
