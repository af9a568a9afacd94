"""Answers as documents that are kept, each whole in itself: what was shown, what was answered, how long it took.

    titles     {"kind", "items": [ids], "seconds"}
    trial      {"kind", "catch", "left": {"setting", "stamp"}, "right": the same, "chosen": one of SIDES, "seconds"}
    question   {"kind", "id", "value", "seconds"}; value: of a scale from 1 to 5, else a text

A list is kept as its stamp (``lists/stamp.py``), by which ``knobs replay`` makes it again. Whatever was answered comes
from a browser and is checked here.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from knobs_core.base import ConfigError, quoted
from knobs_core.bundles import Bundle
from knobs_core.lists import Stamp, stamp_of, steered_list
from knobs_core.studies.steps import Letter, Step
from knobs_core.studies.study import Comparison, Question, Setting, Study

SIDES = ("left", "none", "right")  # what may be chosen of two lists
MOST_PICKS = 200


@dataclasses.dataclass(frozen=True)
class Pair:
    """The lists of a trial, as their stamps."""

    left: Stamp
    right: Stamp

    @property
    def same(self) -> bool:
        """Whether both are one list, row by row."""
        return self.left.list == self.right.list


def pair(
    bundle: Bundle, comparison: Comparison, step: Step, items: Sequence[str], before: Sequence[Mapping[str, Any]]
) -> Pair:
    """The lists of a trial for somebody by the titles they chose; no title that an earlier trial showed is in them.

    Args:
        items: ids of these titles; before: the documents of all earlier answers.

    Raises:
        UnknownNameError: a knob that the bundle does not have, or a title, where it was trained anew meanwhile.
        DataError: no title is left to be shown.
    """
    trials = [one for one in before if one["kind"] == "trial"]
    seen = sorted({item for one in trials for side in ("left", "right") for item in _listed(one[side])})

    def made(letter: Letter) -> Stamp:
        setting: Setting = getattr(comparison, letter)
        dials = bundle.knobs.dials(setting.dials)
        person = bundle.person(items=items, seen=seen)
        rows = steered_list(person, dials, comparison.rows, setting.operator)
        ids = [str(bundle.interactions.item_ids[row.column]) for row in rows]
        turned = {dial.key: dial.amount for dial in dials}
        return stamp_of(bundle, ids, items=tuple(items), seen=tuple(seen), dials=turned, operator=setting.operator,
                        n=comparison.rows)  # fmt: skip

    return Pair(made(step.left), made(step.right))


def titles_document(bundle: Bundle, comparison: Comparison, items: Sequence[str], seconds: float) -> dict[str, Any]:
    """The answer of somebody who chose titles, by their ids.

    Raises:
        ConfigError: too few that the bundle has, or too many.
    """
    known = [item for item in dict.fromkeys(items) if item in bundle.interactions.column_of]
    if not comparison.picks <= len(known) <= MOST_PICKS:
        what = f"at least {bundle.words.count(comparison.picks)}"
        raise ConfigError(what, f"{len(known):,}", f"choose {'more' if len(known) < comparison.picks else 'fewer'}")
    return {"kind": "titles", "items": known, "seconds": seconds}


def trial_document(shown: Pair, step: Step, chosen: str | None, seconds: float) -> dict[str, Any]:
    """The answer to a trial.

    Raises:
        ConfigError: neither a side nor that there is no difference.
    """
    if chosen not in SIDES:
        raise ConfigError("a choice", "none" if chosen is None else quoted(chosen), "choose a list, or no difference")
    sides = (("left", step.left, shown.left), ("right", step.right, shown.right))
    kept = {
        side: {"setting": letter, "stamp": stamp.model_dump(mode="json", exclude_defaults=True)}
        for side, letter, stamp in sides
    }
    return {"kind": "trial", "catch": step.catch, **kept, "chosen": chosen, "seconds": seconds}


def question_document(study: Study, question: Question, value: str | None, seconds: float) -> dict[str, Any]:
    """The answer to a question. value: the point, the option or the text.

    Raises:
        ConfigError: none of the options, or a text that is too long.
    """
    options = study.options(question)
    if options and value not in options:
        raise ConfigError("an answer", "none" if value is None else quoted(value), "choose one")
    text = value or ""
    if not options and len(text) > question.longest:
        raise ConfigError(f"at most {question.longest:,} characters", f"{len(text):,}", "write a shorter text")
    kept = 1 + options.index(text) if question.kind == "scale" else text.strip()
    return {"kind": "question", "id": question.id, "value": kept, "seconds": seconds}


def preferred(document: Mapping[str, Any]) -> Letter | Literal["none"]:
    """The setting that somebody chose in a trial; "none" where they saw no difference, or where there was none."""
    same = _listed(document["left"]) == _listed(document["right"])
    chosen = document["chosen"]
    return "none" if same or chosen == "none" else document[chosen]["setting"]


def passed(study: Study, document: Mapping[str, Any]) -> bool | None:
    """Whether somebody passed a check of their attention; None where an answer is none."""
    if document["kind"] == "trial":
        return document["chosen"] == "none" if document["catch"] else None
    question = next((one for one in study.question if one.id == document.get("id")), None)
    if question is None or not question.expect:
        return None
    value = document["value"]
    return question.expect == (study.points[value - 1] if question.kind == "scale" else value)


def _listed(side: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of a list of a trial that was kept."""
    return tuple(side["stamp"]["list"])
