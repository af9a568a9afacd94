"""Versions of a recipe: what changed, in words and in effect, publishing, and putting an earlier one back on air."""

import dataclasses
from collections.abc import Callable

import streamlit as st

from knobs_core.base import ConfigError, KnobsError
from knobs_core.bundles import Bundle
from knobs_core.lists import ListRecipe, Rules, check
from knobs_core.publishing import OvertakenError, Version, changes
from knobs_ui import html
from knobs_ui.roles import Role, require, somebody
from knobs_ui.state import tell
from knobs_ui.studio import drafts
from knobs_ui.studio.drafts import Draft
from knobs_ui.studio.effect import effect_words
from knobs_ui.studio.picker import title
from knobs_ui.studio.room import store

LIVE, DRAFT = " · live", ""  # what stands behind the number of a version
CLASH = "somebody was faster"  # in the session: the OvertakenError of a slug


def standing(draft: Draft, live: Version | None) -> str:
    """How a recipe stands, in a line."""
    hand = ", with changes in hand" if draft.changed else ""
    air = f"version {live.number} is live and {live.recipe.state()}, {live.recipe.times}" if live else "never on air"
    return f"Draft: version {draft.base.number}{hand} · {air}"


def bar(bundle: Bundle, name: str) -> None:
    """What can be done with a draft as a whole."""
    draft, live = drafts.draft_of(name), store().live(name)
    chief = somebody().role >= Role.CHIEF
    st.button("", key="undo draft", icon=":material/undo:", help="Undo", disabled=not draft.line.past,
              on_click=_done, args=(drafts.undo, name), type="tertiary")  # fmt: skip
    st.button("", key="redo draft", icon=":material/redo:", help="Redo", disabled=not draft.line.future,
              on_click=_done, args=(drafts.redo, name), type="tertiary")  # fmt: skip
    st.button("Save", key="save draft", icon=":material/save:", disabled=not draft.changed, on_click=_done,
              args=(on_save, name), help="A new version; readers see nothing of it.")  # fmt: skip
    if st.button("Publish…", key="publish", icon=":material/campaign:",
                 disabled=not chief or (live is not None and not draft.changed and live.number == draft.base.number),
                 help="Puts it on air." if chief else "A chief editor publishes."):  # fmt: skip
        publish(bundle, name)
    if draft.changed:
        st.button("Discard changes", key="discard", on_click=_done, args=(drafts.drop, name), type="tertiary")
    if live and chief and st.button("Take off the air…", key="withdraw", type="tertiary"):
        withdraw(name, live)


def _done(deed: Callable[..., object], *about: object) -> None:
    """Do something, after which the whole page is another one."""
    deed(*about)
    st.rerun()


def on_save(name: str) -> None:
    """Save, and say what came of it; where somebody was faster, ask what is to be done."""
    st.session_state.pop(CLASH, None)
    try:
        merged = drafts.save(name)
    except OvertakenError as error:
        st.session_state[CLASH] = (name, error)
    except KnobsError as error:
        tell([str(error)], ":material/error:")
    else:
        number = drafts.draft_of(name).base.number
        came = f" It holds what others changed meanwhile: {', '.join(merged)}." if merged else ""
        tell([f"Saved as version {number}.{came}"], ":material/check:")


def clash(bundle: Bundle, name: str) -> None:
    """Where somebody else saved meanwhile and both changed the same: both sides, and three ways on."""
    slug, error = st.session_state.get(CLASH, ("", None))
    if slug != name or error is None:
        return
    theirs, mine = error.theirs, drafts.draft_of(name)
    with st.container(border=True, key="clash"):
        at, fields = html.moment(theirs.at), ", ".join(error.fields)
        st.markdown(f"**{html.plain(theirs.by)} saved version {theirs.number:d} meanwhile** "
                    f"({html.plain(at)}), and you both changed {html.plain(fields)}. "
                    "Nothing is lost: yours is still here, theirs is saved.")  # fmt: skip
        for who, recipe in (("Theirs", theirs.recipe), ("Yours", drafts.untold(mine.recipe))):
            said = "; ".join(changes(mine.base.recipe, recipe, lambda item: title(bundle, item)))
            st.markdown(f"{html.plain(who)}: {html.plain(said or 'nothing changed')}")
        with st.container(horizontal=True):
            st.button("Save mine over it", key="mine wins", on_click=_done, args=(_mine, name, theirs),
                      help="What both changed becomes yours; all else of theirs stays.")  # fmt: skip
            st.button("Take theirs", key="theirs wins", on_click=_done, args=(_theirs, name, theirs))
            st.button("Not now", key="clash later", on_click=st.session_state.pop, args=(CLASH,), type="tertiary")


