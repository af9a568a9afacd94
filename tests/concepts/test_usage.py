"""What people do to neurons, block by block, against all of it at once in NumPy."""

import sys

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from knobs_core.concepts.usage import usage, usage_of


def codes(n, d, share, seed, grid):
    """Made-up codes; with a grid many are equal."""
    rng = np.random.default_rng(seed)
    values = rng.lognormal(0, 2, (n, d)) * (rng.random((n, d)) < share * rng.random(d))
    return sp.csr_matrix((np.ceil(values * grid) / grid if grid else values).astype(np.float32))


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 300),
    st.integers(1, 6),
    st.floats(0, 1.5),
    st.integers(0, 99),
    st.sampled_from((0, 1, 4)),
    st.integers(1, 90),
)
def test_blocks_say_what_all_of_them_say(n, d, share, seed, grid, size):
    made = codes(n, d, share, seed, grid)
    parts = [made[start : start + size] for start in range(0, n, size)]
    for found in (usage(lambda: parts), usage_of(made)):
        for j, column in enumerate(made.toarray().T):
            active = column[column > 0]
            assert found.n_users[j] == len(active)
            assert found.peak[j] == active.max(initial=0)
            counts = np.histogram(active, 16, (0, active.max(initial=1e-12)))[0]
            assert found.histogram[j].tolist() == counts.tolist()
            wanted = np.quantile(active.astype(float), 0.95) if len(active) else 0
            assert found.reach[j] == pytest.approx(wanted, rel=1e-6)


def test_a_bundle_counts_people_in_blocks(planted_bundle, monkeypatch):
    train = sys.modules["knobs_core.bundles.train"]
    nested, likes = planted_bundle.nested, planted_bundle.interactions.matrix
    whole = train.used(nested, likes)
    monkeypatch.setattr(train, "HELD", 10)
    monkeypatch.setattr(train, "ROWS", 70)
    parts = train.used(nested, likes)
    assert np.array_equal(parts.n_users, whole.n_users)
    assert np.array_equal(parts.histogram.sum(1), whole.n_users)
    assert np.allclose(parts.reach, whole.reach, rtol=1e-5)
