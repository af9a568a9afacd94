"""How well one list serves each of several people.

    served(u) = (sum over the list of s_u - lowest) / (the same over u's own best list)      in [0, 1]

s_u are u's own scores with all dials at rest and lowest is the smallest of them over what nobody of the group has seen.
"""

import numpy as np
import scipy.sparse as sp

from knobs_core.steering.engine import Engine
from knobs_core.steering.own import share_of_best


def served(engine: Engine, histories: sp.csr_matrix, items: np.ndarray) -> np.ndarray:
    """Share (n_people,) of what the best list of the same length would give each; histories: (n_people, n_items)."""
    free = np.setdiff1d(np.arange(histories.shape[1]), histories.indices)
    shares = []
    for row in range(histories.shape[0]):
        scores = engine.taste(histories[row]).base.double().cpu().numpy()
        shares.append(share_of_best(scores - scores[free].min(), free, items))
    return np.array(shares)
