"""What one person is shown, step by step: their titles, pairs of lists, questions. It is drawn by their id alone.

Each setting stands on the left in half of a person's trials, in an order by chance; of an odd number, the one that is
left over falls by chance. So neither side is worth more to either setting, whatever people make of sides.

A catch trial shows one list on both sides, and never comes first. The right answer, no difference, follows from looking
and from no taste at all. A list of what suits somebody least would be a worse catch: it would drop those who disagree
with the recommender, which is what a study may be about.
"""

import dataclasses
import hashlib
from typing import Literal

import numpy as np

from knobs_core.studies.study import Question, Study

Letter = Literal["a", "b"]


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a person.

    kind: ``titles``, which they choose first, ``trial`` or ``question``
    left, right: the settings of a trial; of a catch trial both are the same
    question: that is asked
    """

    kind: Literal["titles", "trial", "question"]
    left: Letter = "a"
    right: Letter = "b"
    question: Question | None = None

    @property
    def catch(self) -> bool:
        """Whether it is a catch trial."""
        return self.kind == "trial" and self.left == self.right


def steps_of(study: Study, participant: str) -> tuple[Step, ...]:
    """The steps of a participant by their id, the same ones every time."""
    questions = tuple(Step("question", question=one) for one in study.question)
    comparison = study.comparison
    if comparison is None:
        return questions
    digest = hashlib.sha256(f"{study.id}\n{participant}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:16]))
    half, odd = divmod(comparison.trials, 2)
    lefts: list[Letter] = ["a", "b"] * half
    lefts += ["b" if rng.random() < 0.5 else "a"] * odd
    trials = [Step("trial", lefts[i], "b" if lefts[i] == "a" else "a") for i in rng.permutation(comparison.trials)]
    for _ in range(comparison.catches):
        letter: Letter = "b" if rng.random() < 0.5 else "a"
        trials.insert(int(rng.integers(1, len(trials) + 1)), Step("trial", letter, letter))
    return (Step("titles"), *trials, *questions)
