"""Certainty: what a reading of a few likes says of the reading of many.

    whole = slope_n part + rest,    rest^2 = a_n + c_n part^2           both by least squares

part is a reading of n likes drawn from a training user's history, whole the same reading of all of it, over all
readings and all training users with 2 n likes or more. Readings are in standard deviations over training users. So

    estimate = slope_n part,    error = sqrt(a_n + c_n part^2)

is what a history at least twice as long may be expected to say, and by how much it will be off. The less is known, the
nearer estimates are to 0. In between the sizes the numbers are interpolated in log n, beyond them the last ones hold.
"""

import numpy as np
import scipy.sparse as sp

from knobs_core.data import keep_entries, shuffled_places

SIZES = (1, 2, 4, 8, 16, 32, 64)


class Certainty:
    """Estimates and errors for readings of any number of likes.

    Args:
        sizes: numbers of likes, ascending; lines: (slope_n, a_n, c_n) for each.
    """

    def __init__(self, sizes: list[int], lines: list[tuple[float, float, float]]):
        self._sizes, self._lines = np.log(sizes), np.array(lines).T

    def judge(self, part: np.ndarray, n: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Estimates and errors, of the same shape as ``part``, of readings of n likes, or (B, 1) of as many a row."""
        slope, fixed, growing = (np.interp(np.log(n), self._sizes, line) for line in self._lines)
        return slope * part, np.sqrt(fixed + growing * part**2)


def line(part: np.ndarray, whole: np.ndarray) -> tuple[float, float, float]:
    """slope, a and c of readings (B, n_readings) of parts of histories and of whole ones; a and c are not negative.

    Where there is nothing to learn from all are 0, and nothing is expected of any reading.
    """
    x, y = part.ravel(), whole.ravel()
    if len(x) < 2:
        return 0.0, 0.0, 0.0
    square = x**2
    slope = float(x @ y / max(square.sum(), 1e-12))
    rest = (y - slope * x) ** 2
    growing = float(np.cov(square, rest)[0, 1] / max(square.var(ddof=1), 1e-12))
    growing = min(max(growing, 0.0), float(rest.mean() / max(square.mean(), 1e-12)))
    return slope, max(float(rest.mean() - growing * square.mean()), 0.0), growing


def sizes_for(histories: sp.csr_matrix) -> list[int]:
    """The sizes that half of the histories are twice as long as, and at least the first.

    The few longest are of another kind: of broad tastes, and with hardly a title left that they have not seen.
    """
    likes = histories.getnnz(axis=1)
    return [n for n in SIZES if n == 1 or 2 * np.count_nonzero(likes >= 2 * n) >= len(likes)]


def parts(histories: sp.csr_matrix, n: int, rng: np.random.Generator) -> tuple[np.ndarray, sp.csr_matrix]:
    """Rows of the histories of 2 n likes or more, and n likes drawn at random from each of these."""
    rows = np.flatnonzero(histories.getnnz(axis=1) >= 2 * n)
    return rows, keep_entries(histories[rows], shuffled_places(histories[rows], rng) < n)
