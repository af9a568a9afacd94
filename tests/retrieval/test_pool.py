"""A list from a pool against the exact one."""

import numpy as np

from knobs_core.base import first_n
from knobs_core.retrieval import exact_nearest, item_vectors, knob_vectors, pooled
from tests.steering.random_dials import random_dials


def test_a_pool_that_is_large_enough_gives_the_exact_list(planted_bundle):
    nested, engine, rng, same = planted_bundle.nested, planted_bundle.engine, np.random.default_rng(0), []
    items = item_vectors(nested)
    for user in range(0, 600, 11):
        taste = engine.taste(planted_bundle.interactions.matrix[user])
        dials = random_dials(rng, taste.z, int(rng.integers(0, 5)), nested.cfae.d_embed)
        truly = engine.recommend(taste, dials, 20)
        for size in (len(items), 90):
            found, dealers = pooled(items, exact_nearest(items), taste, dials, knob_vectors(nested, dials), size=size)
            if size == len(items):
                same.append(found.tolist() == truly.items.tolist())
                assert not same[-1] or dealers.tolist() == truly.hands.tolist()
            else:
                assert np.isin(truly.items, found).mean() > 0.5
            assert not np.isin(found, taste.seen).any()
    assert np.mean(same) > 0.95  # but for an exchange of equal scores


def test_only_what_is_near_to_a_part_is_in_the_pool(planted_bundle):
    """The index is asked for the taste, for what is turned up and for the opposite of what is turned down."""
    nested, asked = planted_bundle.nested, []
    items = item_vectors(nested)
    taste = planted_bundle.engine.taste(planted_bundle.interactions.matrix[0])
    dials = planted_bundle.knobs.dials({"concept 3": 0.5, "concept 5": -0.4, "concept 7": 0.0})

    def nearest(vectors, k):
        asked.append((vectors, k))
        return np.array([[1, 2, -1], [2, 3, taste.seen[0]], [5, 2, 1]])

    knobs = knob_vectors(nested, dials)
    found, _ = pooled(items, nearest, taste, dials, knobs, size=30)
    assert set(found.tolist()) == {1, 2, 3, 5} - set(taste.seen.tolist())
    [(vectors, k)] = asked
    assert k == 30 + len(taste.seen)
    assert np.array_equal(vectors, [taste.encoded.y[0].numpy(), knobs.vectors[0], -knobs.vectors[1]])


def test_a_small_pool_makes_a_short_list(planted_bundle):
    items = item_vectors(planted_bundle.nested)
    taste = planted_bundle.engine.taste(planted_bundle.interactions.matrix[0])
    knobs = knob_vectors(planted_bundle.nested, [])
    found, _ = pooled(items, lambda vectors, k: exact_nearest(items)(vectors, k), taste, [], knobs, size=3)
    scores = items @ taste.encoded.y[0].numpy()
    near = first_n(scores, 3 + len(taste.seen))
    assert found.tolist() == [item for item in near.tolist() if item not in taste.seen]
