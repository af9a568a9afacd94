"""People: a user of the data set, or somebody described by what they like, as a (1, n_items) history."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from knobs_core.base import ConfigError, DataError, UnknownNameError, nearest
from knobs_core.data.interactions import Interactions

GROUP_SIZE = 4


def history_of(data: Interactions, user_id: str) -> sp.csr_matrix:
    """All likes of a user of the data set.

    Raises:
        UnknownNameError: there is no such user, or they had too few likes to be kept.
    """
    row = data.row(user_id)
    if row is None:
        raise UnknownNameError(
            f"one of the {data.n_users:,} users of this bundle", f"'{user_id}'", nearest(user_id, data.user_ids)
        )
    return data.matrix[row]


def history_from(data: Interactions, item_ids: Sequence[str]) -> sp.csr_matrix:
    """History of somebody who likes these items; repeated ids count once.

    Raises:
        UnknownNameError: an id that is not among the items of this bundle.
        DataError: no ids at all.
    """
    if not item_ids:
        raise DataError("at least one item id", "none", "give some, e.g. --items 260,1196")
    columns = []
    for item in item_ids:
        column = data.column(item)
        if column is None:
            raise UnknownNameError(
                f"ids among the {data.n_items:,} items of this bundle", f"'{item}'", nearest(item, data.item_ids)
            )
        columns.append(column)
    return history_at(data, columns)


def history_of_group(data: Interactions, user_ids: Sequence[str]) -> sp.csr_matrix:
    """Histories (n, n_items) of two to four users, a row each.

    Raises:
        UnknownNameError: see ``history_of``.
        DataError: fewer than two or more than four users.
    """
    if not 2 <= len(user_ids) <= GROUP_SIZE:
        raise DataError(f"two to {GROUP_SIZE} users in a group", f"{len(user_ids)}", "add or leave out somebody")
    return sp.vstack([history_of(data, user) for user in user_ids], format="csr")


def rows_of_users(data: Interactions, user_ids: Sequence[str] | None) -> np.ndarray:
    """Rows of the matrix of some users, each once, in their order; of all where it is None.

    Raises:
        ConfigError: no users.
        UnknownNameError: one who is not in the data.
    """
    if user_ids is None:
        return np.arange(data.n_users)
    if not user_ids:
        raise ConfigError("at least one reader", "none", "name some, or all")
    if unknown := [user for user in user_ids if user not in data.row_of]:
        raise UnknownNameError(
            f"readers among the {data.n_users:,} users of this bundle",
            f"'{unknown[0]}'",
            nearest(unknown[0], data.user_ids),
        )
    return np.array([data.row_of[user] for user in dict.fromkeys(user_ids)])


def history_at(data: Interactions, columns: Sequence[int]) -> sp.csr_matrix:
    """History of somebody who likes the items at these columns of the matrix."""
    liked = np.unique(np.asarray(columns, np.int64))
    return sp.csr_matrix(
        (np.ones(len(liked), np.float32), (np.zeros(len(liked), np.int64), liked)), shape=(1, data.n_items)
    )
