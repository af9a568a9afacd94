"""Drawing the map: trustworthiness against scikit-learn, planted concepts, equal seeds, large and small data."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.manifold import trustworthiness as sklearn_trustworthiness

from knobs_core import bundles
from knobs_core.data.sparse import single_items
from knobs_core.maps.flat import MARGIN, K
from knobs_core.maps.layout import N_JUDGED, known_items, trustworthiness
from knobs_core.maps.network import unit
from knobs_core.maps.regions import regions


def test_trustworthiness_is_scikit_learns(mapped_bundle):
    vectors = unit(mapped_bundle.nested.embeddings(single_items(mapped_bundle.interactions.n_items)))
    places = mapped_bundle.projection.items
    assert len(vectors) <= N_JUDGED
    expected = sklearn_trustworthiness(vectors, places, n_neighbors=K, metric="cosine")
    assert trustworthiness(vectors, places) == pytest.approx(expected, abs=1e-6)
    assert mapped_bundle.projection.trustworthiness > 0.85
    assert trustworthiness(vectors, places[::-1]) < 0.7


def test_planted_concepts_lie_together_and_name_their_regions(mapped_bundle):
    names, tag_items = mapped_bundle.interactions.tag_matrix()
    places = mapped_bundle.projection.items
    concept = np.asarray(tag_items.argmax(axis=0)).ravel()
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    same = concept[np.argsort(apart, axis=1)[:, :5]] == concept[:, None]
    assert same.mean() > 0.6  # 1 in 12 by chance
    for region in regions(places, tag_items):
        home = np.argsort(np.linalg.norm(places - [region.x, region.y], axis=1))[:5]
        assert (concept[home] == region.tag).mean() >= 0.6, names[region.tag]


def test_the_same_seed_draws_the_same_map(planted_bundle, mapped_bundle):
    again = bundles.draw_map(planted_bundle)
    assert again.projection.id == mapped_bundle.projection.id
    assert again.id == planted_bundle.id


def test_a_large_catalogue_is_drawn_in_part_and_placed(planted_bundle, monkeypatch):
    monkeypatch.setattr("knobs_core.maps.layout.N_FITTED", 500)
    monkeypatch.setattr("knobs_core.maps.layout.N_USERS", 300)
    drawn = bundles.draw_map(planted_bundle).projection
    assert drawn.n_users == 300
    assert np.isfinite(drawn.items).all()
    assert np.mean((drawn.items >= 0) & (drawn.items <= 1)) > 0.9
    assert np.all((drawn.items >= -MARGIN) & (drawn.items <= 1 + MARGIN))


def test_items_that_few_like_are_placed_and_not_laid_out():
    counts = np.array([9, 4, 5, 7, 0] + [6] * 30)
    likes = sp.csr_matrix((np.arange(12)[:, None] < counts).astype(np.float32))
    assert known_items(likes, 60).tolist() == [0, 3, *range(5, 35), 2]
    assert known_items(likes, 3).tolist() == [0, 3, 5]  # too few to lay out alone: all that are asked for
    assert known_items(likes[:, :5], 60).tolist() == [0, 3, 2, 1, 4]
