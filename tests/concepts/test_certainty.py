"""Certainty against least squares by NumPy, by hand, and on made-up readings whose errors are known."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.concepts.certainty import SIZES, Certainty, line, parts, sizes_for


def histories(likes):
    """Histories (len(likes), 400) of so many likes each."""
    rng = np.random.default_rng(0)
    rows = np.zeros((len(likes), 400), np.float32)
    for row, n in enumerate(likes):
        rows[row, rng.choice(400, n, replace=False)] = 1
    return sp.csr_matrix(rows)


def test_a_line_is_that_of_least_squares():
    rng = np.random.default_rng(1)
    part = rng.standard_normal((300, 20))
    whole = 0.6 * part + rng.standard_normal((300, 20)) * np.sqrt(0.3 + 0.2 * part**2)
    slope, fixed, growing = line(part, whole)
    assert slope == pytest.approx(np.linalg.lstsq(part.reshape(-1, 1), whole.ravel(), rcond=None)[0][0])
    steep, height = np.polyfit(part.ravel() ** 2, ((whole - slope * part) ** 2).ravel(), 1)
    assert (fixed, growing) == pytest.approx((height, steep))
    assert (slope, fixed, growing) == pytest.approx((0.6, 0.3, 0.2), abs=0.05)


def test_an_error_is_never_the_root_of_something_negative():
    part = np.linspace(0.1, 3, 50)[:, None]
    signs = np.tile([1, -1], 25)[:, None]
    assert line(part, part + signs / part)[2] == 0  # the rest shrinks with the part
    slope, fixed, growing = line(part, part * (1 + signs * part))  # and grows faster than its square
    assert fixed == pytest.approx(0, abs=1e-9)
    assert growing == pytest.approx(np.mean((part * (1 + signs * part) - slope * part) ** 2) / np.mean(part**2))
    assert line(np.zeros((0, 3)), np.zeros((0, 3))) == (0, 0, 0)


def test_judgements_by_hand():
    found = Certainty([1, 4], [(0.2, 0.5, 0.0), (0.6, 0.1, 0.08)])
    for n, slope, fixed, growing in ((1, 0.2, 0.5, 0), (4, 0.6, 0.1, 0.08), (2, 0.4, 0.3, 0.04), (50, 0.6, 0.1, 0.08)):
        estimate, error = found.judge(np.array([-1.0, 0, 3]), n)
        np.testing.assert_allclose(estimate, [-slope, 0, 3 * slope])
        np.testing.assert_allclose(error, np.sqrt([fixed + growing, fixed, fixed + 9 * growing]))


def test_sizes_are_those_that_half_of_the_histories_are_twice_as_long_as():
    assert sizes_for(histories([5] * 5 + [16] * 4 + [300])) == [1, 2, 4, 8]
    assert sizes_for(histories([5] * 6 + [300] * 4)) == [1, 2]
    assert sizes_for(histories([1, 1, 1])) == [1]
    assert sizes_for(histories([200])) == list(SIZES)


def test_parts_are_drawn_from_histories_that_are_long_enough():
    whole = histories([3, 8, 40, 7, 9])
    rows, few = parts(whole, 4, np.random.default_rng(0))
    assert rows.tolist() == [1, 2, 4]
    assert few.getnnz(axis=1).tolist() == [4, 4, 4]
    assert (few.multiply(whole[rows]) != few).nnz == 0
    drawn = sum(parts(whole, 4, np.random.default_rng(seed))[1][1].toarray()[0] for seed in range(400))
    assert drawn[whole[2].indices].sum() == 1600
    assert np.abs(drawn[whole[2].indices] - 40).max() < 30  # 400 draws of 4 in 40; a deviation is 6


def test_intervals_cover_what_they_say():
    """Readings of n likes that are a truth with noise: about two in three lie within an error, 19 in 20 within two."""
    rng = np.random.default_rng(2)
    for noise in (0.3, 1.0, 3.0):
        truth = rng.standard_normal((2, 2_000, 5))
        part = truth + noise * rng.standard_normal(truth.shape)
        estimate, error = Certainty([1], [line(part[0], truth[0])]).judge(part[1], 1)
        off = np.abs(estimate - truth[1]) / error
        assert np.mean(off < 1) == pytest.approx(0.683, abs=0.02)
        assert np.mean(off < 2) == pytest.approx(0.954, abs=0.01)
