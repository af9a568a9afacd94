"""Arms of a recipe: other dials for a share of its readers, to see which serve them better."""

import string
from collections import Counter
from functools import lru_cache
from typing import Any

import streamlit as st

from knobs_core.base import ConfigError, quoted, visible
from knobs_core.bundles import Bundle
from knobs_core.lists import ARM_NAME, Arm, ListRecipe, Turn, arm_of
from knobs_ui import html
from knobs_ui.studio.fields import field, write
from knobs_ui.studio.room import audience

MOST, FIRST_SHARE = 8, 0.1
ITSELF = "the recipe itself"


def arms(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    """The arms of a draft, who gets which, and a way to add one."""
    st.subheader("Compare", anchor=False)
    st.html(html.note("An arm is other dials, under the same rules, for a share of the readers. Each of them stays in "
                      "their arm for as long as the shares stay as they are."))  # fmt: skip
    for at in range(len(recipe.arms)):
        _arm(bundle, name, recipe, at)
    if recipe.arms:
        st.html(_dealt(bundle, recipe))
    if len(recipe.arms) < MOST:
        st.button("Add an arm", key=f"{name} add an arm", icon=":material/call_split:",
                  on_click=write, args=(name,), kwargs={"arms": (*recipe.arms, _new(recipe))},
                  help="With the dials on the desk as they are now; the arm keeps them as they are.")  # fmt: skip
    else:
        st.html(html.note(f"A recipe has {MOST} arms at most."))


def _arm(bundle: Bundle, name: str, recipe: ListRecipe, at: int) -> None:
    """One arm: what it is called, its share, its dials."""
    arm, all_arms = recipe.arms[at], recipe.arms

    def put(*instead: Arm) -> dict[str, Any]:
        return {"arms": (*all_arms[:at], *instead, *all_arms[at + 1 :])}

    def named(typed: str) -> dict[str, Any]:
        wanted, keeps = typed.strip(), f"it is still called {arm.name}"
        if not ARM_NAME.fullmatch(wanted):
            found = quoted(wanted) if wanted else "no name"
            raise ConfigError("letters, digits, '.', '-' or '_'", found, keeps)
        if any(one.name == wanted for one in all_arms if one is not arm):
            raise ConfigError("a name of its own", quoted(wanted), keeps)
        return put(arm.model_copy(update={"name": wanted}))

    def weighed(percent: float) -> dict[str, Any]:
        share, left = round(percent / 100, 6), round(1 - sum(one.share for one in all_arms if one is not arm), 6)
        if share >= left:
            raise ConfigError(f"less than {_percent(left)}", _percent(share), f"it still has {_percent(arm.share)}")
        return put(arm.model_copy(update={"share": share}))

    with st.container(key=f"arm {at}"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.text_input("Name", max_chars=40, **field(name, f"arm {at} name", arm.name, named))
            st.number_input("% of readers", 0.1, 99.9, step=1.0, format="%.1f", width=140,
                            help="All arms together have less than 100%: some readers get the recipe itself.",
                            **field(name, f"arm {at} share", round(100 * arm.share, 4), weighed))  # fmt: skip
            st.button("", key=f"{name} arm {at} away", icon=":material/close:", help="Take out", type="tertiary",
                      on_click=write, args=(name,), kwargs=put())  # fmt: skip
        st.html(html.note(_words(bundle, arm.dials)))
        with st.container(horizontal=True):
            st.button("Use the desk's dials", key=f"{name} arm {at} take", help="Its dials become those on the desk.",
                      on_click=write, args=(name,),
                      kwargs=put(arm.model_copy(update={"dials": _turned(recipe)})))  # fmt: skip
            st.button("Swap with the desk", key=f"{name} arm {at} swap", on_click=write, args=(name,), help=(
                "To turn its dials and see their audience: they come to the desk and the recipe's own dials go here, "
                "until you swap again."
            ), kwargs={**put(arm.model_copy(update={"dials": _turned(recipe)})), "dials": arm.dials})  # fmt: skip


def _new(recipe: ListRecipe) -> Arm:
    """An arm with the dials on the desk, a name that is free, and readers that no other arm has."""
    names = {arm.name for arm in recipe.arms}
    left = 1 - sum(arm.share for arm in recipe.arms)
    name = next(one for one in string.ascii_lowercase[1:] if one not in names)
    return Arm(name=name, share=min(FIRST_SHARE, round(left / 2, 6)), dials=_turned(recipe))


def _turned(recipe: ListRecipe) -> tuple[Turn, ...]:
    return tuple(one for one in recipe.dials if one.amount)


def _words(bundle: Bundle, dials: tuple[Turn, ...]) -> str:
    """Dials in words; a knob that only another bundle has by the name that it had there."""
    named = {one.knob: bundle.knobs[one.knob].title if one.knob in bundle.knobs else one.name for one in dials}
    said = (f"{visible(named[one.knob] or one.knob)} {html.signed(one.amount)}" for one in dials)
    return ", ".join(said) or "No dials: its readers get their own list, under the rules."


def _dealt(bundle: Bundle, recipe: ListRecipe) -> str:
    """Which share of the readers gets what, and how many of the audience that is, as HTML."""
    readers = audience(bundle).readers
    ids = tuple(map(str, bundle.interactions.user_ids[readers.rows[: readers.n]]))
    n = _counts(recipe.slug, tuple((arm.name, arm.share) for arm in recipe.arms), ids)
    shares = {ITSELF: 1 - sum(arm.share for arm in recipe.arms), **{arm.name: arm.share for arm in recipe.arms}}
    rows = [(one, _percent(share), f"{n[one]:,} of {len(ids):,}") for one, share in shares.items()]
    return html.table("Who gets which dials", ("Arm", "Share", "Of the audience"), rows)


@lru_cache(maxsize=16)
def _counts(slug: str, shares: tuple[tuple[str, float], ...], ids: tuple[str, ...]) -> Counter[str]:
    recipe = ListRecipe(slug=slug, arms=tuple(Arm(name=name, share=share, dials=()) for name, share in shares))
    return Counter(arm.name if arm else ITSELF for arm in (arm_of(recipe, reader) for reader in ids))


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"
