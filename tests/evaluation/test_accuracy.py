"""Accuracy on test users, recomputed one person at a time."""

import sys

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.data.sparse import single_items
from knobs_core.evaluation.accuracy import accuracy


def one_by_one(scores, inputs, targets):
    """Recall@20 and nDCG@20 by sorting each person's unseen items."""
    recall, ndcg = [], []
    for own, seen, wanted in zip(scores, inputs, targets, strict=True):
        order = [i for i in np.argsort(-own, kind="stable") if not seen[i]][:20]
        hits = [rank for rank, i in enumerate(order) if wanted[i]]
        n = int(min(wanted.sum(), 20))
        recall.append(len(hits) / n)
        ndcg.append(sum(1 / np.log2(rank + 2) for rank in hits) / sum(1 / np.log2(rank + 2) for rank in range(n)))
    return {"recall@20": pytest.approx(np.mean(recall)), "ndcg@20": pytest.approx(np.mean(ndcg))}


@pytest.mark.parametrize("part", [4096, 7])
def test_every_figure_of_the_planted_bundle(planted_bundle, monkeypatch, part):
    monkeypatch.setattr(sys.modules[accuracy.__module__], "PART", part)
    nested, data, split = planted_bundle.nested, planted_bundle.interactions, planted_bundle.split()
    found = accuracy(nested, data, split)
    inputs, targets = (part.toarray() > 0 for part in (split.test.inputs, split.test.targets))
    popular = np.asarray(data.matrix[split.train].sum(0)).ravel()
    encoded = nested.encode(split.test.inputs)
    assert found["popularity"] == one_by_one(np.tile(popular, (len(inputs), 1)), inputs, targets)
    assert found["cfae"] == one_by_one(nested.scores(encoded).numpy(), inputs, targets)
    through = one_by_one(nested.reconstructed_scores(encoded).numpy(), inputs, targets)
    assert {name: found["nested"][name] for name in through} == through
    for name, value in found["retained"].items():
        assert value == found["nested"][name] / found["cfae"][name]
    y, rebuilt = encoded.y.numpy(), nested.sae.decode(encoded.code).numpy()
    cosine = (y * rebuilt).sum(1) / np.linalg.norm(y, axis=1) / np.linalg.norm(rebuilt, axis=1)
    assert found["nested"]["cosine"] == pytest.approx(cosine.mean(), rel=1e-5)
    assert found["nested"]["l0"] == (encoded.code.z.numpy() > 0).sum(1).mean()
    everybody, alone = (nested.codes(x).toarray() for x in (data.matrix, single_items(data.n_items)))
    assert found["neurons"] == {
        "total": nested.sae.d_sae, "dead_on_users": (~everybody.any(0)).sum(), "dead_on_items": (~alone.any(0)).sum(),
    }  # fmt: skip
    assert found["split"] == {"n_train": 480, "n_val": 60, "n_test": 60}


def test_where_the_recommender_finds_nothing_nothing_is_retained(planted_bundle):
    """Its shares are written into the manifest, which holds finite numbers alone."""
    split = planted_bundle.split()
    scores = planted_bundle.nested.scores(planted_bundle.nested.encode(split.test.inputs)).numpy()
    last = sp.csr_matrix((scores == scores.min(axis=1, keepdims=True)).astype(np.float32))
    hopeless = split._replace(test=split.test._replace(targets=last))
    found = accuracy(planted_bundle.nested, planted_bundle.interactions, hopeless)
    assert found["cfae"] == {"recall@20": 0, "ndcg@20": 0}
    assert found["retained"] == {"recall@20": 0, "ndcg@20": 0}
