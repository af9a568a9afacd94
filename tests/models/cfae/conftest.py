"""Users and items whose right vectors are known."""

import numpy as np
import pytest
import scipy.sparse as sp

from knobs_core.models.cfae.bags import Known

N_ITEMS, N_USERS, SIZE = 40, 200, 5


@pytest.fixture(scope="module")
def known():
    """Users who like what is close to a vector of their own."""
    rng = np.random.default_rng(0)
    items, users = rng.normal(size=(N_ITEMS, SIZE)), rng.normal(size=(N_USERS, SIZE))
    scores = users @ items.T + rng.gumbel(size=(N_USERS, N_ITEMS)) * 0.5
    likes = sp.csr_matrix((scores >= np.sort(scores, axis=1)[:, [-8]]).astype(np.float32))
    names = np.array([f"u{n}" for n in range(N_USERS)], dtype=object)
    made = Known(
        likes[:160],
        likes[160:180],
        np.array([f"i{n}" for n in range(N_ITEMS)], object),
        names,
        np.arange(160),
        np.arange(160, 180),
    )
    return made, items, users, likes
