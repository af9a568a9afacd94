"""One step on the screen: titles to choose, two lists to compare, or a question; and the answer as it is kept.

Nothing that reaches the browser says which setting a list is of. The wall of the User page is not used here: it shows a
list while titles are chosen.
"""

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from knobs_core import studies
from knobs_core.base import KnobsError, visible
from knobs_core.bundles import Bundle
from knobs_core.lists import Stamp
from knobs_core.studies import SIDES, Pair, Question, Step, Study, Wording
from knobs_ui import html, people, state
from knobs_ui.board import catalogue
from knobs_ui.server import likes

SHOWN = "study step shown"  # in the session


class Shown(NamedTuple):
    """The step that a session shows. who, at: whose and which, from 0; pair: its lists, where it is a trial; since: in
    seconds, by a clock that only goes on."""

    who: str
    at: int
    pair: Pair | None
    since: float


def step(bundle: Bundle, study: Study, who: str, now: Step, before: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Show a step.

    Args:
        who: id of the participant; before: the documents of all their earlier answers.

    Returns:
        The document of the answer, once it is given and can be kept.
    """
    shown = _shown(bundle, study, who, now, before)
    ask = _ask(bundle, study, now)
    st.title(ask, anchor=False)
    with st.form(f"study step {shown.at}", border=False):
        given: Any = None
        if now.question:
            given = _answer(study, now.question, ask, shown.at)
        elif shown.pair:
            st.html(_side_by_side(bundle, study.words, shown.pair))
            side = _one_of(html.plain(study.words.answer), study.words.choices, shown.at, across=True)
            given = SIDES[study.words.choices.index(side)] if side else None
        else:
            given = _titles(bundle, study.words)
        if not st.form_submit_button(html.plain(study.words.next), type="primary"):
            return None
    try:
        return _document(bundle, study, now, shown, given)
    except KnobsError as error:
        why = html.plain(study.words.missing if given is None else str(error))
        st.warning(ask if now.kind == "titles" else why)
        return None


def _shown(bundle: Bundle, study: Study, who: str, now: Step, before: Sequence[dict[str, Any]]) -> Shown:
    """The step with its lists, the same ones for as long as it is shown."""
    last: Shown | None = st.session_state.get(SHOWN)
    if last is None or (last.who, last.at) != (who, len(before)):
        lists = None
        if now.kind == "trial" and study.comparison:
            lists = studies.pair(bundle, study.comparison, now, before[0]["items"], before)
        last = st.session_state[SHOWN] = Shown(who, len(before), lists, time.monotonic())
    return last


def _ask(bundle: Bundle, study: Study, now: Step) -> html.Markdown:
    """What a step asks."""
    if now.question:
        return html.plain(now.question.ask)
    if study.comparison is None:
        return html.Markdown("")
    if now.kind == "titles":
        asked = f"Choose at least {bundle.words.count(study.comparison.picks)} that you love"
        return html.plain(study.words.titles or asked)
    return html.plain(study.comparison.ask)


def _answer(study: Study, question: Question, ask: html.Markdown, at: int) -> str | None:
    """What is answered to a question; "" is a text as well."""
    if question.kind == "text":
        key, longest = f"answer {at}", question.longest
        return st.text_area(ask, max_chars=longest, key=key, label_visibility="collapsed")
    return _one_of(ask, study.options(question), at)


def _one_of(label: html.Markdown, options: Sequence[str], at: int, across: bool = False) -> str | None:
    """One of some options, None before one is chosen. across: beside each other, without a label to be seen."""
    shown = [html.plain(one) for one in options]
    chosen = st.radio(label, shown, index=None, key=f"answer {at}", horizontal=across, label_visibility="collapsed")
    return options[shown.index(chosen)] if chosen in shown else None


def _side_by_side(bundle: Bundle, words: Wording, pair: Pair) -> str:
    """Both lists, as HTML, beside each other on a phone too: neither is to come first."""
    sides = ((words.left, pair.left), (words.right, pair.right))
    return f'<div class="knobs-pair">{"".join(_list(bundle, name, stamp) for name, stamp in sides)}</div>'


def _list(bundle: Bundle, name: str, stamp: Stamp) -> str:
    """A list under its side, as HTML."""
    data = bundle.interactions
    columns = [data.column_of[item] for item in stamp.list]
    rows = [html.Row(rank, data.main_title(i), data.detail(i)) for rank, i in enumerate(columns, start=1)]
    return f"<section><h2>{html.name(name)}</h2>{html.ranked(rows, name)}</section>"


def _titles(bundle: Bundle, words: Wording) -> list[str]:
    """Ids of the titles that are chosen, of some that many people know and by a search; at first those that the visitor
    picked elsewhere in the app."""
    data, choice = bundle.interactions, state.current(bundle)
    known = {html.plain(data.main_title(item)): item for item in people.famous(bundle)}
    picked = [] if choice.user_ids or state.newcomer(bundle) else [data.column_of[one] for one in choice.item_ids]
    st.session_state.setdefault("study well known", [name for name, item in known.items() if item in picked])
    st.session_state.setdefault("study others", [item for item in picked if item not in known.values()])
    names = [html.plain(data.main_title(item)) for item in known.values()]
    famous = st.pills(html.plain(words.famous), names, selection_mode="multi", key="study well known")
    order = np.argsort(-likes(bundle)[1], kind="stable")[: catalogue.WHOLE].tolist()
    others = st.multiselect(
        html.plain(words.other),
        order,
        key="study others",
        format_func=lambda item: visible(data.title_with_year(item)),
        placeholder=visible(words.search),
        select_all=False,
    )
    return [str(data.item_ids[item]) for item in dict.fromkeys([*(known[name] for name in famous), *others])]


def _document(bundle: Bundle, study: Study, now: Step, shown: Shown, given: Any) -> dict[str, Any]:
    """The answer as it is kept. Raises: ConfigError: it is none."""
    seconds = round(time.monotonic() - shown.since, 2)
    if now.question:
        return studies.question_document(study, now.question, given, seconds)
    if shown.pair:
        return studies.trial_document(shown.pair, now, given, seconds)
    assert study.comparison is not None  # only a comparison begins with titles
    return studies.titles_document(bundle, study.comparison, given, seconds)
