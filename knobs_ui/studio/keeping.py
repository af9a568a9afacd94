"""What an editor has changed and not saved outlives a reload: their own browser keeps it, and hands it back checked."""

import streamlit as st
from pydantic import BaseModel, ConfigDict, ValidationError

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_core.lists import ListRecipe
from knobs_ui import board
from knobs_ui.state import Timeline, tell
from knobs_ui.studio import drafts
from knobs_ui.studio.room import store

ASKED = "drafts asked for"  # in the session: slugs of which the browser has answered


class Kept(BaseModel):
    """A draft as a browser keeps it. base: number of the version that it was made from."""

    model_config = ConfigDict(extra="forbid")
    base: int
    recipe: ListRecipe


def keep(bundle: Bundle, name: str) -> None:
    """Let the browser keep what is in hand of a recipe; at first, take back what it has. Once a run."""
    draft, asked = drafts.draft_of(name), st.session_state.get(ASKED, frozenset())
    now = Kept(base=draft.base.number, recipe=drafts.untold(draft.recipe)).model_dump(
        mode="json", exclude_defaults=True
    )
    rows = ([now] if draft.changed else []) if name in asked else None
    with board.luggage("draft"):
        told = board.kept_list(f"knobs draft {name} of {bundle.manifest.origin.slug}", rows, f"draft {name}")
    if name in asked or not isinstance(told, list):
        return
    st.session_state[ASKED] = asked | {name}
    if told and not draft.changed and _taken_back(name, told[0]):
        tell(["What you had changed and not saved is here again. Undo takes it away."], ":material/history:")
        st.rerun()


def _taken_back(name: str, row: object) -> bool:
    """Have in hand what a browser says it kept, where that is a draft of this recipe."""
    try:
        kept = Kept.model_validate(row)
        base = store().version(name, kept.base)
    except (ValidationError, KnobsError):
        return False
    if kept.recipe.slug != name or kept.recipe == base.recipe:
        return False
    drafts.put(drafts.Draft(base, Timeline(base.recipe).step(kept.recipe)))
    return True
