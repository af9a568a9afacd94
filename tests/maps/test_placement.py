"""Placement against umap-learn's own transform, that turns are answered, and the way that dials lead."""

import numpy as np
import pytest
import torch

from knobs_core.data.sparse import single_items
from knobs_core.maps.flat import MIN_DIST, K, Layout
from knobs_core.maps.layout import fit_placement
from knobs_core.maps.network import unit
from knobs_core.maps.placement import ALPHAS, dial_path, nearing
from knobs_core.steering.dials import Dial
from knobs_core.steering.spread import reach_of, steered_embeddings


@pytest.fixture(scope="module")
def unseen(planted_bundle):
    """A layout and a placement that know nothing of the test users, and the embeddings of these."""
    nested, split = planted_bundle.nested, planted_bundle.split()
    train = planted_bundle.interactions.matrix[split.train]
    items = nested.embeddings(single_items(planted_bundle.interactions.n_items))
    fitted = unit(np.vstack([items, nested.embeddings(train)]))
    layout = Layout(fitted, seed=1)
    dials = [knob.dial(1.0) for knob in planted_bundle.knobs.values()]
    network = fit_placement(layout, fitted, nested, train, dials, seed=1)
    return layout, network, nested.embeddings(split.test.inputs).numpy(), fitted


@pytest.mark.slow
def test_the_transform_is_umaps_own(unseen):
    """Neighbours that are found here, exactly, against those that umap finds: the same places, up to its refinement."""
    import umap

    layout, _, y, fitted = unseen
    model = umap.UMAP(n_neighbors=K, min_dist=MIN_DIST, metric="cosine", random_state=1, n_jobs=1, init="pca")
    model.fit(fitted)
    model.embedding_ = layout.model.embedding_
    apart = np.linalg.norm(layout.model.transform(unit(y)) - model.transform(unit(y)), axis=1)
    assert np.median(apart) < 0.01 * np.ptp(layout.model.embedding_, axis=0).max()


def test_unseen_people_are_placed_about_where_umap_places_them(unseen):
    layout, network, y, _ = unseen
    theirs = layout.transform(unit(y))
    apart = np.linalg.norm(network.place(y) - theirs, axis=1)
    by_luck = np.linalg.norm(network.place(y) - theirs[::-1], axis=1)
    # Five seeds on two processors, which round differently: .045 to .064, and 7.4 to 9.8 times nearer than by luck.
    assert np.median(apart) < 0.08
    assert np.median(apart) < np.median(by_luck) / 6


def test_a_turn_moves_the_marker_and_no_step_is_a_leap(planted_bundle, mapped_bundle):
    """Test users under every concept: seen where the true cosine has fallen to .9, in steps to follow."""
    nested, drawn = planted_bundle.nested, mapped_bundle.projection
    inputs = planted_bundle.split().test.inputs
    encoded = nested.encode(inputs)
    reach, amounts = reach_of(nested.scores(encoded), inputs), np.arange(0, 1.01, 0.02)
    moved, steps = [], []
    for name in planted_bundle.interactions.tag_matrix()[0]:
        dial_sets = [[planted_bundle.knobs.find(name).dial(float(amount))] for amount in amounts]
        ways = np.stack([unit(y) for y in steered_embeddings(nested, encoded.y, reach, dial_sets)])
        places = np.stack([drawn.place(y) for y in ways])
        steps.append(np.linalg.norm(np.diff(places, axis=0), axis=2))
        fallen = np.einsum("apd,pd->ap", ways, ways[0]) <= 0.9
        for person in np.flatnonzero(fallen.any(0)):
            moved.append(np.linalg.norm(places[fallen[:, person].argmax(), person] - places[0, person]))
    assert np.median(moved) > 0.03
    assert np.max(steps) < 0.15
    assert np.quantile(np.max(steps, axis=1), 0.9) < 0.1


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
