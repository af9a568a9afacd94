"""The scale of a dial: each click is one title further from the list at rest, on any decoder, for any knob."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knobs_core.models.nested import Nested
from knobs_core.steering.detents import GRID, MOST, STEP, clicks, detents
from knobs_core.steering.engine import Engine
from tests.steering.bent import Bent
from tests.steering.random_dials import random_dials

N = 10


def swept(engine, taste, dial, amounts):
    """How many titles have entered on the way to each of some amounts, by looking at the list at every one of them."""
    inside, entered, counts = set(engine.recommend(taste, [], N).items.tolist()), 0, []
    for amount in amounts:
        now = set(engine.recommend(taste, [replace(dial, amount=float(amount))], N).items.tolist())
        entered += len(now - inside)
        inside = now
        counts.append(entered)
    return np.array(counts)


@pytest.fixture
def dials(planted_bundle):
    """A few dials, at amounts that do not matter."""
    d_sae = planted_bundle.nested.sae.d_sae
    return random_dials(np.random.default_rng(4), np.ones(d_sae), 6, planted_bundle.nested.cfae.d_embed)


def test_each_click_exchanges_one_title(planted_bundle, dials):
    engine = planted_bundle.engine
    taste, exact = engine.taste(planted_bundle.interactions.matrix[3]), []
    for dial in dials:
        scale = detents(engine, taste, dial, N)
        for end, amounts in ((1, scale.up), (-1, scale.down)):
            assert amounts[-1] == end
            fine = np.unique(np.round(np.concatenate([np.arange(0, 1, 0.001), np.abs(amounts)]), 4))[1:]
            counts = swept(engine, taste, dial, end * fine)
            at = counts[np.searchsorted(fine, np.abs(amounts))]
            exact += np.diff([0, *at])[:-1].tolist()  # the last click goes to the end, however far that is
    assert len(exact) > 50
    assert min(exact) == 1
    assert np.mean(np.array(exact) == 1) > 0.9  # the others: titles that enter closer together than amounts are kept


def test_hand_arithmetic():
    """Titles enter at .2, .4 and .8: clicks at .3, .6 and the end."""
    assert clicks([0.8, 0.2, 0.4]) == [0.3, 0.6, 1.0]
    assert clicks([]) == [1.0]
    assert clicks([1.0]) == [1.0]
    assert clicks([0.5, 0.50003, 0.9]) == [0.7, 1.0]  # closer than a step: one click for both
    assert len(clicks(np.linspace(0.01, 0.9, 60))) == MOST


@given(st.lists(st.floats(0, 1), max_size=50))
def test_clicks_rise_to_the_end_and_are_kept_exactly(entered):
    found = clicks(entered)
    assert found[-1] == 1.0
    assert len(found) <= MOST
    assert np.all(np.diff([0, *found]) > 0)
    assert all(round(round(amount / STEP) * STEP, 4) == amount for amount in found)


@pytest.mark.parametrize("end", [1, -1])
def test_a_decoder_that_is_not_linear_is_tried_on_a_grid(planted_bundle, dials, end):
    engine = Engine(Nested(Bent(planted_bundle.nested.cfae), planted_bundle.nested.sae))
    taste = engine.taste(planted_bundle.interactions.matrix[3])
    for dial in dials:
        amounts = np.array(detents(engine, taste, dial, N)[end < 0])
        assert amounts[-1] == end
        grid = np.linspace(0, 1, GRID + 1)[1:]
        entered = swept(engine, taste, dial, end * grid)
        assert len(amounts) in (min(entered[-1], MOST), min(entered[-1] + 1, MOST))
        # At each amount of the grid the dial has clicked once for every title that has entered, give or take the one
        # that the click stands between.
        clicked = (np.abs(amounts)[:, None] <= grid).sum(0)
        assert np.all(np.abs(clicked - entered)[:-1] <= 1) or entered[-1] > MOST
