"""Receipts add up to the score, part by part what NumPy says; shares of likes add up to the activation."""

import numpy as np
import pytest

from knobs_core.base.errors import ConfigError, DataError
from knobs_core.data.histories import history_at
from knobs_core.steering.attribution import attribute, explain_activation
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine


@pytest.fixture(scope="module")
def engine(planted_bundle):
    return Engine(planted_bundle.nested)


def weights_of(module, *names):
    return (getattr(module, name).numpy().astype(float) for name in names)


def settings_for(code):
    strong = np.argsort(-code)[:4].tolist()
    rest = np.linspace(-0.2, 0.3, 32).astype(np.float32)
    return [
        [],
        [Dial({strong[0]: 1.0}, 0.4)],
        [Dial({strong[0]: 0.5, 5: 0.5}, 0.4, rest=rest), Dial({strong[1]: 1.0}, -0.6, rest=-rest)],
        [Dial({strong[0]: 0.5, strong[1]: 0.5}, -0.6), Dial({strong[0]: 1.0}, -0.5)],
        [Dial({5: 1.0}, 0.3), Dial({strong[1]: 0.2, 9: 0.8}, 0.2), Dial({strong[2]: 1.0}, -1.0), Dial({3: 1.0}, 0.0)],
        [Dial({strong[3]: 1.0}, 0.9), Dial({2: 0.5, 7: 0.5}, 0.8), Dial({strong[0]: 1.0}, -0.3)],
    ]


@pytest.mark.parametrize("user", [0, 40, 311])
def test_parts_add_up_to_the_score(planted_bundle, engine, user):
    person = engine.taste(planted_bundle.interactions.matrix[user])
    for dials in settings_for(person.z):
        _, scores = engine.dealt(person, dials)
        for item in range(0, planted_bundle.interactions.n_items, 5):
            slip = attribute(engine, person, dials, item)
            turned = [part for one in slip.dials for part in one[1:]]
            parts = [*slip.neurons.values(), *turned, slip.bias, slip.remainder]
            assert slip.score == scores[item].item()
            assert sum(parts) == pytest.approx(slip.score, rel=1e-5, abs=1e-5 * max(map(abs, parts)))


def test_every_part_is_what_the_formula_says(planted_bundle, engine):
    nested = planted_bundle.nested
    (a,), (w, b) = weights_of(nested.cfae, "item_vectors"), weights_of(nested.sae, "w_dec", "b_dec")
    person = engine.taste(planted_bundle.interactions.matrix[8])
    y, z, mean, std = (t[0].numpy().astype(float) for t in (person.encoded.y, *person.encoded.code))
    first, second, third = np.argsort(-z)[:3].tolist()
    rest = np.linspace(-0.2, 0.3, len(y)).astype(np.float32)
    dials = [Dial({5: 0.5, first: 0.5}, 0.3, rest=rest), Dial({second: 1.0}, -0.25), Dial({third: 1.0}, -1.0)]
    for item in (0, 33, 77):
        slip = attribute(engine, person, dials, item)
        assert set(slip.neurons) == set(np.flatnonzero(z).tolist())
        for j, part in slip.neurons.items():
            assert part == pytest.approx(0.7 * std[0] * z[j] * (a[item] @ w[j]), rel=1e-4, abs=1e-6)
        rows = [((w[5] + w[first]) / 2, rest), (w[second], 0 * rest), (w[third], 0 * rest)]
        assert [one.dial for one in slip.dials] == dials
        assert slip.dealt_by == dials[0]
        for one, size, (named, left) in zip(slip.dials, (0.3, -0.25, -1.0), rows, strict=True):
            effect = a @ (named + left)
            depth = np.sort(effect)[-20:].mean() - effect.mean()
            unit = size * (person.reach.up / effect.std() if size > 0 else person.reach.down / depth)
            assert one.neurons == pytest.approx(unit * (a[item] @ named), rel=1e-3, abs=1e-4)
            assert one.rest == pytest.approx(unit * (a[item] @ left), rel=1e-3, abs=1e-4)
        assert slip.bias == pytest.approx(0.7 * a[item] @ (mean + std * b), rel=1e-4, abs=1e-5)
        assert slip.remainder == pytest.approx(0.7 * a[item] @ (y - (z @ w + b) * std - mean), rel=1e-4, abs=1e-4)
        sizes = [abs(part) for part in slip.neurons.values()]
        assert sizes == sorted(sizes, reverse=True)


