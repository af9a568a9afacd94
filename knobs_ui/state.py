"""What a visitor has chosen: one frozen value in their session, replaced as a whole and never shared.

Widgets are views of it: they are filled from it and write back through the functions here.
"""

import dataclasses

import scipy.sparse as sp
import streamlit as st

from knobs_core import people
from knobs_core.bundle import Bundle

KEY = "choice"


@dataclasses.dataclass(frozen=True)
class Choice:
    """Whose list it is and how the dials stand.

    user_id: a user of the data set, or None for somebody built from item_ids
    dials: {knob key: amount}, in the order in which they were added; see ``knobs_core.knobs.Knob``
    """

    user_id: str | None = None
    item_ids: tuple[str, ...] = ()
    dials: tuple[tuple[str, float], ...] = ()

    def amount(self, key: str) -> float:
        return dict(self.dials).get(key, 0.0)


def current(bundle: Bundle) -> Choice:
    """The visitor's choice; the first time, a test user of middling length, whom the models have never seen."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Choice(user_id=_first_user(bundle))
    return st.session_state[KEY]


def change(bundle: Bundle, **fields) -> None:
    """Replace some fields of the choice."""
    st.session_state[KEY] = dataclasses.replace(current(bundle), **fields)


def turn(bundle: Bundle, key: str, amount: float) -> None:
    """Set one dial, adding it where it is new."""
    change(bundle, dials=tuple({**dict(current(bundle).dials), key: amount}.items()))


def history(bundle: Bundle) -> sp.csr_matrix:
    """Likes (1, n_items) of the chosen person."""
    choice = current(bundle)
    if choice.user_id is not None:
        return people.history_of(bundle.interactions, choice.user_id)
    return people.history_from(bundle.interactions, choice.item_ids)


def name(bundle: Bundle) -> str:
    """What the chosen person is called on the pages."""
    choice = current(bundle)
    return "Your own taste" if choice.user_id is None else f"User {choice.user_id}"


@st.cache_data(show_spinner=False)
def _first_user_of(checksum: str, seed: int, _bundle: Bundle) -> str:
    test = _bundle.split().test.users
    likes = _bundle.interactions.matrix[test].getnnz(axis=1)
    return _bundle.interactions.user_ids[test[abs(likes - 40).argmin()]]


def _first_user(bundle: Bundle) -> str:
    return _first_user_of(bundle.manifest["source"]["checksum"], bundle.manifest["seed"], bundle)
