"""How much of people's lists an index finds: recall at 20 against ``Engine.recommend``.

    recall_u = |first 20 unseen that the index finds  and  the list| / |the list|     the index is asked for 20 + seen

Of up to 200 users that the models have not learned from, with all they like, each asks three times:

    plain        no dial
    boosted      one knob at +0.5: a concept that does what it says, or a neuron where there is none; people take turns
    suppressed   the neuron that is most active in this person at -1

Lists at rest say little about an index: which lists suffer changes with the model, and steered ones are looked at most.
"""

import dataclasses
from collections.abc import Iterator

import numpy as np

from knobs_core.base import DataError, ProgressCallback, Stage, silent
from knobs_core.bundles import Bundle, Knob
from knobs_core.retrieval.index import Nearest, index_nearest
from knobs_core.retrieval.vectors import item_vectors, queries
from knobs_core.steering import Dial, ReferenceRanking, Taste

K = 20
PEOPLE = 200
BOOST, SUPPRESS = 0.5, -1.0
LEAST = 0.98  # mean recall of each kind of list below which an index is refused


@dataclasses.dataclass(frozen=True)
class Checked:
    """What an index finds.

    specification: of the index; people: how many asked
    recall: {kind of list: mean over people}; lowest: {kind: of the person with the lowest}; both in [0, 1]
    """

    specification: str
    people: int
    recall: dict[str, float]
    lowest: dict[str, float]

    @property
    def worst(self) -> tuple[str, float]:
        """The kind of list that loses most, and its recall."""
        return min(self.recall.items(), key=lambda one: one[1])


def check(bundle: Bundle, specification: str, progress: ProgressCallback = silent) -> Checked:
    """What an index of a bundle's item vectors finds; see the head of this file.

    Raises:
        MissingExtraError: faiss is not installed.
        ConfigError: a specification that faiss cannot read, or a decoder whose last layer is not known.
        DataError: nobody was held out who could be asked.
    """
    nearest = index_nearest(item_vectors(bundle.nested), specification)
    matrix = bundle.interactions.matrix
    users = [user for user in bundle.split().test.users if 0 < matrix[user].nnz < matrix.shape[1]]
    if not users:
        raise DataError(
            "a user held out who has not seen everything", "none", "leave the check out, or bring more data"
        )
    users = [users[place] for place in np.linspace(0, len(users) - 1, min(PEOPLE, len(users))).astype(int)]
    stage, told = Stage("Asking the index", progress), dict[str, list[float]]()
    boosts = _boosts(bundle)
    for place, user in enumerate(users):
        taste = bundle.engine.taste(matrix[user])
        reference = ReferenceRanking(taste.base, taste.seen)
        for kind, dials in _settings(bundle, taste, boosts[place % len(boosts)] if boosts else None):
            truly = bundle.engine.recommend(taste, dials, K, reference=reference).items
            found = np.isin(truly, _listed(bundle, nearest, taste, dials)).mean()
            told.setdefault(kind, []).append(float(found))
        stage(place + 1, len(users))
    means = {kind: float(np.mean(values)) for kind, values in told.items()}
    return Checked(specification, len(users), means, {kind: min(values) for kind, values in told.items()})


def _listed(bundle: Bundle, nearest: Nearest, taste: Taste, dials: list[Dial]) -> np.ndarray:
    """The first K unseen items that an index finds for a person in one hand."""
    asked = queries(bundle.nested, taste.encoded.y, taste.reach, dials).vectors[0]
    (found,) = nearest(asked, K + len(taste.seen))
    return found[(found >= 0) & ~np.isin(found, taste.seen)][:K]


def _boosts(bundle: Bundle) -> list[Knob]:
    """Concepts that do what they say, else all knobs."""
    knobs = list(bundle.knobs.values())
    return [knob for knob in knobs if knob.label is None and not knob.weak] or knobs


def _settings(bundle: Bundle, taste: Taste, boost: Knob | None) -> Iterator[tuple[str, list[Dial]]]:
    yield "plain", []
    if boost:
        yield "boosted", [boost.dial(BOOST)]
    own = bundle.knobs.get(f"#{taste.z.argmax()}") if taste.z.max() > 0 else None
    if own:
        yield "suppressed", [own.dial(SUPPRESS)]
