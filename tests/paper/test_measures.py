"""The report's measures against other libraries and by hand."""

import numpy as np
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from knobs_core.data.split import HeldOut
from knobs_core.paper import measures


def test_specificity_agrees_with_scipy():
    scores = np.random.default_rng(0).gamma(0.3, size=(30, 12)) * (np.random.default_rng(1).random((30, 12)) < 0.6)
    scores[:, 5] = 0
    scores[7] = 0
    rows, average = measures.specificity(scores)
    mean = scores.mean(0)
    assert average == {"entropy": pytest.approx(entropy(mean)), "alive": 11}
    assert rows.loc[7].isna().all()
    for i in (0, 3, 29):
        own = rows.loc[i]
        assert own["entropy"] == pytest.approx(entropy(scores[i]))
        assert own["entropy_share"] == pytest.approx(entropy(scores[i], base=11))
        assert own["entropy_decrease"] == pytest.approx(1 - entropy(scores[i]) / entropy(mean))
        assert own["kl_paper"] == pytest.approx(entropy(mean, scores[i] + 1e-9))
        assert own["kl"] == pytest.approx(entropy(scores[i], mean))
        assert own["jsd"] == pytest.approx(jensenshannon(scores[i], mean) ** 2)


def test_specificity_by_hand():
    """Two tags over two neurons; the average is even, so a tag on one neuron is ln 2 away from it."""
    rows, average = measures.specificity(np.array([[2.0, 0], [0, 2]]))
    assert average == {"entropy": pytest.approx(np.log(2)), "alive": 2}
    assert rows["entropy"].tolist() == [0, 0]
    assert rows["entropy_decrease"].tolist() == [1, 1]
    assert rows["kl"].tolist() == pytest.approx([np.log(2)] * 2)
    # half of the mass meets a share of 1 - 5e-10, the other half one of 5e-10
    assert rows["kl_paper"].tolist() == pytest.approx([np.log(0.5) - 0.5 * np.log(5e-10)] * 2, rel=1e-6)
    assert measures.specificity(np.zeros((3, 2)))[1] == {"entropy": 0.0, "alive": 0}


def test_kl_of_the_papers_code_rises_with_the_mass_of_a_row():
    """What is flagged in the report: the same distribution with ten times the score has a larger KL."""
    scores = np.array([[1.0, 0, 0], [10, 0, 0], [0, 3, 3]])
    rows, _ = measures.specificity(scores)
    assert rows["kl_paper"][1] > rows["kl_paper"][0] + 0.5
    assert rows["jsd"][1] == pytest.approx(rows["jsd"][0])


def test_segments_by_hand():
    tag_items = sp.csr_matrix([[1.0, 1, 0, 0, 0], [0, 0, 3, 1, 0], [0, 0, 0, 0, 1]])
    inputs = sp.csr_matrix([[1.0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]])
    targets = sp.csr_matrix([[0.0, 0, 1, 1, 0], [0, 0, 0, 1, 0], [1, 0, 1, 0, 0]])
    held_out = HeldOut(np.arange(3), inputs, targets)
    assert measures.segments(tag_items, held_out).tolist() == [1, -1, 0]  # the last is a tie, so the first tag
    assert measures.segments(sp.csr_matrix((0, 5)), held_out).tolist() == [-1, -1, -1]


def test_steering_without_an_amount_is_the_nested_model(planted_bundle):
    split, (_, tag_items) = planted_bundle.split(), planted_bundle.interactions.tag_matrix()
    segment = measures.segments(tag_items, split.test)
    users = HeldOut(*(field[segment >= 0] for field in split.test))
    neurons = planted_bundle.concepts.representative()
    values = measures.steer_segments(
        planted_bundle.nested, tag_items, users, segment[segment >= 0], neurons, (0.0, 0.2)
    )
    assert values.shape == (2, 2, len(users.users))
    nested = measures.reconstruction(planted_bundle.nested, users)
    assert values[0, 0] == pytest.approx(nested["ndcg"])
    assert values[1, 1].mean() > values[0, 1].mean()


def test_precision_by_hand():
    """Neuron 0 fires for items 2 and 0; item 3 has too few likes to count; tag 1 has no neuron, tag 2 one of three."""
    codes = sp.csr_matrix([[1.0, 0], [0, 1], [3, 0], [9, 0]])
    first = measures.strongest_items(codes, np.array([5, 5, 9, 4]), 10)
    assert [items.tolist() for items in first] == [[2, 0], [1]]
    tag_items = sp.csr_matrix([[2.0, 0, 1, 0], [0, 1, 0, 0], [1, 1, 0, 1]])
    assert measures.precision(tag_items, first, np.array([0, -1, 0]), 10) == [1.0, 0.0, 1 / 3]


def test_standard_error_by_hand():
    assert measures.mean_and_error(np.array([1.0, 2, 3, np.nan])) == (2.0, pytest.approx(1 / np.sqrt(3)))
    assert np.isnan(measures.mean_and_error(np.array([np.nan]))).all()
