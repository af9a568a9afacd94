"""The concept map: tf-idf by hand and against scikit-learn, both orientations, and the four choices."""

import numpy as np
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfTransformer

from knobs_core.concepts.tfidf import ConceptMap, concept_map, tfidf


def test_tfidf_by_hand():
    counts = np.array([[1.0, 0], [3, 2]])  # two terms, two documents
    idf = np.array([np.log(3 / 2) + 1, np.log(3 / 3) + 1])
    assert np.allclose(tfidf(counts), np.array([[1 / 4, 0], [3 / 4, 1]]) * idf[:, None])


def test_tfidf_agrees_with_scikit_learn():
    counts = np.random.default_rng(0).poisson(0.7, (12, 9)).astype(float)
    counts[:, counts.sum(0) == 0] = 1
    theirs = TfidfTransformer(norm=None, smooth_idf=True).fit_transform(sp.csr_matrix(counts.T)).toarray().T
    assert np.allclose(tfidf(counts), theirs / counts.sum(0))


def test_the_two_orientations_are_dual():
    """Tags and neurons exchanged, one orientation of the map becomes the other."""
    activity = np.random.default_rng(2).gamma(0.4, size=(7, 5)) * (np.random.default_rng(3).random((7, 5)) < 0.7)
    there, back = ConceptMap(list("abcdefg"), activity), ConceptMap(list("vwxyz"), activity.T)
    assert np.array_equal(there.by_neuron, back.by_tag.T)
    assert np.array_equal(there.by_tag, back.by_neuron.T)
    assert np.array_equal(there.unique(), back.distinctive())
    assert np.array_equal(there.representative(), back.characteristic())


def test_empty_columns_and_rows_stay_zero():
    assert not tfidf(np.array([[0.0, 1], [0, 2]]))[:, 0].any()
    assert np.isfinite(tfidf(np.zeros((3, 2)))).all()


def test_the_four_choices_by_hand():
    """Two tags, four neurons; neuron 3 is dead. Neuron 0 is loud for both tags, 1 only for "a", 2 a little for "b"."""
    activity = np.array([[4.0, 2, 0, 0], [5, 0, 1, 0]])
    concepts = ConceptMap(["a", "b"], activity)
    half = np.log(3 / 2) + 1  # idf of a neuron that fires for one of two tags
    by_tag = np.array([[4 / 6, 2 / 6 * half, 0, 0], [5 / 6, 0, 1 / 6 * half, 0]])
    assert np.allclose(concepts.by_tag, by_tag)
    idf = [np.log(5 / 3) + 1, np.log(5 / 3) + 1]  # each tag fires two of four neurons
    assert np.allclose(concepts.by_neuron, np.array([[4 / 9, 1, 0, 0], [5 / 9, 0, 1, 0]]) * np.array(idf)[:, None])
    assert concepts.representative().tolist() == [0, 0]
    assert concepts.unique().tolist() == [1, 2]
    assert concepts.characteristic().tolist() == [1, 0, 1, -1]
    assert concepts.distinctive().tolist() == [1, 0, 1, -1]


def test_activity_is_the_product_of_tag_shares_and_item_codes():
    tag_items = sp.csr_matrix([[2.0, 0, 1], [0, 1, 0]])
    codes = sp.csr_matrix([[1.0, 0], [0, 3], [2, 0]])
    expected = np.array([[2 / 4 * 1 + 1 / 4 * 2, 0], [0, 1 / 4 * 3]])
    assert np.allclose(concept_map(["a", "b"], tag_items, codes).activity, expected)


def test_dead_neurons_and_silent_tags_are_never_chosen():
    concepts = ConceptMap(["a", "silent"], np.array([[0.0, 1, 0], [0, 0, 0]]))
    assert concepts.representative().tolist() == [1, -1]
    assert concepts.unique().tolist() == [1, -1]
    assert concepts.characteristic().tolist() == [-1, 0, -1]
    assert ConceptMap([], np.zeros((0, 2))).distinctive().tolist() == [-1, -1]
