"""Bootstrap: weights are whole samples of people and of tags, and intervals are those that SciPy draws."""

import numpy as np
import pytest
from scipy.stats import bootstrap

from knobs_core.evaluation.bootstrap import N_BOOT, interval, resamples, weighted_means

N_PEOPLE, N_TAGS = 12, 7
PERSON, TAG = (axis.ravel() for axis in np.meshgrid(np.arange(N_PEOPLE), np.arange(N_TAGS), indexing="ij"))


@pytest.fixture(scope="module")
def drawn():
    """How often each person and each tag was drawn, taken apart again from the weights of all their pairs."""
    weights = resamples(PERSON, TAG, seed=3).reshape(N_BOOT, N_PEOPLE, N_TAGS)
    return weights, weights.sum(2) / N_TAGS, weights.sum(1) / N_PEOPLE


def test_a_pair_counts_as_often_as_its_person_times_its_tag(drawn):
    weights, people, tags = drawn
    np.testing.assert_allclose(weights, people[:, :, None] * tags[:, None, :], atol=1e-9)


def test_both_are_drawn_with_replacement_each_time_as_many_as_there_are(drawn):
    """Counts of a multinomial: whole numbers that add up, mean 1, variance 1 - 1/n, covariance -1/n."""
    for counts in drawn[1:]:
        n = counts.shape[1]
        np.testing.assert_allclose(counts, counts.round(), atol=1e-9)
        np.testing.assert_allclose(counts.sum(1), n)
        assert counts.min() == 0
        np.testing.assert_allclose(counts.mean(0), 1, atol=0.2)
        covariance = np.cov(counts.T)
        assert np.diag(covariance).mean() == pytest.approx(1 - 1 / n, rel=0.1)
        assert covariance[~np.eye(n, dtype=bool)].mean() == pytest.approx(-1 / n, rel=0.2)


def test_people_and_tags_are_drawn_on_their_own(drawn):
    _, people, tags = drawn
    assert abs(np.corrcoef(people[:, 0], tags[:, 0])[0, 1]) < 0.2
    assert len(np.unique(people, axis=0)) > N_BOOT / 2
    assert len(np.unique(tags, axis=0)) > N_BOOT / 4


def test_names_may_be_anything_and_pairs_may_be_missing():
    person, tag = np.array(["b", "a", "b"]), np.array([9, 9, 4])
    weights = resamples(person, tag, seed=1)
    assert weights.shape == (N_BOOT, 3)
    both = weights[:, [0, 1]].sum(1)  # "a" and "b" with tag 9: two people's draws times those of the tag
    assert set(both / 2) <= {0.0, 1.0, 2.0}
    assert (resamples(person, tag, seed=1) == weights).all()
    assert (resamples(person, tag, seed=2) != weights).any()


@pytest.mark.parametrize("by", ["people", "tags"])
def test_intervals_are_scipys_where_only_one_of_the_two_matters(by):
    """Values that depend on the person alone, or on the tag alone: the interval is that of a sample of these."""
    n = 60
    person, tag = (axis.ravel() for axis in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    effects = np.random.default_rng(0).gamma(2.0, size=n)
    values = effects[person if by == "people" else tag][:, None]
    low, high = interval(weighted_means(values, resamples(person, tag, seed=5))[:, 0])
    theirs = bootstrap((effects,), np.mean, n_resamples=5_000, method="percentile", rng=1).confidence_interval
    assert low == pytest.approx(theirs.low, abs=0.06)
    assert high == pytest.approx(theirs.high, abs=0.06)
    assert theirs.high - theirs.low > 0.4  # wide enough for a wrong one to be seen


def test_weighted_means_leave_missing_values_out():
    values = np.array([[1.0, np.nan], [3.0, 5.0], [np.nan, 7.0]])
    weights = np.array([[1.0, 1, 1], [2, 1, 0], [0, 0, 3]])
    expected = [[2, 6], [5 / 3, 5], [0, 7]]
    np.testing.assert_allclose(weighted_means(values, weights), expected)


def test_an_interval_of_nothing_is_empty():
    assert interval(np.full(4, np.nan)) == []
    assert interval(np.arange(1001.0)) == [25.0, 975.0]
