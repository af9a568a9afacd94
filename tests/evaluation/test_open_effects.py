"""Whether a neuron finds titles of its open name: those that speak for it are left out."""

import numpy as np

from knobs_core.concepts import groups_of
from knobs_core.evaluation import Likeness, open_climbs, open_effects


def test_titles_of_a_neurons_own_name_climb_further_than_those_of_another(planted_bundle, monkeypatch):
    monkeypatch.setattr(open_effects, "BELONG", 20)
    data, likes = planted_bundle.interactions, planted_bundle.interactions.matrix.getnnz(axis=0)
    tags, tag_items = data.tag_matrix()
    items = (tag_items.toarray() > 0).T.astype(np.float32)  # an item's text is its concept
    concepts = np.eye(len(tags), dtype=np.float32)
    labels = [label for label in planted_bundle.labels if label.holds][:6]
    neurons = [label.neuron for label in labels]
    own = [tags.index(label.tags[0][0]) for label in labels]
    speak = groups_of([np.array(sorted(label.top_items[:5])) for label in labels], data.n_items)

    def climbs(rows):
        alike = Likeness(concepts[rows], concepts, items, np.arange(data.n_items))
        return open_climbs(planted_bundle.nested, planted_bundle.split().val, neurons, alike, speak, likes, 0)

    named, other = climbs(own), climbs([(row + 1) % len(tags) for row in own])
    assert np.mean([one.climb.bits for one in named]) > np.mean([one.climb.bits for one in other]) + 0.2
    for label, row, one in zip(labels, own, named, strict=True):
        told = set(label.top_items[:5]) & set(tag_items[[row]].indices.tolist())
        assert one.climb.n_titles == tag_items[[row]].nnz - len(told)
        assert 0 < one.climb.p <= 1
    assert not any(one.finds and one.climb.bits < 0.5 for one in named)


def test_of_no_neurons_nothing_is_asked(planted_bundle):
    alike = Likeness(np.zeros((0, 2)), np.zeros((3, 2)), np.zeros((5, 2)), np.arange(5))
    assert (
        open_climbs(planted_bundle.nested, planted_bundle.split().val, [], alike, groups_of([], 5), np.ones(5), 0) == []
    )
