"""Groups: everybody counts alike, and shares are what they are said to be."""

import types

import numpy as np
import scipy.sparse as sp
import torch

from knobs_core.base.ranking import ranking
from knobs_core.steering.engine import Engine
from knobs_core.steering.groups import served


def test_a_group_is_the_mean_of_unit_embeddings(planted_bundle):
    nested, histories = planted_bundle.nested, planted_bundle.interactions.matrix[[3, 8]]
    y = nested.encode(histories).y
    expected = torch.nn.functional.normalize(y, dim=1).mean(0, keepdim=True)
    person = Engine(nested).taste(histories, also_seen=[0])
    assert torch.allclose(person.encoded.y, expected)
    assert set(person.seen.tolist()) == set(histories.indices.tolist()) | {0}


def test_ones_own_best_list_serves_fully_and_the_worst_hardly(planted_bundle):
    engine, history = Engine(planted_bundle.nested), planted_bundle.interactions.matrix[[5]]
    person = engine.taste(history)
    best = ranking(person.base, person.seen)
    assert served(engine, history, best[:10]) == [1.0]
    assert served(engine, history, best[-10:])[0] < 0.2
    shares = served(engine, planted_bundle.interactions.matrix[[5, 9]], best[:10])
    assert shares.shape == (2,)
    assert np.all((shares >= 0) & (shares <= 1))


class Scored:
    """An engine that knows everybody's scores; who somebody is, is told by the first item they like."""

    def __init__(self, scores):
        self.scores = scores

    def taste(self, history):
        return types.SimpleNamespace(base=torch.tensor(self.scores[history.indices[0]]))


def test_shares_by_hand():
    """The lowest of one's own scores, over what nobody has seen, is taken off before shares are formed."""
    engine = Scored({0: [9.0, 4.0, 5.0, 3.0, 1.0, 2.0], 1: [1.0, 9.0, -4.0, -1.0, -3.0, -2.0]})
    histories = sp.csr_matrix([[1.0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]])
    # Over items 2 to 5 the first one's scores are worth 4, 2, 0, 1 and the second one's 0, 3, 1, 2.
    for items, expected in (
        ([2, 3], [6 / 6, 3 / 5]),
        ([3, 4], [2 / 6, 4 / 5]),
        ([4], [0, 1 / 3]),
        ([3, 5], [3 / 6, 1]),
    ):
        np.testing.assert_allclose(served(engine, histories, np.array(items)), expected)


def test_whoever_likes_everything_alike_is_served_by_anything():
    engine = Scored({0: [0.5, 0.5, 0.5, 0.5]})
    assert served(engine, sp.csr_matrix([[1.0, 0, 0, 0]]), np.array([3])).tolist() == [1.0]


def test_shares_equal_a_numpy_rewrite(planted_bundle):
    nested, histories = planted_bundle.nested, planted_bundle.interactions.matrix[[2, 11, 40]]
    free = np.flatnonzero(np.asarray(histories.sum(0)).ravel() == 0)
    items = np.random.default_rng(0).choice(free, 12, replace=False)
    scores = nested.scores(nested.encode(histories)).double().numpy()
    expected = []
    for own in scores:
        worth = own - own[free].min()
        expected.append(worth[items].sum() / np.sort(worth[free])[-12:].sum())
    np.testing.assert_allclose(served(Engine(nested), histories, items), expected, rtol=1e-5)
    assert 0.02 < min(expected) < max(expected) < 0.98
