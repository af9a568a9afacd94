"""The rules of a recipe as fields: what readers see, what may be on the list, what must be, and when it is on air."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from knobs_core.base import KnobsError, capital
from knobs_core.bundles import Bundle
from knobs_core.data import genres_of
from knobs_core.lists import LONGEST, PRECEDENCE, ListRecipe, Pin, Value, properties_of, proposed_notes
from knobs_ui import html
from knobs_ui.studio import drafts
from knobs_ui.studio.arms import arms
from knobs_ui.studio.fields import field, write
from knobs_ui.studio.frame import conflicts
from knobs_ui.studio.picker import listed, pick, title
from knobs_ui.studio.room import store

N_TAGS = 500  # that can be chosen, the most used ones


def rules(bundle: Bundle, name: str) -> None:
    """All fields of a draft but its dials."""
    recipe = drafts.draft_of(name).recipe
    st.html(html.note(f"What stands further left wins: {' > '.join(PRECEDENCE)}."))
    for conflict in conflicts(bundle, recipe, store().house().rules):
        st.warning(html.plain(conflict), icon=":material/warning:")
    left, right = st.columns(2, gap="large")
    with left:
        _words(bundle, name, recipe)
        _times(name, recipe)
        _notes(bundle, name, recipe)
        arms(bundle, name, recipe)
    with right:
        _pool(bundle, name, recipe)
        _bans(bundle, name, recipe)
        _pins(bundle, name, recipe)
        _quotas(bundle, name, recipe)


def _words(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    st.subheader("What readers see", anchor=False)
    st.text_input("Headline", max_chars=200, **field(name, "headline", recipe.headline))
    st.text_area("About this list", max_chars=2_000, height=80, **field(name, "about", recipe.about))
    st.number_input(html.plain(bundle.words.many.capitalize()), 1, LONGEST, help="How many rows the list has.",
                    **field(name, "length", recipe.length))  # fmt: skip


def _times(name: str, recipe: ListRecipe) -> None:
    """From when to when it is on air, in the zone that the editor chose."""
    st.subheader("When it is on air", anchor=False)
    _moment(name, "valid_from", html.Markdown("From"), recipe.valid_from, ZoneInfo(recipe.zone))
    _moment(name, "valid_to", html.Markdown("To"), recipe.valid_to, ZoneInfo(recipe.zone))
    st.selectbox("Time zone", sorted(available_timezones()), help="In which the times above are meant.",
                 **field(name, "zone", recipe.zone, lambda chosen: _moved(recipe, chosen)))  # fmt: skip
    st.html(html.note(f"On air {recipe.times}; now it would be {recipe.state()}."))


def _moment(name: str, bound: str, label: html.Markdown, moment: datetime | None, zone: ZoneInfo) -> None:
    """A day and a time of day; no day is no bound."""
    now = moment.astimezone(zone) if moment else None
    day, hour = (now.date(), now.time()) if now else (None, None)

    def at(chosen: date | None, time_of_day: time | None) -> dict[str, Any]:
        return {bound: datetime.combine(chosen, time_of_day or time(), zone) if chosen else None}

    def on_day(chosen: date | None) -> dict[str, Any]:
        return at(chosen, hour)

    def on_hour(chosen: time | None) -> dict[str, Any]:
        return at(day, chosen)

    days, hours = st.columns(2)
    days.date_input(label, format="YYYY-MM-DD", help="Always, where it is empty.",
                    **field(name, f"{bound} day", day, on_day))  # fmt: skip
    if now:
        hours.time_input(f"{label}, time of day", step=900, **field(name, f"{bound} hour", hour, on_hour))


def _moved(recipe: ListRecipe, zone: str) -> dict[str, Any]:
    """The same times of day in another zone."""
    old, new = ZoneInfo(recipe.zone), ZoneInfo(zone)
    both = {"valid_from": recipe.valid_from, "valid_to": recipe.valid_to}
    return {"zone": zone} | {
        bound: moment.astimezone(old).replace(tzinfo=new) for bound, moment in both.items() if moment
    }


def _pool(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    """Which items may be in the list."""
    pool = recipe.pool.model_dump()

    def of(part: str) -> dict[str, Any]:
        return field(name, f"pool {part}", pool[part], lambda chosen: {"pool": {**pool, part: chosen}})

    def several(part: str, options: list[str]) -> dict[str, Any]:
        hidden = [one for one in pool[part] if one not in options]  # which another bundle has, and so stay
        shown = [one for one in pool[part] if one in options]
        return field(name, f"pool {part}", shown, lambda chosen: {"pool": {**pool, part: (*chosen, *hidden)}})

    st.subheader("What may be on it", anchor=False)
    first, last = st.columns(2)
    first.number_input("From the year", value=None, step=1, format="%d", **of("first"))
    last.number_input("To the year", value=None, step=1, format="%d", **of("last"))
    genres, tags = genres_of(bundle.interactions), bundle.interactions.tag_matrix()[0][:N_TAGS]
    st.multiselect("With one of these genres", genres, format_func=html.plain, **several("only", genres))
    st.multiselect("Without these genres", genres, format_func=html.plain, **several("without", genres))
    st.multiselect("With one of these tags", tags, format_func=html.plain, **several("tags", tags))
    _pool_values(bundle, name, recipe)
    chosen = recipe.pool.items

    def put(items: tuple[str, ...]) -> None:
        write(name, pool={**pool, "items": items})

    with st.expander(f"Only these {html.plain(bundle.words.many)}: {len(chosen):,} named" if chosen else
                     f"Only {html.plain(bundle.words.many)} that you name"):  # fmt: skip
        pick(bundle, f"{name} pool", html.Markdown("Add to the pool"), lambda item: put((*chosen, item)), chosen)
        listed(bundle, f"{name} pool", chosen, lambda item: put(tuple(one for one in chosen if one != item)))


def _pool_values(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    """What items of the pool are to have, or not, of whatever else is known of them."""
    kinds = {"having": "With", "lacking": "Without"}

    def put(side: str, values: list[Value]) -> None:
        write(name, pool=recipe.pool.model_dump() | {side: values})

    for side, word in kinds.items():
        values = list(getattr(recipe.pool, side))
        for at, one in enumerate(values):
            others = values[:at] + values[at + 1 :]
            _rule(f"{word} {one}", f"{name} {side} {at}", put, side, others)
    with st.form(f"{name} new pool value", border=False, clear_on_submit=True):
        which, of, value = st.columns([2, 3, 3])
        side = which.selectbox(
            html.plain(capital(bundle.words.many)), list(kinds), format_func=kinds.__getitem__, key=f"{name} pool which"
        )
        kind = of.selectbox("Of one", properties_of(bundle.interactions), format_func=html.plain,
                            key=f"{name} pool of")  # fmt: skip
        chosen = value.text_input("That is", key=f"{name} pool value", max_chars=200)
        if st.form_submit_button("Add to the pool", icon=":material/add:") and chosen.strip():
            put(side, [*getattr(recipe.pool, side), Value(of=kind, value=chosen.strip())])
            st.rerun()


def _rule(said: str, key: str, take_out: Callable[..., None], *args: Any) -> None:
    """A rule in words, with a button that takes it out."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(html.plain(capital(said)))
        st.button("", key=key, icon=":material/close:", help="Take out", type="tertiary", on_click=take_out, args=args)


