"""How much of one's own taste a list meets, by hand; and where a dial leaves half of it, against a fine grid."""

import types
from dataclasses import replace

import numpy as np
import pytest
import torch

from knobs_core.models import CFAES, Nested
from knobs_core.steering.dials import Dial
from knobs_core.steering.engine import Engine
from knobs_core.steering.own import Half, half_at, own
from knobs_core.steering.spread import reach_of, steered_embedding
from tests.plain import recommend

N = 10


def taste_of(scores, seen=()):
    return types.SimpleNamespace(base=torch.tensor(scores), seen=np.array(seen, int))


def numpy_own(base, seen, items):
    """Means, as the formula is said in words."""
    free = np.setdiff1d(np.arange(len(base)), seen)
    mean, best = base[free].mean(), np.sort(base[free])[::-1][: len(items)].mean()
    return (base[items].mean() - mean) / (best - mean)


def test_shares_by_hand():
    """Of items 1 to 5 the mean is 3, and the two best are worth 3 and 1 beyond it."""
    taste = taste_of([9.0, 6.0, 4.0, 3.0, 2.0, 0.0], [0])
    for items, expected in (([1, 2], 1), ([2, 1], 1), ([1, 3], 3 / 4), ([2, 3], 1 / 4), ([1, 4], 2 / 4), ([4, 5], 0)):
        assert own(taste, np.array(items)) == pytest.approx(expected)


def test_whoever_likes_everything_alike_keeps_all_of_it():
    assert own(taste_of([0.5, 0.5, 0.5, 0.5], [1]), np.array([3])) == 1


def test_a_list_of_everything_meets_everything():
    """Its sum is that of the mean, and so is that of the best: nothing is worth anything beyond the mean."""
    assert own(taste_of([3.0, 2.0, 1.0]), np.array([2, 0, 1])) == 1


def test_the_list_at_rest_is_ones_own_and_others_are_what_numpy_says(planted_bundle):
    person = planted_bundle.person("u7")
    base = person.taste.base.double().numpy()
    assert person.recommend().own == 1
    for amount in (0.2, 0.5, -1.0):
        found = person.recommend({"concept 4": amount})
        items = found.recommendation.items
        assert found.own == own(person.taste, items)
        assert found.own == pytest.approx(np.clip(numpy_own(base, person.taste.seen, items), 0, 1))
    group = planted_bundle.person(users=["u1", "u9"])
    found = group.recommend({"concept 6": 0.4})
    base, items = group.taste.base.double().numpy(), found.recommendation.items
    assert 0 < found.own < 1
    assert found.own == pytest.approx(numpy_own(base, group.taste.seen, items))


def by_force(nested, history, dial, n, amounts):
    """For each amount (m,) of one sign the share of the plain list: steer, decode, sort everything.

    One dial alone moves an embedding along a line, from where it is at rest to where the dial's end brings it.
    """
    encoded = nested.encode(history)
    (base,), end = nested.scores(encoded), replace(dial, amount=float(np.sign(amounts[0])))
    far = steered_embedding(nested, encoded.y, reach_of(base[None], history), [end])
    way = torch.as_tensor(np.abs(amounts), dtype=torch.float32)[:, None]
    scores = nested.cfae.decode(encoded.y + way * (far - encoded.y)).numpy()
    base, free = base.double().numpy(), np.setdiff1d(np.arange(len(base)), history.indices)
    items = free[np.argsort(-scores[:, free], axis=1, kind="stable")[:, :n]]
    mean, best = base[free].mean(), np.sort(base[free])[::-1][:n].mean()
    return (base[items].mean(1) - mean) / (best - mean)


@pytest.mark.parametrize("user", [0, 17, 300])
@pytest.mark.parametrize("n", [1, N])
def test_a_dial_falls_under_half_where_a_fine_grid_says(planted_bundle, user, n):
    nested, history = planted_bundle.nested, planted_bundle.interactions.matrix[user]
    engine, amounts, ended = Engine(nested), np.arange(1, 1001) / 1000, []
    person = engine.taste(history)
    strong = int(np.argmax(person.z))
    for recipe in ({strong: 1.0}, {0: 0.7, 5: 0.3}, {int(np.flatnonzero(person.z == 0)[0]): 1.0}):
        dial = Dial(recipe, 0.2)
        for end, found in zip((1, -1), half_at(engine, person, dial, n), strict=True):
            shares = by_force(nested, history, dial, n, end * amounts)
            under = np.flatnonzero(shares < 0.5)
            ended.append(found is None)
            if found is None:
                assert not len(under)
                continue
            assert 0 < found * end < 1
            # Between two looks a list may change twice, so the amount found may be earlier than the first look.
            assert abs(found) <= amounts[under[0]] + 1e-6
            just_before, just_after = by_force(nested, history, dial, n, found + end * np.array([-1e-5, 1e-5]))
            assert just_before >= 0.5 > just_after
            assert (shares[amounts < abs(found) - 1e-5] >= 0.5).all()
    assert not all(ended)


def test_it_may_never_fall_so_far(planted_bundle):
    engine, history = Engine(planted_bundle.nested), planted_bundle.interactions.matrix[4]
    person = engine.taste(history)
    unseen = len(person.base) - len(person.seen)
    assert half_at(engine, person, Dial({3: 1.0}, 1.0), unseen) == Half(None, None)
    silent = Nested(planted_bundle.nested.cfae, planted_bundle.nested.sae)
    assert half_at(Engine(silent), person, replace(Dial({3: 1.0}, 1.0), rest=-silent.sae.w_dec[3].numpy()), N) == (
        Half(None, None)
    )


def test_other_decoders_are_asked_on_a_grid(planted_bundle):
    model, config = CFAES["multvae"]
    cfae = model(planted_bundle.interactions.n_items, config(dim=32), torch.Generator().manual_seed(1))
    engine = Engine(Nested(cfae, planted_bundle.nested.sae))
    found = []
    for user in (1, 5, 9):
        history = planted_bundle.interactions.matrix[user]
        person, dial = engine.taste(history), Dial({2: 0.5, 9: 0.5}, 1.0)
        base = person.base.double().numpy()
        for end, amount in zip((1, -1), half_at(engine, person, dial, N), strict=True):
            expected = None
            for step in range(1, 21):
                items = recommend(engine.nested, history, [replace(dial, amount=end * step / 20)], n=N).items
                if numpy_own(base, person.seen, items) < 0.5:
                    expected = end * step / 20
                    break
            assert amount == expected
            found.append(amount)
    assert any(found)
