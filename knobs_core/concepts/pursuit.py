"""Matching pursuit: which few neurons a direction is best made up of."""

import numpy as np
from scipy.optimize import nnls

SIZE = 10  # neurons in a recipe, at most


def pursue(
    directions: np.ndarray, rows: np.ndarray, size: int, favour: np.ndarray | None = None, least: float = 0.0
) -> np.ndarray:
    """Non-negative orthogonal matching pursuit: weights (n, d_sae) with ``size`` non-zeros a row at most, such that
    weights @ rows is close to directions (n, d_embed).

    The row of ``rows`` (d_sae, d_embed) that points most along what is left of a direction joins it, until none does;
    the weights of those that joined are found anew each time, by non-negative least squares.

    Args:
        favour: (d_sae,) by what each row is favoured when it is asked which points most along; all alike by default.
        least: share of |direction|^2 that whoever joins behind the first must explain; with less it is left out and
            nobody joins any more.

    Bruckstein, Elad and Zibulevsky 2008, "On the uniqueness of nonnegative sparse solutions".
    """
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    weights, left = np.zeros((len(directions), len(rows))), directions.astype(np.float64)
    enough = least * (left**2).sum(1)
    joined: list[list[int]] = [[] for _ in directions]
    going = np.ones(len(directions), bool)
    for _ in range(min(size, len(rows))):
        along = left @ unit.T if favour is None else left @ unit.T * favour
        for place, neurons in enumerate(joined):
            along[place, neurons] = 0
        best = along.argmax(1)
        for row in np.flatnonzero((along.max(1) > 1e-9) & going):
            tried = [*joined[row], best[row]]
            found, _ = nnls(rows[tried].T, directions[row])
            still = directions[row] - found @ rows[tried]
            if least and joined[row] and (left[row] ** 2).sum() - (still**2).sum() < enough[row]:
                going[row] = False
                continue
            joined[row], left[row] = tried, still
            weights[row, tried] = found
    return weights
