"""Studies with people: a blind comparison of two settings, questions, and what is found by a plan made before."""

from knobs_core.studies.analysis import (
    Answerer,
    Findings,
    Options,
    Preference,
    Statement,
    answerers,
    counts_of,
    findings,
    needed,
    preference,
    statement,
    table,
)
from knobs_core.studies.answers import (
    SIDES,
    Pair,
    pair,
    passed,
    preferred,
    question_document,
    titles_document,
    trial_document,
)
from knobs_core.studies.difference import Difference, difference
from knobs_core.studies.export import FILES, document_of, export
from knobs_core.studies.registration import register, registered
from knobs_core.studies.report import plan_of, report_of
from knobs_core.studies.steps import Step, steps_of
from knobs_core.studies.study import Comparison, Plan, Question, Setting, Study, example, paragraphs, read_study
from knobs_core.studies.wording import Wording

__all__ = [
    "FILES",
    "SIDES",
    "Answerer",
    "Comparison",
    "Difference",
    "Findings",
    "Options",
    "Pair",
    "Plan",
    "Preference",
    "Question",
    "Setting",
    "Statement",
    "Step",
    "Study",
    "Wording",
    "answerers",
    "counts_of",
    "difference",
    "document_of",
    "example",
    "export",
    "findings",
    "needed",
    "pair",
    "paragraphs",
    "passed",
    "plan_of",
    "preference",
    "preferred",
    "question_document",
    "read_study",
    "register",
    "registered",
    "report_of",
    "statement",
    "steps_of",
    "table",
    "titles_document",
    "trial_document",
]
