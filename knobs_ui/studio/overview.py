"""All recipes of the house: as documents, on a calendar, and the rules that hold over each of them."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any, NamedTuple

import pandas as pd
import plotly.express as px
import streamlit as st

from knobs_core.base import KnobsError
from knobs_core.bundles import Bundle
from knobs_core.data import genres_of
from knobs_core.lists import ListRecipe
from knobs_core.publishing import Entry
from knobs_ui import html
from knobs_ui.roles import Role, require, somebody
from knobs_ui.state import tell
from knobs_ui.studio import drafts
from knobs_ui.studio.picker import RECIPE, listed, pick
from knobs_ui.studio.room import store

STATES = {
    "draft": ":gray-badge[Draft]",
    "upcoming": ":blue-badge[Upcoming]",
    "on air": ":green-badge[On air]",
    "expired": ":orange-badge[Expired]",
    "archived": ":gray-badge[Archived]",
}
OPEN_END = timedelta(days=30)  # that a bar without an end is drawn beyond today


def recipes(bundle: Bundle) -> None:
    """The documents, the last saved first."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        archived = st.toggle("Also archived ones", key="archived too")
        if st.button("New recipe", icon=":material/add:"):
            new(bundle)
    entries = sorted(store().entries(archived), key=lambda entry: entry.at, reverse=True)
    if not entries:
        st.info("No recipe yet. A recipe says how the knobs stand and which rules hold; every reader gets a list of "
                "their own from it.", icon=":material/edit_note:")  # fmt: skip
    for entry in entries:
        _document(bundle, entry)


def _document(bundle: Bundle, entry: Entry) -> None:
    with st.container(border=True, key=f"document {entry.slug}"):
        changed = (one := drafts.drafts().get(entry.slug)) is not None and one.changed
        badge = STATES[entry.state] + (" :violet-badge[Changes in hand]" if changed else "")
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.page_link("pages/recipe.py", label=f"**{html.plain(entry.headline or entry.slug)}**",
                         query_params={RECIPE: entry.slug})  # fmt: skip
            st.markdown(badge, width="content")
        st.html(html.note(in_words(bundle, store().version(entry.slug).recipe)))
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            live = f"live: version {entry.live}" if entry.live else "never on air"
            st.html(html.note(f"Draft: version {entry.draft} by {entry.by}, {html.moment(entry.at)} · {live}"))
            back = entry.state == "archived"
            if somebody().role >= Role.CHIEF:
                st.button("Take out of the archive" if back else "Archive", key=f"archive {entry.slug}",
                          type="tertiary", on_click=_archive, args=(entry.slug, not back))  # fmt: skip


def in_words(bundle: Bundle, recipe: ListRecipe) -> str:
    """What a recipe says, in a line."""
    titled = {one.knob: bundle.knobs[one.knob].title for one in recipe.dials if one.knob in bundle.knobs}
    dials = [f"{titled.get(one.knob, one.name or one.knob)} {html.signed(one.amount)}" for one in recipe.dials]
    counts = [(len(recipe.pins), "pin"), (len(recipe.bans), "ban"), (len(recipe.quotas), "quota")]
    rules = [f"{n} {word}{'s' * (n > 1)}" for n, word in counts if n]
    return f"{', '.join([*dials, *rules]) or 'no dials yet'} · {recipe.length} {bundle.words.many} · {recipe.times}"


def _archive(name: str, archived: bool) -> None:
    try:
        store().archive(name, require(Role.CHIEF).name, archived)
    except KnobsError as error:
        tell([str(error)], ":material/error:")


@st.dialog("New recipe", icon=":material/edit_note:")
def new(bundle: Bundle, **fields: Any) -> None:
    """Begin a recipe by its headline, with some of its fields."""
    headline = st.text_input("Headline", key="new headline", placeholder="Film noir for a Christmas night",
                             max_chars=200, help="Readers see it; it can be changed later.")  # fmt: skip
    if st.button("Begin", key="begin"):
        try:
            name = drafts.begin(bundle, headline, **fields)
        except KnobsError as error:
            st.error(html.plain(str(error)), icon=":material/error:")
            return
        st.switch_page("pages/recipe.py", query_params={RECIPE: name})