def _bans(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    st.subheader("Never on it", anchor=False)
    listed(bundle, f"{name} ban", recipe.bans, lambda item: write(
        name, bans=tuple(one for one in recipe.bans if one != item)
    ))  # fmt: skip
    pick(bundle, f"{name} ban", html.Markdown("Ban"), lambda item: write(name, bans=(*recipe.bans, item)),
         recipe.bans)  # fmt: skip


def _pins(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    """Items at fixed places; a new one takes the first free place."""
    st.subheader("At a fixed place", anchor=False)
    pins = sorted(recipe.pins, key=lambda pin: pin.place)

    def moved(item: str) -> Callable[[Any], dict[str, Any]]:
        return lambda place: {"pins": [pin if pin.item != item else Pin(item=item, place=place) for pin in pins]}

    for pin in pins:
        place, words, away = st.columns([1, 4, 1], vertical_alignment="center")
        place.number_input("Place", 1, recipe.length, label_visibility="collapsed",
                           **field(name, f"pin {pin.item}", pin.place, moved(pin.item)))  # fmt: skip
        words.markdown(html.plain(title(bundle, pin.item)))
        away.button("", key=f"{name} unpin {pin.item}", icon=":material/close:", help="Take out", type="tertiary",
                    on_click=write, args=(name,),
                    kwargs={"pins": [one for one in pins if one is not pin]})  # fmt: skip
    taken = {pin.place for pin in pins}
    free = next((place for place in range(1, recipe.length + 1) if place not in taken), None)
    if free is not None:
        pick(bundle, f"{name} pin", html.Markdown(f"Pin at place {free:d}"),
             lambda item: write(name, pins=[*pins, Pin(item=item, place=free)]),
             [pin.item for pin in pins])  # fmt: skip


def _notes(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    """A sentence beside an item, which readers see."""
    st.subheader("Notes", anchor=False)

    def noted(item: str) -> Callable[[Any], dict[str, Any]]:
        return lambda note: {"notes": {one: text for one, text in {**recipe.notes, item: note}.items() if text}}

    for item, note in recipe.notes.items():
        st.text_input(html.plain(title(bundle, item)), max_chars=200, help="Empty takes it out.",
                      **field(name, f"note {item}", note, noted(item)))  # fmt: skip
    st.button("Propose notes", key=f"{name} propose", icon=":material/edit_note:", type="tertiary",
              help=f"A sentence for each of the {html.plain(bundle.words.many)} that a knob brings, to be changed.",
              on_click=_propose, args=(bundle, name, recipe))  # fmt: skip
    pick(bundle, f"{name} note", html.Markdown("Write a note on"),
         lambda item: write(name, **noted(item)("…")), list(recipe.notes))  # fmt: skip


def _propose(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    try:
        write(name, notes={**proposed_notes(bundle, recipe, store().house().rules), **recipe.notes})
    except KnobsError as error:
        st.toast(html.plain(str(error)), icon=":material/error:")


def _quotas(bundle: Bundle, name: str, recipe: ListRecipe) -> None:
    """How many rows may share a property."""
    st.subheader("How many alike", anchor=False)
    kinds = properties_of(bundle.interactions)

    def put(at: int, quota: dict[str, Any] | None) -> None:
        quotas = [one.model_dump() for one in recipe.quotas]
        write(name, quotas=[*quotas[:at], *([quota] if quota else []), *quotas[at + 1 :]])

    for at, quota in enumerate(recipe.quotas):
        _rule(str(quota), f"{name} quota {at}", put, at, None)
    with st.form(f"{name} new quota", border=False, clear_on_submit=True):
        of, value = st.columns(2)
        kind = of.selectbox("Rows of one", kinds, format_func=html.plain, key=f"{name} quota of")
        chosen = value.text_input("Of this one alone", key=f"{name} quota value", placeholder="Every one by itself")
        many, least, window = st.columns(3)
        most = many.number_input("At most", 0, LONGEST, None, key=f"{name} quota most")
        asked = least.number_input("At least", 0, LONGEST, 0, key=f"{name} quota least")
        rows = window.number_input("Within rows", 1, LONGEST, None, key=f"{name} quota window", help="Empty: all rows.")
        if st.form_submit_button("Add", icon=":material/add:"):
            said = {"of": kind, "value": chosen.strip(), "most": most, "least": asked, "window": rows}
            put(len(recipe.quotas), said)
            st.rerun()
