"""Groups: everybody counts alike, and shares are what they are said to be."""

import numpy as np
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