class Span(NamedTuple):
    """When a live recipe is on air; None for no bound."""

    slug: str
    headline: str
    number: int
    begins: datetime | None
    ends: datetime | None

    def meets(self, other: "Span") -> bool:
        """Whether both are on air at some moment."""
        late = max((one for one in (self.begins, other.begins) if one), default=None)
        early = min((one for one in (self.ends, other.ends) if one), default=None)
        return late is None or early is None or late < early


def spans() -> list[Span]:
    """When each live recipe is on air, the earliest first."""
    found = [(entry, store().live(entry.slug)) for entry in store().entries()]
    made = [_span(entry, live.number, live.recipe) for entry, live in found if live]
    return sorted(made, key=lambda span: span.begins or datetime.min.replace(tzinfo=UTC))


def _span(entry: Entry, number: int, recipe: ListRecipe) -> Span:
    return Span(entry.slug, recipe.headline or entry.slug, number, recipe.valid_from, recipe.valid_to)


def calendar(bundle: Bundle) -> None:
    """What is live when; times in UTC, and each recipe's own zone beside it."""
    found = spans()
    if not found:
        st.info("Nothing is live. What is published appears here, with its times.", icon=":material/calendar_month:")
        return
    now = datetime.now(UTC)
    edge = [moment for span in found for moment in (span.begins, span.ends) if moment]
    first, last = min([now, *edge]) - timedelta(days=2), max([now, *edge]) + OPEN_END
    drawn = pd.DataFrame(
        {
            "Recipe": [f"{span.headline[:40]} · v{span.number}" for span in found],
            "from": [span.begins or first for span in found],
            "to": [span.ends or last for span in found],
            "state": ["always" if not span.begins and not span.ends else "with times" for span in found],
        }
    )
    figure = px.timeline(drawn, x_start="from", x_end="to", y="Recipe", color="state",
                         color_discrete_map={"always": "#2f7d9f", "with times": "#d9702f"})  # fmt: skip
    figure.add_vline(x=now, line_dash="dot")
    figure.update_yaxes(autorange="reversed", title=None)
    figure.update_layout(height=90 + 44 * len(found), margin={"t": 20, "b": 20}, legend_title=None)
    st.plotly_chart(figure, key="calendar")
    for one, other in combinations(found, 2):
        if one.meets(other) and (one.begins or one.ends) and (other.begins or other.ends):
            st.warning(f"**{html.plain(one.headline)}** and **{html.plain(other.headline)}** are on air at the same "
                       "time.", icon=":material/event_busy:")  # fmt: skip
    rows = [(span.headline, f"{span.number}", _moment(span.begins), _moment(span.ends)) for span in found]
    st.html(html.table("Live recipes, times in UTC", ("Recipe", "Version", "From", "To"), rows))


def _moment(moment: datetime | None) -> str:
    return html.moment(moment) if moment else "always"


def house(bundle: Bundle) -> None:
    """Rules that hold over every recipe, at once and also over those on air."""
    now = store().house()
    st.html(html.note("They hold over every recipe, also those on air, and win over all else a recipe says."))
    if somebody().role < Role.CHIEF:
        st.info("A chief editor changes these.", icon=":material/lock:")

    def put(**fields: object) -> None:
        try:
            rules = now.rules.model_copy(update=fields)
            store().save_house(rules, require(Role.CHIEF).name, now.number)
        except KnobsError as error:
            tell([str(error)], ":material/error:")

    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Never on any list", anchor=False)
        listed(bundle, "house ban", now.rules.bans, lambda item: put(
            bans=tuple(one for one in now.rules.bans if one != item)
        ))  # fmt: skip
        pick(bundle, "house ban", html.Markdown("Ban"), lambda item: put(bans=(*now.rules.bans, item)),
             now.rules.bans)  # fmt: skip
    with right:
        st.subheader("Genres of which nothing is listed", anchor=False)
        st.session_state["house without"] = list(now.rules.without)
        genres = sorted({*genres_of(bundle.interactions), *now.rules.without})
        st.multiselect("Without these genres", genres, format_func=html.plain, key="house without",
                       on_change=lambda: put(without=tuple(st.session_state["house without"])))  # fmt: skip
        if now.number and now.at:
            st.html(html.note(f"Version {now.number} by {now.by}, {html.moment(now.at)}."))
