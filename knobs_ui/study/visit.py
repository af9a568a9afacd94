"""A visit to a study, from its invitation to its thanks. What is shown follows from what is kept: a reload goes on
where it was, and what was answered does not come back.

Until somebody has consented nothing of theirs is kept, not even that they came.
"""

import streamlit as st

from knobs_core import studies
from knobs_core.base import UnknownNameError
from knobs_core.bundles import Bundle
from knobs_core.publishing import Participant
from knobs_core.studies import Study
from knobs_ui import front_end, html, owner, state
from knobs_ui.study.room import store, study_of
from knobs_ui.study.steps import step

KEPT = (
    "Kept are the titles that you choose, what you are shown, what you answer and how long each answer takes. No name, "
    "no address. It stays on the machine of this server. You can stop and withdraw at any moment; then all of it is "
    "deleted."
)

_begun = st.components.v2.component("knobs_study_step", js=front_end.module("study/step.js"))


def visit(bundle: Bundle) -> None:
    """The page, as far as its visitor has come."""
    study = study_of()
    code = st.query_params.get("code") or st.session_state.get(state.STUDY_CODE, "")
    with st.container(key="study"):
        who = _known(study, code)
        if who is None:
            _entrance(study, code)
        elif who.withdrawn:
            st.title("You have withdrawn", anchor=False)
            st.markdown("Nothing of yours is kept. You may close this page.")
        elif who.consented is None:
            _consent(study, who)
        else:
            studies.registered(store(), study)
            _go_on(bundle, study, who)


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
        st.warning("Nobody was invited by this code. Is the whole link there? Open it once more, or paste it here.")
    else:
        st.markdown("This study is for invited people. Open the link of your invitation, or paste it here.")
    with st.form("study invitation", border=False):
        typed = st.text_input("Link or code", max_chars=500)
        if st.form_submit_button("Go on") and typed.strip():
            st.session_state[state.STUDY_CODE] = typed.strip().rpartition("code=")[2]
            st.query_params.clear()
            st.rerun()


def _consent(study: Study, who: Participant | None) -> None:
    """What somebody agrees to before anything is kept. who: None of somebody at the owner's machine without a code."""
    st.title(html.plain(study.title), anchor=False)
    _prose(study.welcome)
    st.subheader("Before you begin", anchor=False)
    _prose(study.consent)
    st.markdown(KEPT)
    agreed = st.checkbox("I have read this, and I want to take part.")
    if st.button("Begin", type="primary", disabled=not agreed) and agreed:
        studies.register(store(), study)
        if who is None:
            [st.session_state[state.STUDY_CODE]] = store().invite(study.id)
            who = store().find(study.id, st.session_state[state.STUDY_CODE])
        store().consent(who.id)
        st.rerun()


def _go_on(bundle: Bundle, study: Study, who: Participant) -> None:
    """The next step, or thanks after the last one."""
    steps, given = studies.steps_of(study, who.id), store().answers(who.id)
    at = len(given)
    place = st.container(key="luggage-study")
    if at < len(steps):
        share = f'<progress max="{len(steps):d}" value="{at:d}" aria-label="Steps that are done"></progress>'
        st.html(f'<p class="knobs-steps">{share} {at + 1:d} of {len(steps):d}</p>')
        document = step(bundle, study, who.id, steps[at], [one.document for one in given])
        if document is not None:
            store().answer(who.id, at, document, last=at + 1 == len(steps))
            st.rerun()
    else:
        st.title("Thank you", anchor=False)
        _prose(study.thanks)
    with place:  # where it always stands, and told last, when the browser has the heading
        _begun(key="study step", data={"step": at})
    _way_out(who, html.Markdown("Stop and withdraw" if at < len(steps) else "Withdraw"))


def _way_out(who: Participant, name: html.Markdown) -> None:
    """Withdrawing, at any moment. name: what it is called."""
    with st.expander(name):
        st.markdown("All that is kept of you is deleted, and your link opens nothing any more.")
        if st.button("Withdraw and delete my answers", icon=":material/delete:"):
            store().withdraw(who.id)
            st.rerun()


def _prose(text: str) -> None:
    for one in studies.paragraphs(text):
        st.markdown(html.plain(one))
