"""What a study found, by the plan that was registered before its first answer.

The person is the unit: somebody counts once, for the setting that they chose in more of their trials. People who chose
both equally often are ties; they are said and left out, as in every sign test.

    preference   exact two-sided sign test against one half: binomial; Clopper and Pearson's test at p = 1/2
    share        of those with a preference who prefer b, with the interval of Wilson 1927, doi:10.2307/2276774
    statement    median; mean with a bootstrap interval over people; signed-rank test of Wilcoxon 1945,
                 doi:10.2307/3001968, against the middle of the scale, people in the middle left out
    needed       the fewest people with a preference from which on the sign test finds the plan's effect with its power
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from knobs_core.evaluation import interval, resamples, weighted_means
from knobs_core.publishing import Answered, Participant, Participants
from knobs_core.studies.answers import passed, preferred
from knobs_core.studies.study import Plan, Study

MOST_NEEDED = 10_000  # people; more than the smallest effect of a plan asks for
SEED = 42  # of the bootstrap


@dataclasses.dataclass(frozen=True)
class Answerer:
    """Somebody who consented. number: from 1, in that order; why: they are left out, in words, "" where they count."""

    number: int
    participant: Participant
    answers: tuple[Answered, ...]
    why: str

    @property
    def wins(self) -> Counter[str]:
        """How often they chose "a", "b" and "none", catch trials left out."""
        trials = [one.document for one in self.answers if one.document["kind"] == "trial"]
        return Counter(preferred(one) for one in trials if not one["catch"])

    @property
    def prefers(self) -> str:
        """The setting that they chose more often, "none" where that is neither."""
        a, b = self.wins["a"], self.wins["b"]
        return "a" if a > b else "b" if b > a else "none"


@dataclasses.dataclass(frozen=True)
class Preference:
    """How many people prefer a, b and none; share of b among those with a preference with its interval [low, high] at
    the plan's alpha, NaN where nobody has one; p: of the sign test.

    sides: how often left, right and none were chosen in their trials; same: trials whose lists were one
    """

    a: int
    b: int
    ties: int
    share: float
    low: float
    high: float
    p: float
    sides: dict[str, int] = dataclasses.field(default_factory=dict)
    same: int = 0


@dataclasses.dataclass(frozen=True)
class Statement:
    """A statement on five points. counts: of the points; interval: 95%, of the mean; p: against the middle."""

    id: str
    ask: str
    n: int
    counts: tuple[int, ...]
    median: float
    mean: float
    interval: tuple[float, float]
    p: float


@dataclasses.dataclass(frozen=True)
class Options:
    """A choice. counts: how many people chose each option."""

    id: str
    ask: str
    counts: dict[str, int]


@dataclasses.dataclass(frozen=True)
class Findings:
    """All that is found.

    people: invited, begun, finished, withdrawn and counted; left_out: how many for which reason
    needed: people with a preference that the plan asks for, None of a study without a comparison
    """

    people: dict[str, int]
    left_out: dict[str, int]
    needed: int | None
    preference: Preference | None
    statements: tuple[Statement, ...]
    options: tuple[Options, ...]


def answerers(store: Participants, study: Study) -> list[Answerer]:
    """Everybody who consented, in that order, with what they answered and whether they count."""
    began = [one for one in store.all(study.id) if one.consented]
    given = [tuple(store.answers(one.id)) for one in began]
    return [
        Answerer(number, one, answers, _why(study, one, [answer.document for answer in answers]))
        for number, (one, answers) in enumerate(zip(began, given, strict=True), start=1)
    ]


def _why(study: Study, one: Participant, documents: Sequence[dict[str, Any]]) -> str:
    """Why somebody is left out: the first of the reasons that the plan states."""
    if one.finished is None:
        return "did not finish"
    if any(passed(study, document) is False for document in documents):
        return "failed a check of attention"
    if np.median([document["seconds"] for document in documents]) < study.plan.fastest:
        return f"took less than {study.plan.fastest:g} seconds for an answer"
    return ""


def counts_of(store: Participants, study: Study) -> dict[str, int]:
    """How many people were invited, have begun, finished and withdrawn. It says nothing of their answers."""
    people = store.all(study.id)
    return {
        "invited": len(people),
        "begun": sum(one.consented is not None for one in people),
        "finished": sum(one.finished is not None for one in people),
        "withdrawn": sum(one.withdrawn is not None for one in people),
    }


def findings(store: Participants, study: Study) -> Findings:
    """What a study found so far."""
    everybody = answerers(store, study)
    counted = [one for one in everybody if not one.why]
    values = {
        question.id: [
            answer.document["value"]
            for one in counted
            for answer in one.answers
            if answer.document.get("id") == question.id
        ]
        for question in study.question
    }
    asked = [one for one in study.question if not one.expect]
    return Findings(
        {**counts_of(store, study), "counted": len(counted)},
        dict(Counter(one.why for one in everybody if one.why)),
        needed(study.plan) if study.comparison else None,
        _preference(counted, study.plan.alpha) if study.comparison else None,
        tuple(statement(one.id, one.ask, values[one.id]) for one in asked if one.kind == "scale"),
        tuple(
            Options(one.id, one.ask, {option: values[one.id].count(option) for option in one.options})
            for one in asked
            if one.kind == "choice"
        ),
    )


def _preference(counted: Sequence[Answerer], alpha: float) -> Preference:
    prefer = Counter(one.prefers for one in counted)
    trials = [answer.document for one in counted for answer in one.answers if answer.document["kind"] == "trial"]
    trials = [one for one in trials if not one["catch"]]
    same = sum(one["left"]["stamp"]["list"] == one["right"]["stamp"]["list"] for one in trials)
    sides = {side: sum(one["chosen"] == side for one in trials) for side in ("left", "none", "right")}
    found = preference(prefer["a"], prefer["b"], prefer["none"], alpha)
    return dataclasses.replace(found, sides=sides, same=same)


def preference(a: int, b: int, ties: int = 0, alpha: float = 0.05) -> Preference:
    """The sign test and Wilson's interval for so many people who prefer a, b and none."""
    if a + b == 0:
        return Preference(a, b, ties, np.nan, np.nan, np.nan, 1.0)
    test = stats.binomtest(b, a + b)
    low, high = test.proportion_ci(1 - alpha, method="wilson")
    return Preference(a, b, ties, b / (a + b), float(low), float(high), float(test.pvalue))