def _mine(name: str, theirs: Version) -> None:
    st.session_state.pop(CLASH, None)
    try:
        drafts.mine_over(name, theirs)
    except OvertakenError as error:
        st.session_state[CLASH] = (name, error)
    except KnobsError as error:
        tell([str(error)], ":material/error:")


def _theirs(name: str, theirs: Version) -> None:
    st.session_state.pop(CLASH, None)
    drafts.put(drafts.Draft(theirs, drafts.draft_of(name).line.step(theirs.recipe)))


@st.dialog("Publish", width="medium", icon=":material/campaign:")
def publish(bundle: Bundle, name: str, number: int | None = None) -> None:
    """What readers will see change, and why; number: of an earlier version, by default the draft."""
    live, draft = store().live(name), drafts.draft_of(name)
    recipe = store().version(name, number).recipe if number else drafts.untold(draft.recipe)
    for conflict in check(bundle, recipe, store().house().rules):
        st.warning(html.plain(conflict), icon=":material/warning:")
    _difference(bundle, live, recipe)
    st.html(html.note(f"On air {recipe.times}."))
    note = st.text_input("Why", key="publish note", placeholder="For the holidays", max_chars=500)
    if st.button("Publish", key="publish now", icon=":material/campaign:"):
        try:
            who = require(Role.CHIEF)
            fit(bundle, recipe)
            merged = drafts.save(name) if number is None and draft.changed else ()
            if merged:
                found = f"a draft that now holds {', '.join(merged)}, too"
                raise ConfigError("the draft that is shown here", found, "look at it, then publish it")
            chosen = number or drafts.draft_of(name).base.number
            store().publish(name, chosen, who.name, note, live.number if live else None, bundle.id)
        except KnobsError as error:
            st.error(html.plain(str(error)), icon=":material/error:")
            return
        tell([f"Version {chosen} is live, {recipe.times}."], ":material/campaign:")
        st.rerun()


def fit(bundle: Bundle, recipe: ListRecipe) -> None:
    """Refuse a recipe that the bundle of this server cannot render. Raises: KnobsError: names what is missing."""
    Rules(bundle, recipe, store().house().rules).dials(recipe.dials)


def _difference(bundle: Bundle, live: Version | None, recipe: ListRecipe) -> None:
    """What becomes different for readers, in words and on the audience."""
    if live is None:
        st.markdown("It has never been on air.")
        said = effect_words(bundle, None, recipe)
    else:
        turned = changes(live.recipe, recipe, lambda item: title(bundle, item))
        st.markdown(f"**Against version {live.number:d}, which is live**")
        st.html(html.names(turned))
        said = effect_words(bundle, live.recipe, recipe)
    st.html(html.note(said))


@st.dialog("Take it off the air")
def withdraw(name: str, live: Version) -> None:
    """Readers get nothing of this recipe any more; its versions stay."""
    note = st.text_input("Why", key="withdraw note", max_chars=500)
    if st.button("Take it off the air", key="withdraw now"):
        try:
            store().withdraw(name, require(Role.CHIEF).name, note, live.number)
        except KnobsError as error:
            st.error(html.plain(str(error)), icon=":material/error:")
            return
        st.rerun()


def history(bundle: Bundle, name: str) -> None:
    """All versions, what each changed, and what was done with them."""
    live = store().live(name)
    versions = store().history(name)
    for version, older in zip(versions, [*versions[1:], None], strict=True):
        on_air = live is not None and live.number == version.number
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(f"**Version {version.number:d}**{LIVE if on_air else DRAFT} · {html.plain(version.by)} · "
                            f"{html.plain(html.moment(version.at))}")  # fmt: skip
                with st.container(horizontal=True, width="content"):
                    st.button("Go on from here", key=f"from {version.number}", on_click=_from, args=(name, version),
                              help="Its content becomes the draft.")  # fmt: skip
                    if (
                        not on_air
                        and somebody().role >= Role.CHIEF
                        and st.button(f"Put version {version.number:d} on air…", key=f"air {version.number}")
                    ):
                        publish(bundle, name, version.number)
            said = (
                changes(older.recipe, version.recipe, lambda item: title(bundle, item))
                if older
                else ["The first version."]
            )
            st.html(html.names(said))
    with st.expander("Who did what"):
        rows = [
            (html.moment(act.at), act.by, act.what, _numbers(act.was, act.now), act.note) for act in store().acts(name)
        ]
        st.html(html.table("Acts", ("When", "Who", "What", "Live before and after", "Why"), rows))


def _from(name: str, version: Version) -> None:
    """The content of an earlier version becomes the draft, upon the newest one."""
    draft = drafts.draft_of(name)
    drafts.put(dataclasses.replace(draft, line=draft.line.step(version.recipe)))
    tell([f"The draft holds version {version.number} now."], ":material/history:")


def _numbers(was: int | None, now: int | None) -> str:
    return f"{was or 'none'} → {now or 'none'}"
