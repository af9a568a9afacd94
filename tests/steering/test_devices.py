"""What a device computes is what the processor computes: training, turns, breakpoints, everybody's lists.

Where there is no CUDA card, the processor stands beside itself in all but the training.
"""

import copy

import numpy as np
import pytest
import torch

from knobs_core import bundles
from knobs_core.data import history_at
from knobs_core.models import Nested
from knobs_core.steering import Dial, Engine, breakpoints, steer_all
from tests.given import SMALL

DIALS = [Dial({3: 1.0}, 0.4), Dial({5: 0.5, 9: 0.5}, 0.2), Dial({7: 1.0}, -0.6)]
CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA card")


@pytest.fixture(scope="module", params=["cpu", pytest.param("cuda", marks=CUDA)])
def device(request):
    return request.param


@pytest.fixture(scope="module")
def moved(planted_bundle, device):
    """The planted bundle's models on the device."""
    nested = planted_bundle.nested
    return Nested(copy.deepcopy(nested.cfae), copy.deepcopy(nested.sae), device)


def test_a_turn_gives_the_same_list(planted_bundle, moved):
    here, there = planted_bundle.engine, Engine(moved)
    for row in range(10):
        history = history_at(planted_bundle.interactions, row)
        one, other = here.taste(history), there.taste(history)
        assert other.base.device.type == moved.device.type
        np.testing.assert_allclose(one.z, other.z, atol=1e-4)
        for dials in ([], DIALS[:1], DIALS):
            wanted, found = here.recommend(one, dials), there.recommend(other, dials)
            np.testing.assert_allclose(wanted.scores, found.scores, rtol=1e-4, atol=1e-4)
            assert len(set(wanted.items) & set(found.items)) >= 19  # two scores may be equal but for rounding


def test_breakpoints_are_at_the_same_amounts(planted_bundle, moved):
    history = history_at(planted_bundle.interactions, 0)
    found = [
        [change.amount for change in breakpoints(engine, engine.taste(history), [], DIALS[0])]
        for engine in (planted_bundle.engine, Engine(moved))
    ]
    assert abs(len(found[0]) - len(found[1])) <= 1
    if len(found[0]) == len(found[1]):
        np.testing.assert_allclose(*found, atol=1e-3)


def test_everybody_is_steered_the_same(planted_bundle, moved):
    likes = planted_bundle.interactions.matrix[:50]
    here, there = (next(steer_all(nested, likes, DIALS)) for nested in (planted_bundle.nested, moved))
    assert np.mean(here.items == there.items) > 0.99


@CUDA
@pytest.mark.parametrize("cfae", ["elsa", "multvae"])
def test_training_learns_as_much(planted_folder, cfae):
    few = {"cfae": {"epochs": 5, **SMALL["cfae"]}, "sae": {"epochs": 5, **SMALL["sae"]}}
    here, there = (
        bundles.train(str(planted_folder), cfae, overrides=few, seed=3, device=one).manifest for one in ("cpu", "cuda")
    )
    for part in ("cfae", "sae"):
        wanted, found = (getattr(one, part).training["validation_loss"] for one in (here, there))
        assert found == pytest.approx(wanted, rel=0.02)
