"""Dials that outlive their bundle: least squares against NumPy, and retraining on other people."""

import dataclasses

import numpy as np
import pytest

from knobs_core import bundles
from knobs_core.base.errors import BundleError, DataError
from knobs_core.concepts.portable import OTHERS, kept_effects, taken_apart
from knobs_core.steering.dials import Dial
from tests.given import SMALL


def test_kept_are_the_items_with_the_largest_effects(planted_bundle):
    nested = planted_bundle.nested
    a, w = nested.cfae.item_vectors.numpy().astype(float), nested.sae.w_dec.numpy().astype(float)
    rest = np.linspace(-0.1, 0.1, w.shape[1]).astype(np.float32)
    dials = [Dial({3: 1.0}, 1.0), Dial({4: 0.5, 9: 0.5}, -0.2, rest=rest)]
    items, effects = kept_effects(nested, dials)
    assert items.shape == effects.shape == (2, 50)
    for row, h in enumerate((w[3], (w[4] + w[9]) / 2 + rest)):
        expected = (a @ h - (a @ h).mean()) / (a @ h).std()
        np.testing.assert_allclose(effects[row], expected[items[row]], atol=1e-4)
        assert np.abs(effects[row]).min() >= np.sort(np.abs(expected))[-50] - 1e-4
        assert (np.diff(np.abs(effects[row])) <= 1e-6).all()


def test_the_direction_is_the_least_squares_solution(planted_bundle):
    """All rows stacked, those of other items weighing less, solved by lstsq."""
    nested = planted_bundle.nested
    a, w = nested.cfae.item_vectors.numpy().astype(float), nested.sae.w_dec.numpy().astype(float)
    rows = a - a.mean(0)
    [items], [effects] = kept_effects(nested, [planted_bundle.recipes[4].dial(1.0)])
    found = taken_apart(nested, dict(zip(items.tolist(), effects.tolist(), strict=True)), 60)
    weights = np.full(len(rows), np.sqrt(OTHERS))
    weights[items] = 1
    wanted = np.zeros(len(rows))
    wanted[items] = effects
    expected = np.linalg.lstsq(weights[:, None] * rows, wanted, rcond=None)[0]
    made = found.made
    direction = sum(weight * w[j] for j, weight in made.recipe.items()) + made.rest
    scale = (direction @ expected) / (expected @ expected)
    np.testing.assert_allclose(direction, scale * expected, atol=2e-3 * np.abs(direction).max())
    assert found.known == pytest.approx(50 / 60)
    assert found.confidence > 0.9  # its own models


def test_a_dial_of_nothing_in_particular_has_no_confidence(planted_bundle):
    rng = np.random.default_rng(2)
    items = rng.choice(planted_bundle.interactions.n_items, 50, replace=False)
    found = taken_apart(planted_bundle.nested, dict(zip(items.tolist(), rng.normal(size=50).tolist(), strict=True)), 50)
    assert found.confidence < 0.4
    with pytest.raises(DataError, match="at least 5 of the items that the dial was kept with, found 4"):
        taken_apart(planted_bundle.nested, dict.fromkeys(items[:4].tolist(), 1.0), 50)


@pytest.fixture(scope="module")
def again(planted_bundle):
    """Trained on nine in ten of the people, from another seed."""
    data = planted_bundle.interactions
    rows = np.sort(np.random.default_rng(1).permutation(data.n_users)[: int(0.9 * data.n_users)])
    fewer = dataclasses.replace(data, matrix=data.matrix[rows], user_ids=data.user_ids[rows])
    return bundles.train(fewer, cfae="elsa", overrides=SMALL, seed=9)


def test_after_retraining_a_kept_dial_brings_what_it_brought(planted_bundle, again, planted_path):
    kept = bundles.read_item_effects(planted_path)
    assert set(kept) == set(planted_bundle.knobs)
    old = {key: planted_bundle.engine.dial_vectors([knob.dial(1.0)])[0].numpy() for key, knob in
           planted_bundle.knobs.items() if knob.kind == "concept"}  # fmt: skip
    same, by_number = [], []
    for key, effects in old.items():
        taken = again.take_apart(kept[key])
        assert taken.known == 1
        assert taken.confidence > 0.5
        now = again.engine.dial_vectors([taken.made.dial(1.0), Dial(planted_bundle.knobs[key].recipe, 1.0)]).numpy()
        best = [set(np.argsort(-one)[:20].tolist()) for one in (effects, *now)]
        same.append(len(best[0] & best[1]) / 20)
        by_number.append(len(best[0] & best[2]) / 20)
    assert np.mean(same) > 0.8
    assert np.mean(same) > np.mean(by_number) + 0.2


def test_item_effects_that_cannot_be_read_are_one_line(tmp_path):
    with pytest.raises(BundleError, match="what knobs do to items"):
        bundles.read_item_effects(tmp_path)
