"""Everybody at once."""

import numpy as np
import pytest

from knobs_core.steering.batch import steer_all
from knobs_core.steering.dials import Dial
from tests.plain import recommend


@pytest.mark.parametrize("operator", ["spread", "blend", "paper"])
def test_everybody_at_once_gets_what_each_gets_alone(planted_bundle, monkeypatch, operator):
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix[:70]
    monkeypatch.setattr("knobs_core.steering.batch.SCORES", 16 * likes.shape[1])  # several blocks, the last one short
    dials = [Dial({1: 0.5, 6: 0.5}, 0.3), Dial({2: 1.0}, -0.7)]
    several = [Dial({1: 1.0}, 0.3), Dial({4: 1.0}, 0.6), Dial({2: 1.0}, -0.7)]
    for turned in (dials, several, [], [Dial({3: 1.0}, 0.0)]):
        blocks = list(steer_all(nested, likes, turned, 10, operator))
        assert [len(block.items) for block in blocks] == [16, 16, 16, 16, 6]
        for user, items in enumerate(np.concatenate([block.items for block in blocks])):
            alone = recommend(nested, likes[user], turned, operator, 10)
            scores = dict(zip(alone.items.tolist(), alone.scores.tolist(), strict=True))
            found = [scores.get(item, np.nan) for item in items.tolist()]
            assert np.allclose(found, alone.scores, rtol=1e-4)  # the same, but for exchanges of equal scores


def test_lists_of_few_unseen_items_end_in_nothing(planted_bundle):
    likes = planted_bundle.interactions.matrix[:2].copy().tolil()
    likes[0, 3:] = 1
    several = [Dial({1: 1.0}, 0.3), Dial({4: 1.0}, 0.6)]
    [block] = steer_all(planted_bundle.nested, likes.tocsr(), several, 6)
    free = np.flatnonzero(likes.toarray()[0] == 0)
    assert sorted(block.items[0].tolist()) == sorted([*free.tolist(), *[-1] * (6 - len(free))])
