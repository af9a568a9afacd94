"""A visit to a study, from its invitation to its thanks. What is shown follows from what is kept: a reload goes on
where it was, and what was answered does not come back.

Until somebody has consented nothing of theirs is kept, not even that they came.
"""

import streamlit as st

from knobs_core import studies
from knobs_core.base import UnknownNameError
from knobs_core.bundles import Bundle
from knobs_core.publishing import Participant
from knobs_core.studies import Study, Wording
from knobs_ui import front_end, html, owner, state
from knobs_ui.study.room import store, study_of
from knobs_ui.study.steps import step

_shown = st.components.v2.component("knobs_study_step", js=front_end.module("study/step.js"))


def visit(bundle: Bundle) -> None:
    """The page, as far as its visitor has come."""
    study = study_of()
    code = st.query_params.get("code") or st.session_state.get(state.STUDY_CODE, "")
    with st.container(key="study"):
        place = st.container(key="luggage-study")
        who, at = _known(study, code), "entrance"
        if who is None:
            _entrance(study, code)
        elif who.withdrawn:
            at = "way out"
            st.title(html.plain(study.words.gone), anchor=False)
            st.markdown(html.plain(study.words.nothing))
        elif who.consented is None:
            at = "consent"
            _consent(study, who)
        else:
            studies.registered(store(), study)
            at = f"step {_go_on(bundle, study, who):d}"
        with place:  # where it always stands, and told last, when the browser has the heading
            _shown(key="study step", data={"step": at, "language": study.language})


def _known(study: Study, code: str) -> Participant | None:
    """Whoever has this code; it stays in the address, by which they come back."""
    try:
        who = store().find(study.id, code) if code else None
    except UnknownNameError:
        return None
    if who:
        st.session_state[state.STUDY_CODE] = code
        state.write_address(state.query({"code": code}))
    return who


def _entrance(study: Study, code: str) -> None:
    """For whoever has no code that is one."""
    if study.open and owner.at_home() and not code:
        _consent(study, None)
        return
    st.title(html.plain(study.title), anchor=False)
    if code:
        st.warning(html.plain(study.words.unknown))
    else:
        st.markdown(html.plain(study.words.invited))
    with st.form("study invitation", border=False):
        typed = st.text_input(html.plain(study.words.code), max_chars=500)
        if st.form_submit_button(html.plain(study.words.go_on)) and typed.strip():
            st.session_state[state.STUDY_CODE] = typed.strip().rpartition("code=")[2]
            st.query_params.clear()
            st.rerun()


def _consent(study: Study, who: Participant | None) -> None:
    """What somebody agrees to before anything is kept. who: None of somebody at the owner's machine without a code."""
    st.title(html.plain(study.title), anchor=False)
    _prose(study.welcome)
    st.subheader(html.plain(study.words.before), anchor=False)
    _prose(study.consent)
    _prose(study.words.kept)
    agreed = st.checkbox(html.plain(study.words.agree))
    if st.button(html.plain(study.words.begin), type="primary", disabled=not agreed) and agreed:
        studies.register(store(), study)
        if who is None:
            [st.session_state[state.STUDY_CODE]] = store().invite(study.id)
            who = store().find(study.id, st.session_state[state.STUDY_CODE])
        store().consent(who.id)
        st.rerun()


def _go_on(bundle: Bundle, study: Study, who: Participant) -> int:
    """The next step, or thanks after the last one; how many are done."""
    steps, given = studies.steps_of(study, who.id), store().answers(who.id)
    at = len(given)
    if at < len(steps):
        told = study.words.step.replace("{step}", f"{at + 1:d}").replace("{steps}", f"{len(steps):d}")
        share = f'<progress max="{len(steps):d}" value="{at:d}" aria-label="{html.escaped(told)}"></progress>'
        st.html(f'<p class="knobs-steps">{share} {html.escaped(told)}</p>')
        document = step(bundle, study, who.id, steps[at], [one.document for one in given])
        if document is not None:
            store().answer(who.id, at, document, last=at + 1 == len(steps))
            st.rerun()
    else:
        st.title(html.plain(study.words.done), anchor=False)
        _prose(study.thanks)
    _way_out(study.words, who, done=at == len(steps))
    return at


def _way_out(words: Wording, who: Participant, done: bool) -> None:
    """Withdrawing, at any moment."""
    with st.expander(html.plain(words.withdraw if done else words.stop)):
        st.markdown(html.plain(words.deleted))
        if st.button(html.plain(words.delete), icon=":material/delete:"):
            store().withdraw(who.id)
            st.rerun()


def _prose(text: str) -> None:
    for one in studies.paragraphs(text):
        st.markdown(html.plain(one))
