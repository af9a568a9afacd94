"""Asking for a title: which knobs would bring it into the list, from the board as it stands or from rest."""

from typing import NamedTuple

import numpy as np
import streamlit as st

from knobs_core.base import UnknownNameError, capital, visible
from knobs_core.bundles import Bundle, SmallestTurn
from knobs_core.data import Interactions, find_item
from knobs_ui import html, state
from knobs_ui.board import View
from knobs_ui.state import Dials

FIRST = 10  # a title is asked for among so many
ASKED = "asked for"  # in the session: the last question and its answers


class Answers(NamedTuple):
    """The smallest turn from the board as it stands, and from rest; None where there is none."""

    added: SmallestTurn | None
    anew: SmallestTurn | None


def ask_for(bundle: Bundle, shown: View) -> None:
    """The smallest change of at most three dials that brings an item into the top ten, and what else it moves."""
    data, words = bundle.interactions, bundle.words
    free = np.setdiff1d(np.arange(data.n_items), shown.taste.seen).tolist()
    chosen = st.selectbox(
        html.plain(capital(words.one)), free, index=None, key="title asked for", placeholder=f"Type {words.a}",
        format_func=lambda one: visible(one if isinstance(one, str) else data.title_with_year(one)),
        accept_new_options=True,  # the browser knows no "Amélie" for "amelie"
        help=f"Finds the smallest turn of at most three knobs that brings it into the first {FIRST}.",
    )  # fmt: skip
    item, why = meant(data, chosen, free) if isinstance(chosen, str) else (chosen, "")
    if why:
        st.warning(html.plain(why))
    if item is None:
        return
    title, answers = html.plain(data.title_with_year(item)), _answers(bundle, shown, item)
    if answers.added and not answers.added.dials:
        st.success(f"{title} stands at rank {answers.added.rank:,} already.")
        return
    if not answers.added and not answers.anew:
        st.warning(f"No turn of three knobs brings {title} into the first {FIRST}, neither from here nor from rest.")
        return
    standing = dict(shown.choice.dials)
    if answers.added:
        turned = {dial.key: dial.amount for dial in answers.added.dials}
        _offer(bundle, shown, answers.added, "Add to the board" if shown.dials else "Set the board so",
               tuple({**standing, **turned}.items()))  # fmt: skip
    else:
        st.warning(f"With the board as it stands, nothing brings {title} into the first {FIRST}.")
    if shown.dials and answers.anew:
        st.divider()
        dials = tuple((dial.key, dial.amount) for dial in answers.anew.dials)
        _offer(bundle, shown, answers.anew, "Replace the board", dials)


def meant(data: Interactions, typed: str, free: list[int]) -> tuple[int | None, str]:
    """The one of the free items that somebody means who typed its name, say without its accents; or None, and why."""
    try:
        item = data.column_of[find_item(data, typed)]
    except UnknownNameError as error:
        return None, str(error)
    return (item, "") if item in free else (None, f"{data.title_with_year(item)} is known to them already.")


def _answers(bundle: Bundle, shown: View, item: int) -> Answers:
    """The answers to the visitor's last question; they take a moment, and the page runs with every turn."""
    key = (bundle.id, shown.choice, item)
    kept = st.session_state.get(ASKED)
    if not kept or kept[0] != key:
        with st.spinner("Trying every knob"):
            item_id, n = bundle.interactions.item_ids[item], min(FIRST, shown.choice.n)
            added = shown.person.counterfactual(item_id, n, dials=shown.dials)
            anew = shown.person.counterfactual(item_id, n) if shown.dials else None
        kept = st.session_state[ASKED] = (key, Answers(added, anew))
    return kept[1]


def _offer(bundle: Bundle, shown: View, answer: SmallestTurn, offer: str, dials: Dials) -> None:
    """One answer in words, what it moves, and the button that sets it. dials: of the whole board afterwards."""
    turns = html.turned_words(bundle, answer.dials)
    if not turns:
        st.markdown(f"With all knobs at rest it stands at **rank {answer.rank:,}**.")
    else:
        st.markdown(f"It comes to **rank {answer.rank:,}** with {html.plain(turns)}.")
    now = shown.person.reference(shown.dials)
    titles = bundle.interactions
    change = shown.person.recommend(state.dials_of(bundle, dials), shown.choice.n, reference=now).recommendation
    comes, goes = (", ".join(titles.main_title(i) for i in part) for part in (change.entered, change.left))
    st.caption(f"Enters: {html.plain(comes) or 'nothing'}. Leaves: {html.plain(goes) or 'nothing'}.")
    if st.button(html.plain(offer), icon=":material/check:", type="primary"):
        state.change(bundle, dials=dials)
        st.rerun()
