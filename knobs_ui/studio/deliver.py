"""How a recipe reaches a site: the address it has, a few lines that fetch it, and the recipe as a file."""

from datetime import UTC, datetime

import streamlit as st

from knobs_core.bundles import Bundle
from knobs_core.publishing import HOURS, Keys, Timings
from knobs_ui import html
from knobs_ui.studio import drafts
from knobs_ui.studio.frame import effect_of
from knobs_ui.studio.room import store

CURL = 'curl -H "Authorization: Bearer $KNOBS_KEY" \\\n  {server}/api/v1/recipes/{name}/lists/{reader}'
PYTHON = """from knobs_core.service import Client

client = Client("{server}", key="...")
for row in client.list("{name}", "{reader}").rows:
    print(row.rank, row.title, row.reason)"""
RENDER = "knobs render {place} --recipe {name}.json --users all --out {name}.parquet"
SERVER = "http://localhost:8502"  # where ``knobs serve`` listens by default


def _keys() -> None:
    """Which programs fetch lists, and when each did last; how often is counted over all recipes."""
    known = [key for key in Keys(store().database).all() if key.revoked is None]
    rows = [(key.name, f"{key.calls:,}", html.moment(key.used) if key.used else "never") for key in known]
    if rows:
        st.html(html.table("Keys of programs", ("Key", "Calls", "Last call"), rows))
    else:
        first = "No program has a key yet; 'knobs keys create NAME' makes one."
        st.html(html.note(f"{first} Without any, the server answers this machine alone."))


def _speed(name: str) -> None:
    """How long servers took to make lists of this recipe."""
    took = Timings(store().database).of(name, datetime.now(UTC))
    if took is None:
        st.html(html.note(f"No server has made a list of it in the last {HOURS} hours."))
        return
    median, p95 = (f"{1000 * seconds:,.1f} ms" for seconds in (took.median, took.p95))
    lists = "1 list" if took.n == 1 else f"{took.n:,} lists"
    st.html(html.note(f"Servers made {lists} of it in the last {HOURS} hours. Half of the lists took at most {median}, "
                      f"95 in 100 (p95) at most {p95}."))  # fmt: skip


def deliver(bundle: Bundle, name: str) -> None:
    """The recipe for others: over HTTP, from Python, as lists in a file, and itself as a file."""
    draft = drafts.draft_of(name)
    live = store().live(name)
    if live is None:
        st.info("Nothing of it is on air: publish a version, and the addresses below answer.", icon=":material/info:")
    else:
        st.success(f"Version {live.number:d} is live, {html.plain(live.recipe.times)}.", icon=":material/podcasts:")
    known = {"server": SERVER, "name": name, "reader": bundle.interactions.user_ids[0], "place": "my-bundle"}
    st.markdown("**One reader's list over HTTP**, from a server by `knobs serve`. With `?format=feed` it is a JSON "
                "Feed, with `?format=csv` a table, with `?rules=off` the list without this recipe.")  # fmt: skip
    st.code(CURL.format(**known), language=None)
    _speed(name)
    _keys()
    st.markdown("**From Python**")
    st.code(PYTHON.format(**known), language=None)
    st.markdown("**Lists for everybody at once**, as a table with a list id to send back with clicks")
    st.code(RENDER.format(**known), language=None)
    st.markdown("**For your desk**")
    st.download_button(
        "What readers are shown, before and after", lambda: effect_of(bundle, draft).csv.encode(),
        f"{name}-preview.csv", "text/csv", icon=":material/download:", on_click="ignore",
        help="Shares of the audience, by title.",
    )  # fmt: skip
    st.download_button(
        "The recipe as a file", drafts.untold(draft.recipe).model_dump_json(indent=2, exclude_defaults=True),
        f"{name}.json", "application/json", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
