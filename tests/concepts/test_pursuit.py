"""Matching pursuit against what a direction was made of, and against all choices of two rows."""

import itertools

import numpy as np
from scipy.optimize import nnls

from knobs_core.concepts.pursuit import pursue


def test_a_pursuit_finds_the_rows_a_direction_is_made_of():
    rows = np.eye(6)[:, :4] + 0.1 * np.random.default_rng(0).standard_normal((6, 4))
    made_of = np.array([[0, 2.0, 0, 0.5, 0, 0], [0, 0, 0, 0, 0, 0]])
    np.testing.assert_allclose(pursue(made_of @ rows, rows, 2), made_of, atol=1e-12)


def test_a_pursuit_is_as_close_as_the_best_of_all_choices_of_two_rows_nearly_always():
    """It takes one row after the other, so it may miss the best pair, and is never better than it."""
    rng = np.random.default_rng(1)
    rows, directions = rng.standard_normal((12, 5)), rng.standard_normal((40, 5))
    weights = pursue(directions, rows, 2)
    assert (weights >= 0).all()
    assert (np.count_nonzero(weights, axis=1) <= 2).all()
    left = np.linalg.norm(directions - weights @ rows, axis=1)
    pairs = list(itertools.combinations(range(12), 2))
    best = np.array([min(nnls(rows[list(pair)].T, d)[1] for pair in pairs) for d in directions])
    assert (left >= best - 1e-9).all()
    assert np.mean(left <= 1.25 * best) > 0.8


def test_no_neuron_joins_that_points_the_other_way():
    assert not pursue(np.array([[-1.0, 0.0]]), np.array([[1.0, 0.0], [0.6, 0.8]]), 2).any()


def test_whoever_is_favoured_joins_first():
    rows, direction = np.array([[1.0, 0.1], [1.0, -0.2]]), np.array([[1.0, 0.0]])
    assert np.flatnonzero(pursue(direction, rows, 1)[0]).tolist() == [0]
    assert np.flatnonzero(pursue(direction, rows, 1, np.array([1.0, 1.3]))[0]).tolist() == [1]


def test_nobody_joins_who_explains_too_little():
    """Of (3, 1) the first row explains 9/10, the second 1/10 and no more."""
    rows, direction = np.eye(2), np.array([[3.0, 1.0], [1.0, 3.0]])
    np.testing.assert_allclose(pursue(direction, rows, 2, least=0.099), direction)
    np.testing.assert_allclose(pursue(direction, rows, 2, least=0.101), [[3, 0], [0, 3]])
    np.testing.assert_allclose(pursue(direction, rows, 2, least=1.0), [[3, 0], [0, 3]])  # the first one always joins


def test_a_pursuit_is_that_of_one_direction_after_the_other_by_non_negative_least_squares():
    """Also where a weight is held at 0, where rows are the same, and where more rows are wanted than there are axes."""
    rng = np.random.default_rng(2)
    rows = np.vstack([rng.standard_normal((14, 5)), np.zeros((1, 5))])
    rows, directions = np.vstack([rows, rows[:3]]), rng.standard_normal((60, 5))
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    expected = np.zeros((60, 18))
    for weights, direction in zip(expected, directions, strict=True):
        joined = []
        for _ in range(8):
            along = unit @ (direction - weights @ rows)
            along[joined] = 0
            if along.max() > 1e-9:
                joined.append(along.argmax())
                weights[joined] = nnls(rows[joined].T, direction)[0]
    np.testing.assert_allclose(pursue(directions, rows, 8), expected, atol=1e-9)
