"""How far two settings differ before anybody is asked: a study of lists that are nearly the same finds nothing."""

import dataclasses

import numpy as np

from knobs_core.base import DataError
from knobs_core.bundles import Bundle
from knobs_core.studies.answers import pair
from knobs_core.studies.steps import Step
from knobs_core.studies.study import Comparison

READERS = 50  # users on whom it is tried


@dataclasses.dataclass(frozen=True)
class Difference:
    """What the first pair of lists looks like for some users of the data by a few of their likes.

    users: how many; shared: of the rows of both lists, on average; same: share of users whose lists are one
    """

    users: int
    shared: float
    same: float


def difference(bundle: Bundle, comparison: Comparison, seed: int = 0) -> Difference:
    """Try a comparison on users of the test split, each by as many of their likes, drawn at random, as a person has to
    choose.

    Raises:
        UnknownNameError: a knob that the bundle does not have.
        DataError: too few items for so many trials.
    """
    data, rng = bundle.interactions, np.random.default_rng(seed)
    pairs = comparison.trials + comparison.catches
    most = comparison.picks + 2 * comparison.rows * comparison.trials + comparison.rows * comparison.catches
    if most > data.n_items:
        expected = f"{most:,} items for {pairs} pairs of lists of {comparison.rows}"
        raise DataError(expected, f"{data.n_items:,}", "ask for fewer trials or rows")
    shared = []
    for user in bundle.split().test.users[:READERS]:
        likes = data.item_ids[data.matrix[[user]].indices]
        items = rng.choice(likes, min(comparison.picks, len(likes)), replace=False).tolist()
        shown = pair(bundle, comparison, Step("trial", "a", "b"), items, ())
        shared.append((len({*shown.left.list} & {*shown.right.list}) / comparison.rows, shown.same))
    if not shared:
        return Difference(0, float("nan"), float("nan"))
    rows, same = np.array(shared, float).T
    return Difference(len(shared), float(rows.mean()), float(same.mean()))
