"""Strong generalisation: whole users are held out, and of each held-out user a fifth of the likes is asked for.

                      items                      train     80% of users, all their likes
    users  +--------------------------+
    train  | all likes: the model     |          val       10%: inputs are shown, targets are asked for
           | learns from these        |          test      10%: the same, never looked at while training
           +-------------------+------+
    val    | inputs (80%)      | tar- |          targets = ceil(20%) of a user's likes, drawn at random
    test   |                   | gets |          inputs + targets = the user's likes, nothing twice
           +-------------------+------+

Liang et al. 2018, "Variational Autoencoders for Collaborative Filtering", section 4.1, with the paper's 80/10/10.
"""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.base import DataError
from knobs_core.data.sparse import keep_entries, shuffled_places

TARGET_PARTS = 5  # one in five, so ceil(n / 5) in exact integer arithmetic


class HeldOut(NamedTuple):
    """Users kept away from training. users: (m,) row numbers; inputs and targets: (m, n_items) CSR."""

    users: np.ndarray
    inputs: sp.csr_matrix
    targets: sp.csr_matrix

    def part(self, rows: slice | np.ndarray) -> "HeldOut":
        """Some of these users, by their places in the three."""
        return HeldOut(self.users[rows], self.inputs[rows], self.targets[rows])


class Split(NamedTuple):
    """train: (n_train,) row numbers of training users; val, test: held-out users with inputs and targets."""

    train: np.ndarray
    val: HeldOut
    test: HeldOut


def split_users(matrix: sp.csr_matrix, seed: int) -> Split:
    """Split the users of a (n_users, n_items) matrix 80/10/10; the same seed gives the same split.

    Raises:
        DataError: fewer than ten users, which would leave nobody to validate or test on.
    """
    n = matrix.shape[0]
    if n < 10:
        raise DataError("at least 10 users with enough likes", f"{n}", "bring more data or lower the minimums")
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    n_train, n_val = round(0.8 * n), round(0.1 * n)
    held = [np.sort(part) for part in (order[n_train : n_train + n_val], order[n_train + n_val :])]
    val, test = (HeldOut(users, *_split_likes(matrix[users], rng)) for users in held)
    return Split(np.sort(order[:n_train]), val, test)


def _split_likes(rows: sp.csr_matrix, rng: np.random.Generator) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Move ceil(20%) of each row's entries, drawn at random, from inputs to targets."""
    counts = np.diff(rows.indptr)
    is_target = shuffled_places(rows, rng) < np.repeat(-(-counts // TARGET_PARTS), counts)
    return keep_entries(rows, ~is_target), keep_entries(rows, is_target)
