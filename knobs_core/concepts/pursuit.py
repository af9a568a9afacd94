"""Matching pursuit: which few neurons a direction is best made up of."""

import numpy as np
from scipy.optimize import nnls

SIZE = 10  # neurons in a recipe, at most


def pursue(directions: np.ndarray, rows: np.ndarray, size: int) -> np.ndarray:
    """Non-negative orthogonal matching pursuit: weights (n, d_sae) with ``size`` non-zeros a row at most, such that
    weights @ rows is close to directions (n, d_embed).

    The row of ``rows`` (d_sae, d_embed) that points most along what is left of a direction joins it, until none does;
    the weights of those that joined are found anew each time, by non-negative least squares.

    Bruckstein, Elad and Zibulevsky 2008, "On the uniqueness of nonnegative sparse solutions".
    """
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    weights, left = np.zeros((len(directions), len(rows))), directions.astype(np.float64)
    joined: list[list[int]] = [[] for _ in directions]
    for _ in range(min(size, len(rows))):
        along = left @ unit.T
        for place, neurons in enumerate(joined):
            along[place, neurons] = 0
        best = along.argmax(1)
        for row in np.flatnonzero(along.max(1) > 1e-9):
            joined[row].append(best[row])
            found, _ = nnls(rows[joined[row]].T, directions[row])
            weights[row, joined[row]] = found
            left[row] = directions[row] - found @ rows[joined[row]]
    return weights
