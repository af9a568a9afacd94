"""Recipes that an editor has in hand: in their session alone, with undo and redo, until they are saved as versions.

Whoever opens a recipe gets its newest version; what was changed and not saved is there again when they come back to it.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from knobs_core.base import ConfigError, UnknownNameError, quoted, searchable
from knobs_core.bundles import Bundle
from knobs_core.lists import ListRecipe, Turn, fault, recipe_of, turns_of
from knobs_core.publishing import OvertakenError, Version, merge
from knobs_ui.roles import Role, require
from knobs_ui.state import DRAFTS, Timeline
from knobs_ui.studio.room import store


@dataclasses.dataclass(frozen=True)
class Draft:
    """A recipe in hand. base: the version that it was made from; line: the steps since."""

    base: Version
    line: Timeline[ListRecipe]

    @property
    def recipe(self) -> ListRecipe:
        """As it stands."""
        return self.line.now

    @property
    def changed(self) -> bool:
        """Whether there is anything to save."""
        return self.base.recipe != untold(self.line.now)


def drafts() -> dict[str, Draft]:
    """All that are in hand, {slug: draft}; a copy of what the session has."""
    return dict(st.session_state.get(DRAFTS, {}))


def draft_of(name: str) -> Draft:
    """The draft of a slug: the one in hand, else the newest version.

    Raises:
        UnknownNameError: there is none.
    """
    known = drafts().get(name)
    if known is None:
        newest = store().version(name)
        known = Draft(newest, Timeline(newest.recipe))
        put(known)
    return known


def follow(name: str) -> None:
    """Where nothing is changed in hand, go on with what others have saved meanwhile. To be called before a page shows
    the draft and after what was done on it was taken over: that was decided upon what stood there."""
    if not draft_of(name).changed and store().version(name).number != draft_of(name).base.number:
        drop(name)


def put(draft: Draft) -> None:
    """Have a draft in hand."""
    st.session_state[DRAFTS] = {**drafts(), draft.recipe.slug: draft}


def drop(name: str) -> None:
    """Let go of what was changed and not saved."""
    st.session_state[DRAFTS] = {slug: one for slug, one in drafts().items() if slug != name}


def begin(bundle: Bundle, headline: str, **fields: Any) -> str:
    """Begin a recipe with some of its fields, which is saved at once; the slug, which comes from its headline.

    Raises:
        ConfigError: a headline without a letter or digit, or one whose slug is taken.
    """
    who = require(Role.EDITOR)
    words = "".join(one if one.isascii() and one.isalnum() else " " for one in searchable(headline)).split()
    name = "-".join(words)[:80].strip("-")
    if not name:
        raise ConfigError("a headline with a letter from a to z or a digit", "none", "write a few words")
    made = recipe_of({"slug": name, "headline": headline.strip(), "bundle": bundle.id, **fields})
    try:
        store().save(made, who.name)
    except OvertakenError:
        raise ConfigError("a headline that no other recipe has", f"'{name}' is there", "choose other words") from None
    return name


def change(name: str, passing: bool = False, **fields: Any) -> None:
    """Change some fields of a draft, as one step; passing: a moment of a drag that goes on.

    Raises:
        ConfigError: what would be no recipe; the draft stays as it was.
    """
    require(Role.EDITOR)
    draft = draft_of(name)
    try:
        changed = ListRecipe.model_validate({**draft.recipe.model_dump(), **fields})
    except ValidationError as error:
        raise ConfigError("a recipe", fault(error), "correct that field; it stays as it was") from None
    put(dataclasses.replace(draft, line=draft.line.step(changed, passing)))


def turn(bundle: Bundle, name: str, amounts: Mapping[str, float], passing: bool = False, instead: bool = False) -> None:
    """Set some dials of a draft; those at rest stay on its desk. What a dial is made of is kept with it once the hand
    has let go. instead: all other dials go.

    Raises:
        UnknownNameError: no such knob. ConfigError: more dials than a recipe has.
    """
    for key in amounts:
        if key not in bundle.knobs:
            raise UnknownNameError("a knob of this bundle", quoted(key), "choose one from the search")
    dials = [bundle.knobs[key].dial(amount) for key, amount in amounts.items()]
    whole = {} if passing else {one.knob: one for one in turns_of(bundle, dials)}
    now = {} if instead else {one.knob: one for one in draft_of(name).recipe.dials}
    for dial in dials:
        now[dial.key] = whole.get(dial.key) or Turn(knob=dial.key, amount=dial.amount, name=dial.name)
    change(name, passing, dials=tuple(now.values()), bundle=bundle.id)


def untold(recipe: ListRecipe) -> ListRecipe:
    """A recipe without the dials at rest, which say nothing to readers."""
    return recipe.model_copy(update={"dials": tuple(one for one in recipe.dials if one.amount)})


def undo(name: str) -> None:
    """Take the last step back."""
    put(dataclasses.replace(draft_of(name), line=draft_of(name).line.undo()))


def redo(name: str) -> None:
    """Take the step that was undone last once more."""
    put(dataclasses.replace(draft_of(name), line=draft_of(name).line.redo()))


def save(name: str) -> tuple[str, ...]:
    """Save a draft as a new version; the fields in which somebody else's changes came in.

    Raises:
        OvertakenError: somebody else changed the same; the draft stays in hand.
        StorageError: nothing was saved; the draft stays in hand.
    """
    who, draft = require(Role.EDITOR), draft_of(name)
    saved = store().save(untold(draft.recipe), who.name, draft.base.number)
    put(Draft(saved.version, draft.line.step(saved.version.recipe)))
    return saved.merged


def mine_over(name: str, theirs: Version) -> None:
    """Save a draft upon somebody else's version: what both changed becomes mine, all else of theirs stays."""
    draft = draft_of(name)
    both = merge(draft.base.recipe, theirs.recipe, draft.recipe, mine_wins=True).recipe
    if both is None:  # together they make no recipe, so mine stands alone
        both = draft.recipe
    put(Draft(theirs, draft.line.step(both)))
    save(name)
