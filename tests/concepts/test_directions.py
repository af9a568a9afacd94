"""Directions of concepts among embeddings: plain centroids, and those that items with similar tags make smoother."""

import numpy as np
import scipy.sparse as sp

from knobs_core.concepts.directions import ConceptVectors, co_tagged


def test_centroids_are_differences_of_means(planted_bundle):
    _, tag_items = planted_bundle.interactions.tag_matrix()
    evidence = ConceptVectors(planted_bundle.nested, tag_items)
    members = np.flatnonzero(tag_items[2].toarray().ravel())
    expected = evidence.embeddings[members].mean(0) - evidence.embeddings.mean(0)
    np.testing.assert_allclose(evidence.centroids[2], expected, atol=1e-9)


def weights_by_hand(members):
    """The head of directions.py, tag by tag and item by item."""
    n_tags, n_items = members.shape
    df = members.sum(1)
    idf = np.log((n_items + 1) / (df + 1))
    vectors = (members * idf[:, None]).T
    units = np.array([v / np.linalg.norm(v) if v.any() else v for v in vectors])
    found = members.astype(float)
    for tag in range(n_tags):
        inside = np.flatnonzero(members[tag])
        if not len(inside):
            continue
        profile = units[inside].mean(0)
        profile[tag] = 0
        if not profile.any():
            continue
        alike = np.maximum(units @ (profile / np.linalg.norm(profile)), 0).round(9)
        alike[inside] = 0
        near = np.argsort(-alike, kind="stable")[: max(2 * len(inside), 10)]
        near = near[alike[near] > 0]
        if len(near):
            found[tag, near] = len(inside) / 2 * alike[near] ** 2 / (alike[near] ** 2).sum()
    return found


def test_items_with_similar_tags_count_as_the_formula_says():
    rng = np.random.default_rng(4)
    members = rng.random((9, 60)) < rng.uniform(0.02, 0.4, (9, 1))
    members[3] = False  # a tag without items
    members[5] = False
    members[5, 7] = True  # a tag on a single item, which carries nothing else
    members[[*range(5), 6, 7, 8], 7] = False
    np.testing.assert_allclose(co_tagged(sp.csr_matrix(members, dtype=float)).toarray(), weights_by_hand(members))


def test_by_hand_on_five_items():
    """Tag 0 is on item 0, which carries tag 1 as well; items 1 and 2 carry tag 1, so both count a quarter for tag 0."""
    members = np.array([[1, 0, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0]], float)
    assert co_tagged(sp.csr_matrix(members)).toarray()[0].tolist() == [1, 0.25, 0.25, 0, 0]
    assert co_tagged(sp.csr_matrix(members)).toarray()[2].tolist() == [0, 0, 0, 1, 0]
    assert co_tagged(sp.csr_matrix((0, 5))).shape == (0, 5)


def test_some_tags_alone_are_as_among_all():
    members = sp.csr_matrix(np.random.default_rng(6).random((7, 40)) < 0.2, dtype=float)
    every = co_tagged(members).toarray()
    np.testing.assert_allclose(co_tagged(members, [5, 2]).toarray(), every[[5, 2]])
    assert co_tagged(members, []).shape == (0, 40)


def test_directions_are_weighted_means(planted_bundle):
    _, tag_items = planted_bundle.interactions.tag_matrix()
    evidence = ConceptVectors(planted_bundle.nested, tag_items)
    weights = co_tagged(evidence.members).toarray()[2]
    expected = weights @ evidence.embeddings / weights.sum() - evidence.embeddings.mean(0)
    np.testing.assert_allclose(evidence.directions[2], expected, atol=1e-9)
