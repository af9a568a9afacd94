"""Everybody at once."""

import numpy as np
import pytest
import torch

from knobs_core.steering.batch import steer_all
from knobs_core.steering.dials import Dial
from tests.plain import recommend


@pytest.mark.parametrize("operator", ["blend", "paper"])
def test_everybody_at_once_gets_what_each_gets_alone(planted_bundle, monkeypatch, operator):
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix[:70]
    monkeypatch.setattr("knobs_core.steering.batch.SCORES", 16 * likes.shape[1])  # several blocks, the last one short
    dials = [Dial({1: 0.5, 6: 0.5}, 0.3), Dial({2: 1.0}, -0.7)]
    for turned in (dials, [], [Dial({3: 1.0}, 0.0)]):
        blocks = list(steer_all(nested, likes, turned, 10, operator))
        assert [len(block) for block in blocks] == [16, 16, 16, 16, 6]
        for user, items in enumerate(np.concatenate(blocks)):
            alone = recommend(nested, likes[user], turned, operator, 10)
            scores = torch.zeros(likes.shape[1]).index_put(
                (torch.as_tensor(alone.items),), torch.as_tensor(alone.scores)
            )
            assert np.allclose(scores[items], alone.scores, rtol=1e-4)  # the same, but for exchanges of equal scores
