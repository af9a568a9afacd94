"""Directions of concepts among embeddings."""

import numpy as np

from knobs_core.concepts.directions import ConceptVectors


def test_directions_are_differences_of_means(planted_bundle):
    _, tag_items = planted_bundle.interactions.tag_matrix()
    evidence = ConceptVectors(planted_bundle.nested, tag_items)
    members = np.flatnonzero(tag_items[2].toarray().ravel())
    expected = evidence.embeddings[members].mean(0) - evidence.embeddings.mean(0)
    np.testing.assert_allclose(evidence.directions[2], expected, atol=1e-9)
