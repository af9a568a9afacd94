"""The map: placement against umap's own functions and transform, trustworthiness against scikit-learn, regions and
lassos by hand, planted concepts, and a bundle that keeps its map."""

import dataclasses
import json

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from sklearn.manifold import trustworthiness as sklearn_trustworthiness

from knobs_core import bundles
from knobs_core.base.errors import BundleError, DataError
from knobs_core.cli import main
from knobs_core.data.sparse import single_items
from knobs_core.maps.layout import MIN_DIST, N_JUDGED, draw_layout, trustworthiness
from knobs_core.maps.placement import ALPHAS, K, Projection, dial_path, nearing, unit
from knobs_core.maps.regions import colour_legend, inside, regions
from knobs_core.steering.dials import Dial
from knobs_core.steering.operators import steered_embedding, steered_embeddings


def vectors_of(drawn):
    """Unit vectors of the items and users a planted map was drawn from, and where they lie."""
    return drawn.projection.landmarks, drawn.projection.landmark_places


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


def test_trustworthiness_is_scikit_learns(mapped_bundle):
    vectors, places = vectors_of(mapped_bundle)
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


def test_a_dial_leads_towards_its_concept(mapped_bundle):
    """Steered people come closer to the planted concept's items with every step, in truth and on the map."""
    names, tag_items = mapped_bundle.interactions.tag_matrix()
    nested, drawn = mapped_bundle.nested, mapped_bundle.projection
    vectors = unit(nested.embeddings(single_items(mapped_bundle.interactions.n_items)))
    encoded = nested.encode(mapped_bundle.split().test.inputs)
    rising, nearer = [], []
    for tag, name in enumerate(names):
        members = tag_items[tag].toarray().ravel() > 0
        way = dial_path([Dial(mapped_bundle.knobs.find(name).recipe, 0.5)])
        steered = steered_embeddings(nested, encoded, way)
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


def test_several_settings_at_once_are_each_alone(planted_bundle):
    encoded = planted_bundle.nested.encode(planted_bundle.split().test.inputs[:7])
    sets = [[], [Dial({3: 1.0}, 0.4)], [Dial({3: 0.5, 5: 0.5}, -1.0), Dial({8: 1.0}, 0.2)]]
    together = steered_embeddings(planted_bundle.nested, encoded, sets)
    assert torch.equal(together[0], encoded.y)
    for row in (1, 2):
        assert torch.equal(together[row], steered_embedding(planted_bundle.nested, encoded, sets[row]))


def test_nearing_is_the_largest_gain_of_what_is_new():
    before, now = np.array([0.1, 0.5, 0.2, 0.3, 0.0]), np.array([0.9, 0.7, 0.1, 0.4, 0.0])
    assert nearing(before, now, np.array([0]), 4).tolist() == [1, 3]


def test_inside_a_lasso_by_hand():
    places = np.array([[0.5, 0.5], [0.1, 0.1], [0.9, 0.5], [0.45, 0.9]])
    square = np.array([[0.4, 0.4], [0.6, 0.4], [0.6, 0.6], [0.4, 0.6]])
    assert inside(places, square).tolist() == [0]
    hook = np.array([[0, 0], [1, 0], [1, 1], [0.8, 1], [0.8, 0.2], [0, 0.2]])  # not convex
    assert inside(places, hook).tolist() == [1, 2]


def test_a_concept_is_at_home_where_it_is_dense():
    rng = np.random.default_rng(0)
    everywhere, here = rng.random((400, 2)), np.array([0.3, 0.7]) + rng.normal(0, 0.01, (30, 2))
    places = np.vstack([everywhere, here])
    members = sp.csr_matrix(np.isin(np.arange(430), [*range(400, 430), 1, 2, 3])[None].astype(float))
    [region] = regions(places, members)
    assert (region.x, region.y) == pytest.approx((0.3, 0.7), abs=0.02)
    legend, colour = colour_legend([region], members, 5)
    assert legend == [0]
    assert colour.tolist() == [0 if carried else -1 for carried in members.toarray()[0]]


def test_the_same_seed_draws_the_same_map(planted_bundle, mapped_bundle):
    again = bundles.draw_map(planted_bundle)
    assert again.projection.id == mapped_bundle.projection.id
    assert again.id == planted_bundle.id


def test_a_large_catalogue_is_drawn_in_part_and_placed(planted_bundle, monkeypatch):
    monkeypatch.setattr("knobs_core.maps.layout.N_FITTED", 500)
    monkeypatch.setattr("knobs_core.maps.layout.N_USERS", 300)
    monkeypatch.setattr("knobs_core.maps.layout.N_LANDMARKS", 400)
    drawn = bundles.draw_map(planted_bundle).projection
    assert len(drawn.landmarks) == 400
    assert drawn.n_users == 300
    assert np.isfinite(drawn.items).all()
    assert np.mean((drawn.items >= 0) & (drawn.items <= 1)) > 0.97


def test_too_little_to_draw(planted_bundle):
    with pytest.raises(DataError, match="train on more data"):
        draw_layout(planted_bundle.nested, sp.csr_matrix((3, 4)), np.ones(4, bool), 0)


def test_a_bundle_keeps_its_map(mapped_bundle, tmp_path):
    path = tmp_path / "b"
    bundles.save(mapped_bundle, path)
    read = bundles.load(path)
    assert read.id == mapped_bundle.id
    assert read.projection.id == mapped_bundle.projection.id
    y = mapped_bundle.nested.embeddings(mapped_bundle.split().test.inputs)
    assert np.array_equal(read.projection.place(y), mapped_bundle.projection.place(y))
    assert read.projection.trustworthiness == mapped_bundle.projection.trustworthiness
    (path / bundles.MAP).write_bytes(b"half a ma")
    with pytest.raises(BundleError, match="rebuild it with"):
        bundles.load(path)


def test_the_command_adds_a_map_to_a_bundle(planted_bundle, tmp_path, capsys):
    path = tmp_path / "b"
    bundles.save(planted_bundle, path)
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    assert bundles.load(path).projection is None
    main(["map", str(path), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["trustworthiness"] > 0.85
    after = {file.name: file.read_bytes() for file in path.iterdir()}
    assert after.pop(bundles.MAP)
    assert after == before
    assert bundles.load(path).projection is not None


def test_a_map_is_never_put_into_another_bundle(mapped_bundle, tmp_path):
    manifest = mapped_bundle.manifest.model_copy(update={"seed": 99})
    other = dataclasses.replace(mapped_bundle, manifest=manifest, projection=None)
    bundles.save(other, tmp_path / "b")
    with pytest.raises(BundleError, match="another one"):
        bundles.save_map(mapped_bundle, tmp_path / "b")
    assert not [file for file in (tmp_path / "b").iterdir() if "map" in file.name and "concept" not in file.name]
