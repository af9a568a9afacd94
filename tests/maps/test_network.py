"""The network that places people: its formula by torch's own layers, and that it answers small turns without jumps."""

import numpy as np
import pytest
import torch

from knobs_core.maps.network import RATE, Network, _pace, fit_network, scaled, unit


def planted(rng, n=600, d=12):
    """Directions and a smooth map of them: two of their coordinates."""
    y = unit(rng.normal(size=(n, d)))
    return y, 0.5 + 0.4 * y[:, :2]


@pytest.fixture(scope="module")
def fitted():
    rng = np.random.default_rng(0)
    known, places = planted(rng)
    return fit_network(known, places, known[:300], known[300:], seed=3)


def test_the_forward_pass_is_torchs(fitted):
    y = np.random.default_rng(1).normal(size=(20, 12)).astype(np.float32)
    layers = []
    for weight, bias in ((fitted.w1, fitted.b1), (fitted.w2, fitted.b2), (fitted.w3, fitted.b3)):
        layer = torch.nn.Linear(*reversed(weight.shape))
        layer.load_state_dict({"weight": torch.as_tensor(weight), "bias": torch.as_tensor(bias)})
        layers += [layer, torch.nn.ReLU()]
    with torch.no_grad():
        wanted = torch.nn.Sequential(*layers[:-1])(torch.nn.functional.normalize(torch.as_tensor(y)) * 12**0.5)
    assert fitted.place(y) == pytest.approx(wanted.numpy(), abs=1e-5)


def test_steps_grow_and_shrink_as_in_torchs_one_cycle():
    """By hand, for ten steps of which three grow: half a cosine up to the largest, and another one down."""
    assert _pace(0, 10) == pytest.approx((RATE / 25, 0.95))
    assert _pace(1, 10) == pytest.approx((RATE * (1 + 1 / 25) / 2, 0.9))
    assert _pace(2, 10) == pytest.approx((RATE, 0.85))
    near = (1 + np.cos(np.pi * 3 / 7)) / 2
    assert _pace(5, 10) == pytest.approx((RATE * near + RATE / 25e4 * (1 - near), 0.95 - 0.1 * near))
    assert _pace(9, 10) == pytest.approx((RATE / 25e4, 0.95))


def test_only_the_direction_of_an_embedding_counts(fitted):
    y = np.random.default_rng(2).normal(size=(5, 12)).astype(np.float32)
    assert np.square(scaled(y)).sum(1) == pytest.approx(12, rel=1e-5)
    assert fitted.place(7 * y) == pytest.approx(fitted.place(y), abs=1e-5)


def test_it_learns_a_map_also_where_it_was_told_nothing(fitted):
    unseen, places = planted(np.random.default_rng(3), 200)
    assert np.median(np.linalg.norm(fitted.place(unseen) - places, axis=1)) < 0.05


def test_equal_seeds_give_equal_weights():
    rng = np.random.default_rng(4)
    known, places = planted(rng, 60, 4)
    one, same, other = (fit_network(known, places, known[:30], known[30:], seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(one.arrays().values(), same.arrays().values(), strict=True))
    assert not np.array_equal(one.w1, other.w1)


def test_jumps_on_the_way_are_punished(monkeypatch):
    """An edge between two halves of the map: whoever crosses it does so in one step, or in several at a price."""
    rng = np.random.default_rng(5)
    known, _ = planted(rng, 800, 6)
    places = np.where(known[:, :1] > 0, [[0.9, 0.5]], [[0.1, 0.5]])
    left, right = known[known[:, 0] < 0][:300], known[known[:, 0] > 0][:300]
    share = np.linspace(0, 1, 51)[:, None, None]

    def largest_step(steady):
        monkeypatch.setattr("knobs_core.maps.network.STEADY", steady)
        network = fit_network(known, places, left, right, seed=0)
        steps = network.place(unit((1 - share) * left + share * right).reshape(-1, 6)).reshape(51, -1, 2)
        return np.quantile(np.linalg.norm(np.diff(steps, axis=0), axis=2).max(0), 0.9)

    assert largest_step(10.0) < 0.8 * largest_step(0.0)


def test_weights_come_by_name():
    layers = [np.full(1, i, np.float32) for i in range(6)]
    assert list(Network(*layers).arrays()) == ["w1", "b1", "w2", "b2", "w3", "b3"]
    assert Network(**Network(*layers).arrays()).b3 is layers[5]
