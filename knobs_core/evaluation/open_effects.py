"""Whether a neuron finds titles that are like its open name, as ``climbs.py`` asks it of names by tags.

No tag says which items an open name is about. An item *belongs* to a name when it is among the 40 that are most like
it, by the vectors of their texts. The items that speak for the neuron are taken out of every ranking, and the others
that belong are looked for with the neuron turned to 0.3. Luck is what as many items bring that belong to other names.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from knobs_core.concepts import groups_of
from knobs_core.data import HeldOut
from knobs_core.evaluation.climbs import FOLDS, Climb, neuron_climbs, passing
from knobs_core.evaluation.effects import FINDS, PEOPLE
from knobs_core.evaluation.testers import Testers
from knobs_core.models import Nested
from knobs_core.steering import Dial

BELONG = 40  # items; on the demo, 20 and 80 say the same
OTHERS = 300  # names that luck is counted by


class Likeness(NamedTuple):
    """Texts as vectors. names: (m, d) of the names to be tried; others: (k, d) of any names; items: (n, d); columns:
    (n,) of these items among all."""

    names: np.ndarray
    others: np.ndarray
    items: np.ndarray
    columns: np.ndarray


class OpenClimb(NamedTuple):
    """How titles fare that belong to a neuron's open name. finds: whether they climb clearly and by no luck."""

    climb: Climb
    finds: bool


def open_climbs(
    nested: Nested,
    people: HeldOut,
    neurons: Sequence[int],
    alike: Likeness,
    speak: sp.csr_matrix,
    likes: np.ndarray,
    seed: int,
) -> list[OpenClimb]:
    """What each of some neurons does for the items of its name.

    Args:
        people: whom the models have not learned from; alike: with a name for each neuron, in their order.
        speak: (m, n) of ones: items that speak for each neuron, places of ``alike.items``; likes: (n_items,).
    """
    if not neurons:
        return []
    drawn = np.random.default_rng(seed).permutation(len(alike.others))[:OTHERS]
    vectors = np.vstack([alike.names, alike.others[drawn]])
    first_places = np.argsort(-vectors @ alike.items.T, axis=1, kind="stable")[:, :BELONG]
    belong = groups_of(list(alike.columns[first_places]), len(likes))
    told = np.zeros((len(neurons), len(likes)), bool)
    told[:, alike.columns] = speak.toarray() > 0
    testers = Testers(nested, people, PEOPLE[1], seed)
    dials = [Dial({j: 1.0}, 1.0) for j in neurons]
    climbs = neuron_climbs(testers, belong, range(len(neurons)), dials, told, likes)
    tested = np.array([climb.n_titles >= FOLDS for climb in climbs])
    finds = np.zeros(len(climbs), bool)
    finds[tested] = passing(np.array([climb.p for climb in climbs])[tested])
    return [OpenClimb(climb, bool(ok) and climb.bits >= FINDS) for climb, ok in zip(climbs, finds, strict=True)]
