"""Lists beside those they came from."""

import numpy as np
import pytest
import torch

from knobs_core.base.ranking import ranking
from knobs_core.steering.dials import Dial
from knobs_core.steering.operators import OPERATORS, SPREAD
from knobs_core.steering.recommend import ReferenceRanking, compare
from tests.plain import recommend


def test_lists_and_ranks_without_sorting_equal_sorted_ones():
    """Few values, so that many scores are equal, at the end of the list too; also fewer unseen items than asked for."""
    rng = np.random.default_rng(5)
    for n_items in (5, 40, 300, 2000):
        for _ in range(20):
            plain, steered = (torch.tensor(rng.integers(0, 12, n_items), dtype=torch.float32) for _ in "12")
            seen = np.sort(rng.choice(n_items, n_items // 4, replace=False))
            result, before, now = (
                compare(ReferenceRanking(plain, seen), [1.0], [steered.numpy()]),
                ranking(plain, seen),
                ranking(steered, seen),
            )
            assert result.items.tolist() == now[:20].tolist()
            assert result.before.tolist() == before[:20].tolist()
            assert [before.tolist().index(i) + 1 for i in result.items] == result.unsteered_rank.tolist()


@pytest.mark.parametrize("operator", [SPREAD, *OPERATORS])
def test_lists_are_consistent(planted_bundle, operator):
    nested, history = planted_bundle.nested, planted_bundle.interactions.matrix[0]
    result = recommend(nested, history, [Dial({0: 1.0}, 0.6)], operator, n=15)
    assert len(result.items) == len(set(result.items.tolist())) == 15
    assert not set(result.items.tolist()) & set(history.indices.tolist())
    assert (np.diff(result.scores) <= 0).all()
    assert len(result.entered) == len(result.left)
    for item, rank in zip(result.items, result.unsteered_rank, strict=True):
        assert (rank <= 15) == (item in result.before)
        if rank <= 15:
            assert result.before[rank - 1] == item
