"""Matching pursuit: which few neurons a direction is best made up of."""

import numpy as np

SIZE = 10  # neurons in a recipe, at most
BLOCK = 2**24  # numbers held at once


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
    block = max(1, BLOCK // (rows.shape[1] * size + len(rows)))
    blocks = [directions[at : at + block].astype(np.float64) for at in range(0, len(directions), block)]
    found = (_pursued(one, rows, unit if favour is None else unit * favour[:, None], size, least) for one in blocks)
    return np.concatenate([np.zeros((0, len(rows))), *found])


def _pursued(directions: np.ndarray, rows: np.ndarray, asked: np.ndarray, size: int, least: float) -> np.ndarray:
    """The same of some directions. asked: (d_sae, d_embed) unit vectors of the rows, times how they are favoured."""
    weights, left = np.zeros((len(directions), len(rows))), directions.copy()
    enough = least * (left**2).sum(1)
    joined = np.zeros((len(directions), min(size, len(rows))), np.int64)
    going = np.arange(len(directions))
    for n in range(joined.shape[1]):
        along = left[going] @ asked.T
        np.put_along_axis(along, joined[going, :n], 0, axis=1)
        joins = along.max(1, initial=0) > 1e-9
        going, best = going[joins], along[joins].argmax(1)
        joined[going, n] = best
        tried = joined[going, : n + 1]
        made_of, towards = rows[tried], directions[going]
        found = _non_negative(made_of, towards, (weights[going[:, None], tried[:, :n]] > 0).all(1))
        still = towards - (found[:, None] @ made_of)[:, 0]
        if least and n:
            worth = (left[going] ** 2).sum(1) - (still**2).sum(1) >= enough[going]
            going, tried, found, still = going[worth], tried[worth], found[worth], still[worth]
        left[going], weights[going[:, None], tried] = still, found
    return weights


def _non_negative(rows: np.ndarray, towards: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Weights (n, k) >= 0 with which rows (n, k, d_embed) come closest to each of towards (n, d_embed).

    free: (n,) where none of the first k - 1 was held at 0, so that all k are independent. There least squares are tried
    first, all at once: where they happen to be positive, nothing else comes closer.
    """
    from scipy.optimize import nnls  # takes long to import, and who only reads a bundle never asks

    found = np.full(rows.shape[:2], -1.0)
    some = rows[free]
    found[free] = np.linalg.solve(some @ some.transpose(0, 2, 1), some @ towards[free][:, :, None])[:, :, 0]
    for row in np.flatnonzero(~(found > 0).all(1)):
        found[row], _ = nnls(rows[row].T, towards[row])
    return found