def statement(id: str, ask: str, values: Sequence[int]) -> Statement:
    """The figures of a statement. values: from 1 to 5, one a person."""
    given = np.array(values, float)
    if not len(given):
        return Statement(id, ask, 0, (0,) * 5, np.nan, np.nan, (np.nan, np.nan), 1.0)
    weights = resamples(np.arange(len(given)), np.zeros(len(given)), SEED)
    low, high = interval(weighted_means(given[:, None], weights)[:, 0])
    off = given[given != 3] - 3
    p = float(stats.wilcoxon(off).pvalue) if len(off) else 1.0
    counts = tuple(int((given == point).sum()) for point in range(1, 6))
    return Statement(id, ask, len(given), counts, float(np.median(given)), float(given.mean()), (low, high), p)


def needed(plan: Plan) -> int:
    """The fewest people with a preference from which on the exact test finds the effect with its power.

    Its power goes up and down a little from one number of people to the next: from this number on it is never lower.
    """
    n = np.arange(1, MOST_NEEDED + 1)
    edge = np.asarray(stats.binom.ppf(plan.alpha / 2, n, 0.5))
    edge = edge - (stats.binom.cdf(edge, n, 0.5) > plan.alpha / 2)  # as many or fewer on one side are rare enough
    found = stats.binom.cdf(edge, n, plan.effect) + stats.binom.sf(n - edge - 1, n, plan.effect)
    weak = np.flatnonzero(found < plan.power)
    return int(n[weak[-1]]) + 1 if len(weak) else 1


def table(store: Participants, study: Study) -> pd.DataFrame:
    """A row an answer of everybody who consented, those who are left out too.

    Columns: person, step (both from 1), at (UTC), seconds, kind, question (its id, "catch" or ""), answer (as it was
    given), value (of a scale), prefers (a, b or none, of a trial), left and right (settings), passed (of a check), why
    (the person is left out), bundle, left_list, right_list (ids of items).
    """
    rows = [_row(study, one, answer) for one in answerers(store, study) for answer in one.answers]
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)


_COLUMNS = {
    "person": "int64", "step": "int64", "at": "datetime64[ms, UTC]", "seconds": "float64", "kind": "str",
    "question": "str", "answer": "str", "value": "Int64", "prefers": "str", "left": "str", "right": "str",
    "passed": "boolean", "why": "str", "bundle": "str", "left_list": "object", "right_list": "object",
}  # fmt: skip


def _row(study: Study, one: Answerer, answer: Answered) -> dict[str, Any]:
    document = answer.document
    kind = document["kind"]
    row: dict[str, Any] = {
        "person": one.number, "step": answer.step + 1, "at": answer.at, "seconds": document["seconds"], "kind": kind,
        "question": document.get("id", "catch" if document.get("catch") else ""), "value": None, "prefers": "",
        "left": "", "right": "", "passed": passed(study, document), "why": one.why, "bundle": "", "left_list": [],
        "right_list": [],
    }  # fmt: skip
    if kind == "titles":
        return row | {"answer": " ".join(document["items"]), "left_list": document["items"]}
    if kind == "question":
        return row | {"answer": str(document["value"]),
                      "value": document["value"] if isinstance(document["value"], int) else None}  # fmt: skip
    left, right = document["left"], document["right"]
    return row | {
        "answer": document["chosen"], "prefers": "" if document["catch"] else preferred(document),
        "left": left["setting"], "right": right["setting"], "bundle": left["stamp"]["bundle"],
        "left_list": left["stamp"]["list"], "right_list": right["stamp"]["list"],
    }  # fmt: skip
