"""Placement on the map against umap's own functions and transform, and the way that dials lead."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from knobs_core.data.sparse import single_items
from knobs_core.maps.layout import MIN_DIST
from knobs_core.maps.placement import ALPHAS, K, Projection, dial_path, nearing, unit
from knobs_core.steering.dials import Dial
from knobs_core.steering.spread import reach_of, steered_embeddings


def test_membership_is_umaps_own(mapped_bundle):
    """The weights and the start of a placement, against the functions umap's transform begins with."""
    from umap.umap_ import compute_membership_strengths, init_graph_transform, smooth_knn_dist

    drawn = mapped_bundle.projection
    y = unit(mapped_bundle.nested.embeddings(mapped_bundle.split().test.inputs))
    y = y + np.random.default_rng(0).normal(0, 0.02, y.shape).astype(np.float32)
    distance = 1 - unit(y).astype(np.float64) @ drawn.landmarks.T
    near = np.argsort(distance, axis=1)[:, :K].astype(np.int32)
    dists = np.take_along_axis(distance, near, 1).astype(np.float32)
    sigmas, rhos = smooth_knn_dist(dists, float(K), local_connectivity=0.0)
    rows, columns, values, _ = compute_membership_strengths(near, dists, sigmas, rhos, bipartite=True)
    graph = sp.coo_matrix((values, (rows, columns)), shape=distance.shape).tocsr()
    assert drawn.place(y) == pytest.approx(init_graph_transform(graph, drawn.landmark_places), abs=1e-3)


@pytest.mark.slow
def test_placement_agrees_with_umaps_transform(mapped_bundle):
    """Unseen users: the stochastic refinement that placement leaves out moves them little against the whole map."""
    import umap

    nested, split = mapped_bundle.nested, mapped_bundle.split()
    train = unit(nested.embeddings(mapped_bundle.interactions.matrix[split.train]))
    items = unit(nested.embeddings(single_items(mapped_bundle.interactions.n_items)))
    test = unit(nested.embeddings(split.test.inputs))
    model = umap.UMAP(n_neighbors=K, min_dist=MIN_DIST, metric="cosine", random_state=1, n_jobs=1,
                      init="pca").fit(np.vstack([items, train]))  # fmt: skip
    places = model.embedding_
    mine = Projection(np.vstack([items, train]), places, places[: len(items)], places[:1], 0.0, len(train))
    apart = np.linalg.norm(mine.place(test) - model.transform(test), axis=1)
    assert np.median(apart) < 0.05 * np.ptp(places, axis=0).max()


def test_a_dial_leads_towards_its_concept(mapped_bundle):
    """Steered people come closer to the planted concept's items with every step, in truth and on the map."""
    names, tag_items = mapped_bundle.interactions.tag_matrix()
    nested, drawn = mapped_bundle.nested, mapped_bundle.projection
    vectors = unit(nested.embeddings(single_items(mapped_bundle.interactions.n_items)))
    inputs = mapped_bundle.split().test.inputs
    encoded = nested.encode(inputs)
    reach = reach_of(nested.scores(encoded), inputs)
    rising, nearer = [], []
    for tag, name in enumerate(names):
        members = tag_items[tag].toarray().ravel() > 0
        way = dial_path([mapped_bundle.knobs.find(name).dial(0.5)])
        steered = steered_embeddings(nested, encoded.y, reach, way)
        assert torch.equal(steered[0], encoded.y)
        home = drawn.items[members].mean(0)
        away = [np.linalg.norm(drawn.place(y) - home, axis=1).mean() for y in steered]
        cosine = np.array([(unit(y) @ vectors[members].T).mean(1) for y in steered])
        rising.append((np.diff(cosine, axis=0) > 0).mean())
        nearer.append(away[-1] < away[0])
    assert np.mean(rising) > 0.8
    assert np.mean(nearer) > 0.8


def test_the_way_keeps_proportions():
    dials = [Dial({0: 1.0}, 0.1, "up"), Dial({1: 1.0}, -0.2, "down")]
    way = dial_path(dials)
    assert way[0] == []
    assert [[round(dial.amount, 9) for dial in step] for step in way[1:]] == [[a / 2, -a] for a in ALPHAS]
    assert dial_path([]) == dial_path([Dial({0: 1.0}, 0.0)]) == [[]]


def test_nearing_is_the_largest_gain_of_what_is_new():
    before, now = np.array([0.1, 0.5, 0.2, 0.3, 0.0]), np.array([0.9, 0.7, 0.1, 0.4, 0.0])
    assert nearing(before, now, np.array([0]), 4).tolist() == [1, 3]
