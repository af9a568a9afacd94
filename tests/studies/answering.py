"""Studies for tests, and people who answer them without a browser."""

from knobs_core import studies
from knobs_core.studies import Study

DOCUMENT = {
    "id": "one-or-none",
    "title": "Two lists",
    "consent": "Taking part is voluntary.",
    "comparison": {"a": {"dials": {"concept 3": 0.4}}, "trials": 4, "catches": 1, "rows": 5},
    "question": [
        {"id": "fit", "ask": "The lists suited me."},
        {"id": "check", "ask": "Please choose 'agree' here.", "expect": "agree"},
        {"id": "often", "ask": "How often?", "kind": "choice", "options": ["never", "often"]},
        {"id": "why", "ask": "Why?", "kind": "text", "longest": 100},
    ],
}
LIKES = ("i1", "i4", "i8")


def study_of(**fields):
    return Study.model_validate({**DOCUMENT, **fields})


def answer(bundle, study, step, before, wants="a", attentive=True, fit="agree", why="", seconds=5.0):
    """What somebody answers to a step who always wants one setting, "none" for neither."""
    if step.kind == "titles":
        return studies.titles_document(bundle, study.comparison, LIKES, seconds)
    if step.kind == "trial":
        shown = studies.pair(bundle, study.comparison, step, LIKES, before)
        side = "left" if step.left == wants else "right" if step.right == wants else "none"
        return studies.trial_document(shown, step, "none" if step.catch and attentive else side, seconds)
    said = {"fit": fit, "check": "agree" if attentive else "disagree", "often": "often", "why": why}[step.question.id]
    return studies.question_document(study, step.question, said, seconds)


def take(people, bundle, study, stop=None, **how):
    """Somebody goes through a whole study, or up to a step; their id."""
    studies.register(people, study)
    [code] = people.invite(study.id)
    who, given = people.consent(people.find(study.id, code).id), []
    steps = studies.steps_of(study, who.id)
    for at, step in enumerate(steps[:stop]):
        given.append(answer(bundle, study, step, given, **how))
        people.answer(who.id, at, given[-1], last=at + 1 == len(steps))
    return who.id
