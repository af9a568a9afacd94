"""How well one list serves each of several people.

    served(u) = (sum over the list of s_u - lowest) / (the same over u's own best list)      in [0, 1]

s_u are u's own scores with all dials at rest and lowest is the smallest of them over what nobody of the group has seen.
"""

import numpy as np
import scipy.sparse as sp

from knobs_core.steering.engine import Engine


def worths(engine: Engine, histories: sp.csr_matrix, n: int) -> np.ndarray:
    """What each item adds to how well a list of n serves each person, (n_people, n_items).

    Args:
        histories: (n_people, n_items) what each likes.

    Items that somebody of the group has seen may have any value: they are in no list.
    """
    free = np.setdiff1d(np.arange(histories.shape[1]), histories.indices)
    found = np.empty(histories.shape)
    for row in range(histories.shape[0]):
        scores = engine.taste(histories[row]).base.double().cpu().numpy()
        worth = scores - scores[free].min()
        best = np.sort(worth[free])[::-1][:n].sum()
        found[row] = worth / best if best > 0 else 1 / n
    return found


def served(engine: Engine, histories: sp.csr_matrix, items: np.ndarray) -> np.ndarray:
    """Share (n_people,) of what the best list of the same length would give each; histories: (n_people, n_items)."""
    return np.clip(worths(engine, histories, len(items))[:, items].sum(1), 0, 1)
