"""What an index finds of people's lists."""

import dataclasses

import numpy as np
import pytest

from knobs_core.base import DataError
from knobs_core.retrieval import check, index
from knobs_core.retrieval.recall import BOOST, SUPPRESS, K

faiss = pytest.importorskip("faiss")
KINDS = ["plain", "boosted", "suppressed"]


def test_looking_at_everything_finds_everything(planted_bundle):
    steps = []
    found = check(planted_bundle, "Flat", steps.append)
    assert list(found.recall) == KINDS
    assert found.people == len(planted_bundle.split().test.users) == steps[-1].done
    assert min(found.recall.values()) > 0.998  # but for an exchange of equal scores at the end
    assert found.worst[1] == min(found.recall.values())


def test_an_index_that_loses_items_loses_recall(planted_bundle, monkeypatch):
    """Every second item is never found: half of each list, on average, and the same worked out by hand."""

    def halved(items, _):
        nearest = index.exact_nearest(items)

        def found(vectors, k):
            near = nearest(vectors, k)
            return np.where(near % 2, near, -1)

        return found

    monkeypatch.setattr("knobs_core.retrieval.recall.index_nearest", halved)
    found = check(planted_bundle, "halved")
    users, matrix = planted_bundle.split().test.users, planted_bundle.interactions.matrix
    engine = planted_bundle.engine
    tastes = [engine.taste(matrix[user]) for user in users]
    boosts = [knob for knob in planted_bundle.knobs.values() if knob.label is None and not knob.weak]
    truly = {
        "plain": [engine.recommend(one, [], K) for one in tastes],
        "boosted": [engine.recommend(one, [boosts[i % len(boosts)].dial(BOOST)], K) for i, one in enumerate(tastes)],
        "suppressed": [
            engine.recommend(one, [planted_bundle.knobs[f"#{one.z.argmax()}"].dial(SUPPRESS)], K) for one in tastes
        ],
    }
    for kind in KINDS:
        shares = [(one.items % 2).mean() for one in truly[kind]]
        assert np.isclose(found.recall[kind], np.mean(shares), atol=2e-3), kind
        assert np.isclose(found.lowest[kind], min(shares), atol=0.051), kind


def test_a_bundle_of_which_nobody_can_be_asked_is_refused(planted_bundle):
    data = planted_bundle.interactions
    nobody = dataclasses.replace(planted_bundle, interactions=dataclasses.replace(data, matrix=data.matrix * 0))
    nobody.interactions.matrix.eliminate_zeros()
    with pytest.raises(DataError, match="a user held out"):
        check(nobody, "Flat")