def test_of_several_dials_the_one_that_deals_an_item_is_taken_apart(planted_bundle, engine):
    """Each item's parts are those of its dealer alone, beside what pushes away; the other dial has no share in it."""
    person = engine.taste(planted_bundle.interactions.matrix[2])
    one, other, down = Dial({1: 1.0}, 1.0, "one"), Dial({2: 1.0}, 0.6, "other"), Dial({3: 1.0}, -0.2)
    ranked, _ = engine.dealt(person, [one, other, down])
    assert set(ranked.hand.tolist()) == {0, 1}
    for item in range(0, planted_bundle.interactions.n_items, 9):
        dealer = (one, other)[ranked.hand[item]]
        slip = attribute(engine, person, [one, other, down], item)
        alone = attribute(engine, person, [dealer, down], item)
        assert slip == alone
        assert slip.dealt_by == dealer
        if dealer is one:
            assert slip.neurons == {}
            assert slip.bias == slip.remainder == 0


@pytest.mark.parametrize("user", [0, 40, 311])
def test_shares_of_likes_add_up_to_the_activation(planted_bundle, engine, user):
    history = planted_bundle.interactions.matrix[user]
    person = engine.taste(history)
    nested = planted_bundle.nested
    (a,) = weights_of(nested.cfae, "item_vectors")
    w_enc, b_enc, w_dec, b_dec = weights_of(nested.sae, "w_enc", "b_enc", "w_dec", "b_dec")
    y = a[history.indices].sum(0)
    x = (y - y.mean()) / y.std()
    pre = (x - b_dec) @ w_enc + b_enc
    z = np.where(pre >= np.sort(pre)[-nested.sae.k], np.maximum(pre, 0), 0)
    reads = w_enc.T * (z > 0)[:, None]  # how z changes with x, carried through every step
    for _ in range(3):
        downhill = ((x - b_dec - z @ w_dec) @ w_dec.T) * (z > 0)
        size = np.square(downhill).sum() / np.square(downhill @ w_dec).sum()
        reads = reads + size * (w_dec - w_dec @ w_dec.T @ reads) * (z > 0)[:, None]
        z = np.maximum(z + size * downhill, 0)
        reads = reads * (z > 0)[:, None]
    assert person.z == pytest.approx(z, rel=1e-3, abs=1e-4)
    for j in range(len(person.z)):
        lit = explain_activation(engine, history, j)
        assert sorted(lit.items.tolist()) == sorted(history.indices.tolist())
        assert (np.diff(lit.shares) <= 0).all()
        read = reads[j] if person.z[j] > 0 else w_enc[:, j]
        assert lit.shares.sum() + lit.constant == pytest.approx(
            person.z[j] if person.z[j] > 0 else pre[j], rel=1e-3, abs=1e-4
        )
        vector = a[lit.items[0]]
        assert lit.shares[0] == pytest.approx((vector - vector.mean()) @ read / y.std(), rel=1e-3, abs=1e-4)


def test_nobody_has_a_receipt_where_nothing_adds_up(planted_bundle):
    bent, history = Engine(planted_bundle.nested), planted_bundle.interactions.matrix[0]
    bent.linear = False
    with pytest.raises(ConfigError, match="a linear decoder for an attribution"):
        attribute(bent, bent.taste(history), [], 0)
    with pytest.raises(ConfigError, match="a linear decoder for the likes behind a neuron"):
        explain_activation(bent, history, 0)


def test_nothing_is_lit_by_nothing(planted_bundle, engine):
    with pytest.raises(DataError, match="at least one liked item"):
        explain_activation(engine, history_at(planted_bundle.interactions, []), 0)
