"""What is found, against SciPy's own tests, formulas by hand and counting all ways."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from knobs_core import studies
from knobs_core.studies import Plan, needed, preference, statement
from tests.studies.answering import study_of, take


@pytest.mark.parametrize(("a", "b"), [(3, 9), (9, 3), (0, 6), (10, 10), (1, 0), (40, 61)])
def test_the_sign_test_and_wilsons_interval_by_hand(a, b):
    found, n = preference(a, b, ties=4), a + b
    tail = sum(math.comb(n, k) for k in range(min(a, b) + 1)) / 2**n
    assert found.p == pytest.approx(min(1, 2 * tail))
    assert found.share == b / n
    z = 1.959963984540054
    middle = (b / n + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(b / n * (1 - b / n) / n + z * z / (4 * n * n))
    assert (found.low, found.high) == pytest.approx((middle - half, middle + half))
    assert found.ties == 4


def test_the_interval_is_of_the_level_of_the_plan():
    wide, narrow = preference(3, 9, alpha=0.01), preference(3, 9, alpha=0.2)
    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide.p == narrow.p


def test_without_anybody_nothing_is_known():
    found = preference(0, 0, ties=3)
    assert found.p == 1
    assert all(math.isnan(value) for value in (found.share, found.low, found.high))


@pytest.mark.parametrize(
    ("effect", "alpha", "power"), [(0.65, 0.05, 0.8), (0.75, 0.05, 0.9), (0.9, 0.01, 0.8), (0.6, 0.1, 0.5)]
)
def test_how_many_people_are_needed(effect, alpha, power):
    """From that number on the exact power is never lower; with one fewer it is."""

    def found(n):
        k = np.arange(n + 1)
        refused = np.minimum(1, 2 * stats.binom.cdf(np.minimum(k, n - k), n, 0.5)) <= alpha
        return stats.binom.pmf(k[refused], n, effect).sum()

    n = needed(Plan(effect=effect, alpha=alpha, power=power))
    assert found(n - 1) < power
    assert all(found(more) >= power for more in range(n, n + 40))


def test_a_smaller_effect_needs_more_people():
    assert 4_800 < needed(Plan(effect=0.52)) < 5_000  # (1.96 / 2 + 0.84 / 2)^2 / 0.02^2 is 4,900
    assert needed(Plan(effect=0.99, alpha=0.2, power=0.5)) < 6


VALUES = [1, 2, 2, 3, 4, 4, 4, 5, 5, 4, 5, 3]


def test_a_statement():
    found = statement("fit", "It fits.", VALUES)
    assert (found.n, found.counts, found.median, found.mean) == (12, (1, 2, 2, 4, 3), 4, 3.5)
    theirs = stats.bootstrap((VALUES,), np.mean, n_resamples=5_000, method="percentile", rng=1).confidence_interval
    assert found.interval == pytest.approx((theirs.low, theirs.high), abs=0.15)


def test_the_signed_ranks_by_all_ways_to_set_the_signs():
    found = statement("fit", "It fits.", VALUES)
    off = np.array([value - 3 for value in VALUES if value != 3])
    ranks = stats.rankdata(abs(off))
    centre, mine = ranks.sum() / 2, ranks[off > 0].sum()
    ways = [ranks[list(kept)].sum() for kept in map(np.array, itertools.product([False, True], repeat=len(off)))]
    assert found.p == pytest.approx(np.mean([abs(way - centre) >= abs(mine - centre) - 1e-9 for way in ways]))


def test_statements_of_whom_there_is_nothing_to_say():
    assert statement("fit", "It fits.", [3, 3, 3]).p == 1
    nobody = statement("fit", "It fits.", [])
    assert (nobody.n, nobody.counts, nobody.p) == (0, (0, 0, 0, 0, 0), 1)
    assert math.isnan(nobody.mean)


@pytest.fixture
def study():
    return study_of(plan={"fastest": 2})


@pytest.fixture
def answered(people, planted_bundle, study):
    """Three people who want a, two who want b, one without a preference, and three who are left out; one withdrew."""
    for wants, fit in (("a", "agree"), ("b", "neither"), ("a", "agree"), ("a", "disagree"), ("b", "agree")):
        take(people, planted_bundle, study, wants=wants, fit=fit)
    take(people, planted_bundle, study, wants="none", fit="rather agree")
    take(people, planted_bundle, study, wants="b", attentive=False)
    take(people, planted_bundle, study, wants="b", seconds=1.9)
    take(people, planted_bundle, study, stop=4)
    people.withdraw(take(people, planted_bundle, study, wants="b"))
    people.invite(study.id, 3)
    return people


def test_who_counts_and_who_is_left_out(answered, study):
    found = studies.findings(answered, study)
    assert found.people == {"invited": 13, "begun": 9, "finished": 8, "withdrawn": 1, "counted": 6}
    assert found.left_out == {
        "failed a check of attention": 1,
        "took less than 2 seconds for an answer": 1,
        "did not finish": 1,
    }
    assert studies.counts_of(answered, study) == {"invited": 13, "begun": 9, "finished": 8, "withdrawn": 1}


def test_a_person_counts_once(answered, study):
    found = studies.findings(answered, study).preference
    assert (found.a, found.b, found.ties, found.same) == (3, 2, 1, 0)
    assert found.p == stats.binomtest(2, 5).pvalue
    assert found.sides == {"left": 10, "none": 4, "right": 10}  # each setting stood left in two of four trials
    [fit] = studies.findings(answered, study).statements
    assert (fit.id, fit.counts) == ("fit", (1, 0, 1, 1, 3))  # the check of attention is no finding
    [often] = studies.findings(answered, study).options
    assert often.counts == {"never": 0, "often": 6}


def test_whoever_chooses_both_equally_often_has_no_preference(people, planted_bundle, study):
    take(people, planted_bundle, study, wants="a")
    [one] = studies.answerers(people, study)
    assert (one.prefers, one.wins) == ("a", {"a": 4})
    flipped = [*one.answers]
    for at in [at for at, given in enumerate(flipped) if given.document["kind"] == "trial"][:3]:
        document = {**flipped[at].document}
        if not document["catch"]:
            document["chosen"] = {"left": "right", "right": "left"}[document["chosen"]]
        flipped[at] = flipped[at].__class__(at, document, flipped[at].at)
    turned = one.__class__(1, one.participant, tuple(flipped), "")
    assert turned.prefers == {(2, 2): "none", (1, 3): "b"}[turned.wins["a"], turned.wins["b"]]


def test_a_row_an_answer(answered, study):
    rows = studies.table(answered, study)
    assert len(rows) == 8 * 10 + 4
    assert rows.groupby("person")["why"].nunique().max() == 1
    trials = rows[rows["kind"] == "trial"]
    assert (trials["question"] == "catch").sum() + (trials["prefers"] != "").sum() == len(trials)
    mine = trials[(trials["person"] == 1) & (trials["question"] == "")]
    assert {*mine["prefers"]} == {"a"}
    for _, row in mine.iterrows():
        assert row["prefers"] == row[row["answer"]]
    assert rows["passed"].notna().sum() == (rows["question"].isin(["catch", "check"])).sum()
    assert rows.loc[rows["question"] == "fit", "value"].tolist()[:2] == [5, 3]
    assert len(studies.table(answered, study_of(id="nobody"))) == 0
