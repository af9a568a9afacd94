"""A study in words: the plan before its first answer, and what was found by it."""

import math
from collections.abc import Iterable

from knobs_core.base import shown
from knobs_core.publishing import Registered
from knobs_core.studies.analysis import Findings, Preference, Statement, needed
from knobs_core.studies.study import Setting, Study


def plan_of(study: Study) -> list[str]:
    """The plan, a sentence each."""
    plan, comparison = study.plan, study.comparison
    said = [f"Hypothesis: {shown(plan.hypothesis, 1_000)}"] if plan.hypothesis else []
    if comparison:
        said += [
            f"Setting a: {_setting(comparison.a)}. Setting b: {_setting(comparison.b)}.",
            f"Each person compares {comparison.trials} pairs of lists of {comparison.rows} rows, and "
            f"{comparison.catches} more with one list on both sides. Each setting is on the left in half of a person's "
            f"pairs, in an order by chance{', as is the side of the odd one' if comparison.trials % 2 else ''}.",
            "A person prefers the setting that they chose more often. Who chose both equally often has no preference, "
            "is said and is left out of the test. Pairs of two lists that came out the same count as no difference.",
            "The test is the exact two-sided sign test over people with a preference, against one half, at a level of "
            f"{plan.alpha:g}. The share is given with Wilson's interval.",
            f"To find a share of {plan.effect:.0%} with a probability of {plan.power:.0%}, {needed(plan):,} people who "
            "have a preference are needed. People without one and those who are left out come on top.",
        ]
    if any(one.kind == "scale" and not one.expect for one in study.question):
        said.append(
            "Statements are given by their median, their mean with a bootstrap interval of 95% over people, and "
            "Wilcoxon's signed-rank test against the middle. These tests are not corrected for their number."
        )
    said.append(f"Left out are people who do not finish, and whoever fails a check of attention ({_checks(study)}).")
    if plan.fastest:
        said.append(f"Whoever takes less than {plan.fastest:g} seconds in the middle of their answers is left out too.")
    return said


def report_of(study: Study, registered: Registered, found: Findings) -> str:
    """The plan and what was found, as Markdown."""
    lines = [f"# {_text(study.title)}", ""]
    lines += [f"The study `{study.id}`, registered on {registered.at:%Y-%m-%d %H:%M} UTC as `{registered.digest}`.", ""]
    lines += ["## The plan", "", *(f"- {_text(one)}" for one in plan_of(study)), "", "## People", ""]
    lines += _rows(("", "people"), [(name, f"{n:,}") for name, n in found.people.items()])
    lines += _rows(("left out", "people"), [(_text(why), f"{n:,}") for why, n in found.left_out.items()])
    if found.preference:
        lines += ["## Which is preferred", "", *_preference(found.preference, found.needed or 0, study.plan.alpha), ""]
    if found.statements:
        points = [f"{place}: {_text(point)}" for place, point in enumerate(study.points, start=1)]
        lines += ["## Statements", "", f"{', '.join(points)}.", ""]
        head = ("statement", "n", "1 to 5", "median", "mean", "95%", "p")
        lines += _rows(head, [_statement(one) for one in found.statements])
    for one in found.options:
        lines += [
            f"## {_text(one.ask)}",
            "",
            *_rows(("", "people"), [(_text(o), f"{n:,}") for o, n in one.counts.items()]),
        ]
    return "\n".join(lines).rstrip() + "\n"


def _preference(found: Preference, planned: int, alpha: float) -> list[str]:
    n = found.a + found.b
    lines = [f"People who prefer a: {found.a:,}, who prefer b: {found.b:,}, without a preference: {found.ties:,}."]
    if n:
        sure = "a difference" if found.p <= alpha else "no difference"
        lines += [
            f"Of {n:,} with a preference {found.share:.0%} prefer b ({1 - alpha:.0%} interval {found.low:.0%} to "
            f"{found.high:.0%}); exact sign test p = {found.p:.4f}: {sure} beyond chance, at a level of {alpha:g}."
        ]
    if n < planned:
        lines.append(f"**The plan asks for {planned:,} people with a preference, so this is a look before the end.**")
    left, none, right = (found.sides[side] for side in ("left", "none", "right"))
    lines.append(f"Left was chosen {left:,} times, right {right:,} times, no difference {none:,} times.")
    if found.same:
        lines.append(
            f"In {found.same:,} pairs both lists came out the same; whatever was chosen counts as no difference."
        )
    return [part for line in lines for part in (line, "")][:-1]


def _statement(one: Statement) -> tuple[str, ...]:
    low, high = one.interval
    known = not math.isnan(one.mean)
    return (
        _text(one.ask), f"{one.n:,}", " ".join(map(str, one.counts)), f"{one.median:g}" if known else "",
        f"{one.mean:.2f}" if known else "", f"{low:.2f} to {high:.2f}" if known else "", f"{one.p:.4f}",
    )  # fmt: skip


def _setting(setting: Setting) -> str:
    dials = ", ".join(f"{shown(name)} {amount:+g}" for name, amount in setting.dials.items() if amount)
    return f"{dials or 'all dials at rest'} ({setting.operator})"


def _checks(study: Study) -> str:
    catches = study.comparison.catches if study.comparison else 0
    asked = sum(bool(one.expect) for one in study.question)
    return f"pairs of one list: {catches}, questions with one right answer: {asked}"


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """A table of Markdown; nothing where it has no rows."""
    head = tuple(head)
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines, ""] if lines else []


def _text(text: str) -> str:
    """Somebody's text as Markdown that shows it as it is, in one line."""
    seen = shown(text, 1_000)
    for mark in "\\`*_[]<>|#":
        seen = seen.replace(mark, f"\\{mark}")
    return seen
